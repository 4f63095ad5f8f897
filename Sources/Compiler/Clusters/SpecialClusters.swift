internal import EnvoyAPI
internal import Mesh

/// Clusters that no service stands behind.
enum SpecialCluster {
  /// Requests to it are answered 503 at once.
  static func blackHole(_ settings: ClusterSettings) -> Envoy.Cluster {
    .init(
      name: ClusterName.blackHole.text, altStatName: ClusterName.blackHole.text + ";",
      clusterDiscoveryType: .type(.static), connectTimeout: settings.connectTimeout)
  }

  /// A socket beside the proxy that serves secrets named `sds://…`.
  static func externalSecrets(_ settings: ClusterSettings) -> Envoy.Cluster {
    .init(
      name: ClusterName.externalSecrets.text, altStatName: ClusterName.externalSecrets.text + ";",
      clusterDiscoveryType: .type(.static), connectTimeout: settings.connectTimeout,
      loadAssignment: .init(
        clusterName: ClusterName.externalSecrets.text,
        endpoints: [
          .init(lbEndpoints: [
            .init(
              hostIdentifier: .endpoint(
                .init(
                  address: .init(
                    address: .pipe(.init(path: "./var/run/secrets/credential-uds/socket"))))))
          ])
        ]),
      typedExtensionProtocolOptions: [
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": .pack(
          Envoy.ClusterHttpProtocolOptions(
            upstreamProtocolOptions: .explicitHttpConfig(
              .init(protocolConfig: .http2ProtocolOptions(.init())))))
      ])
  }
}

extension ClusterName {
  static let externalSecrets = ClusterName.fixed("sds-external")
}
