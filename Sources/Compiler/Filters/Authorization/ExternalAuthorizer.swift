internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A provider of MeshConfig that is asked whether a request or connection may pass (istiod's
/// `pilot/pkg/security/authz/builder/extauthz.go`).
struct ExternalAuthorizer {
  let name: String
  let service: BackendService
  private let settings: Settings
  private let statusOnError: Envoy.StatusCode?

  private enum Settings {
    case http(ExtensionProvider.ExternalAuthorizationHTTP)
    case grpc(ExtensionProvider.ExternalAuthorizationGRPC)
  }

  /// Nil where there is no such provider, or more than one of the name, or it cannot be asked: its
  /// service is not there, or Envoy would refuse its settings, and the listener with them.
  init?(named name: String, _ model: MeshModel) {
    let settings = model.store.meshConfig.extensionProviders.compactMap { provider in
      provider.name == name ? Self.settings(provider) : nil
    }
    guard settings.count == 1, ExtensionProvider.isAuthorizerName(name) else { return nil }
    let (backend, status) =
      switch settings[0] {
      case .http(let http): (http.isUsable ? http.backend : nil, http.statusOnError)
      case .grpc(let grpc): (grpc.isUsable ? grpc.backend : nil, grpc.statusOnError)
      }
    guard let service = backend.flatMap({ BackendService($0, model) }) else { return nil }
    let code = status.flatMap { Int32($0) }.flatMap(Envoy.StatusCode.init)
    guard status == nil || (code != nil && code != .empty) else { return nil }
    self.name = name
    self.service = service
    self.settings = settings[0]
    statusOnError = code
  }

  private static func settings(_ provider: ExtensionProvider) -> Settings? {
    switch provider.provider {
    case .envoyExtAuthzHttp(let http): .http(http)
    case .envoyExtAuthzGrpc(let grpc): .grpc(grpc)
    case .zipkin, .lightstep, .datadog, .stackdriver, .opencensus, .skywalking, .opentelemetry,
      .prometheus, .envoyFileAccessLog, .envoyHttpAls, .envoyTcpAls, .envoyOtelAls, .sds:
      nil
    }
  }

  /// Asked about requests that the filter before it found to fit a policy with such a name.
  func http(policiesPrefixed prefix: String) -> Envoy.ExtAuthz {
    switch settings {
    case .http(let http):
      Envoy.ExtAuthz(
        services: .httpService(httpService(http)),
        transportApiVersion: .v3,
        failureModeAllow: http.failOpen,
        withRequestBody: http.includeRequestBodyInCheck.map(Envoy.BufferSettings.init),
        statusOnError: statusOnError.map { .init(code: $0) },
        filterEnabledMetadata: .fits("envoy.filters.http.rbac", policiesPrefixed: prefix),
        allowedHeaders: .init(http.includeRequestHeadersInCheck))
    case .grpc(let grpc):
      Envoy.ExtAuthz(
        services: .grpcService(grpcService(grpc)),
        transportApiVersion: .v3,
        failureModeAllow: grpc.failOpen,
        withRequestBody: grpc.includeRequestBodyInCheck.map(Envoy.BufferSettings.init),
        statusOnError: statusOnError.map { .init(code: $0) },
        filterEnabledMetadata: .fits("envoy.filters.http.rbac", policiesPrefixed: prefix))
    }
  }

  /// Asked about connections; nil for a provider that speaks HTTP and so can judge requests only.
  func network(policiesPrefixed prefix: String) -> Envoy.NetworkExtAuthz? {
    switch settings {
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
      targetSpecifier: .envoyGrpc(service.grpc), timeout: grpc.timeout ?? Self.defaultTimeout)
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
        uri: "http://\(service.host)", httpUpstreamType: .cluster(service.cluster.text),
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
