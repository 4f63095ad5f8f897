internal import EnvoyAPI
internal import Mesh
internal import Resources

/// The filters that ask a provider (istiod's `pilot/pkg/security/authz/builder/extauthz.go`).
struct ExternalAuthorizer {
  let authorizer: Authorizer

  var name: String { authorizer.name }
  var cluster: ClusterName {
    .outbound(port: authorizer.settings.backend.port, host: authorizer.service.host)
  }

  /// Asked about requests that the filter before it found to fit a policy with such a name.
  func http(policiesPrefixed prefix: String) -> Envoy.ExtAuthz {
    switch authorizer.settings {
    case .http(let http):
      Envoy.ExtAuthz(
        services: .httpService(httpService(http)),
        transportApiVersion: .v3,
        failureModeAllow: http.failOpen,
        withRequestBody: http.includeRequestBodyInCheck.map(Envoy.BufferSettings.init),
        statusOnError: .init(http.statusOnError),
        filterEnabledMetadata: .fits("envoy.filters.http.rbac", policiesPrefixed: prefix),
        allowedHeaders: .init(http.includeRequestHeadersInCheck))
    case .grpc(let grpc):
      Envoy.ExtAuthz(
        services: .grpcService(grpcService(grpc)),
        transportApiVersion: .v3,
        failureModeAllow: grpc.failOpen,
        withRequestBody: grpc.includeRequestBodyInCheck.map(Envoy.BufferSettings.init),
        statusOnError: .init(grpc.statusOnError),
        filterEnabledMetadata: .fits("envoy.filters.http.rbac", policiesPrefixed: prefix))
    }
  }

  /// Asked about connections; nil for a provider that speaks HTTP and so can judge requests only.
  func network(policiesPrefixed prefix: String) -> Envoy.NetworkExtAuthz? {
    switch authorizer.settings {
    case .http: nil
    case .grpc(let grpc):
      Envoy.NetworkExtAuthz(
        statPrefix: "tcp.",
        grpcService: grpcService(grpc),
        failureModeAllow: grpc.failOpen,
        transportApiVersion: .v3,
        filterEnabledMetadata: .fits("envoy.filters.network.rbac", policiesPrefixed: prefix))
    }
  }

  private static let defaultTimeout = Duration.seconds(600)

  private func grpcService(_ grpc: ExtensionProvider.ExternalAuthorizationGRPC) -> Envoy.GrpcService
  {
    .init(
      targetSpecifier: .envoyGrpc(
        .init(clusterName: cluster.text, authority: authorizer.service.host)),
      timeout: grpc.timeout ?? Self.defaultTimeout)
  }

  private func httpService(
    _ http: ExtensionProvider.ExternalAuthorizationHTTP
  ) -> Envoy.ExtAuthzHttpService {
    let added = http.includeAdditionalHeadersInCheck
    let responses = [
      http.headersToUpstreamOnAllow, http.headersToDownstreamOnDeny,
      http.headersToDownstreamOnAllow,
    ].map { Envoy.ListStringMatcher($0) }
    return .init(
      serverUri: .init(
        uri: "http://\(authorizer.service.host)", httpUpstreamType: .cluster(cluster.text),
        timeout: http.timeout ?? Self.defaultTimeout),
      pathPrefix: http.pathPrefix ?? "",
      authorizationRequest: added.isEmpty
        ? nil : .init(headersToAdd: added.map { .init(key: $0.name, value: $0.value) }),
      authorizationResponse: responses.allSatisfy { $0 == nil }
        ? nil
        : .init(
          allowedUpstreamHeaders: responses[0], allowedClientHeaders: responses[1],
          allowedClientHeadersOnSuccess: responses[2]))
  }
}

extension Envoy.HttpStatus {
  /// Nil for none, and for one that there is not: such a provider is not asked.
  fileprivate init?(_ code: Int?) {
    guard let code, let status = Envoy.StatusCode(rawValue: Int32(clamping: code)) else {
      return nil
    }
    self.init(code: status)
  }
}

extension Envoy.BufferSettings {
  fileprivate init(_ body: ExtensionProvider.RequestBody) {
    self.init(
      maxRequestBytes: UInt32(clamping: body.maxRequestBytes),
      allowPartialMessage: body.allowPartialMessage, packAsBytes: body.packAsBytes)
  }
}

extension Envoy.ListStringMatcher {
  /// Names of headers, in any case; nil where there are none.
  fileprivate init?(_ names: [String]) {
    guard !names.isEmpty else { return nil }
    self.init(patterns: names.map { Envoy.StringMatcher(TextPattern($0), ignoringCase: true) })
  }
}

extension Envoy.MetadataMatcher {
  /// The filter found that a policy whose name begins so fits.
  fileprivate static func fits(_ filter: String, policiesPrefixed prefix: String) -> Self {
    .init(
      filter: filter,
      path: [.init(segment: .key("istio_ext_authz_shadow_effective_policy_id"))],
      value: .init(matchPattern: .stringMatch(.init(matchPattern: .prefix(prefix)))))
  }
}
