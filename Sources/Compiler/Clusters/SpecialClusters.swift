internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Clusters that no service stands behind.
enum SpecialCluster {
  /// Requests to it are answered 503 at once.
  static func blackHole(_ settings: ClusterSettings) -> Envoy.Cluster {
    .init(
      name: ClusterName.blackHole.text, altStatName: ClusterName.blackHole.text + ";",
      clusterDiscoveryType: .type(.static), connectTimeout: settings.connectTimeout)
  }

  /// A server of WebAssembly modules, found by name. Who it is is not checked: a module is taken for
  /// its checksum, whoever sent it.
  static func extensionHost(
    _ name: ClusterName, _ host: String, _ port: Int, usesTLS: Bool, _ settings: ClusterSettings
  ) -> Envoy.Cluster {
    .init(
      name: name.text, clusterDiscoveryType: .type(.logicalDns),
      connectTimeout: settings.connectTimeout,
      loadAssignment: .init(
        clusterName: name.text,
        endpoints: [
          .init(lbEndpoints: [
            .init(hostIdentifier: .endpoint(.init(address: .socket(host, port))))
          ])
        ]),
      transportSocket: usesTLS
        ? .init(
          name: "envoy.transport_sockets.tls",
          configType: .typedConfig(.pack(Envoy.UpstreamTlsContext(sni: host)))) : nil)
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
  static func extensionHost(_ address: WebAddress) -> ClusterName {
    .extensionHost(address.host, port: address.port, usesTLS: address.usesTLS)
  }

  static let externalSecrets = ClusterName.fixed("sds-external")
}
