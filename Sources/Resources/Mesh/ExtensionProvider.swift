/// A service outside the mesh's own that policies name: authorizers, tracers, logs, metrics, secrets.
package struct ExtensionProvider: Hashable, Sendable {
  package var name: String
  package var provider: Provider

  package init(name: String, provider: Provider) {
    self.name = name
    self.provider = provider
  }

  package enum Provider: Hashable, Sendable {
    case envoyExtAuthzHttp(ExternalAuthorizationHTTP)
    case envoyExtAuthzGrpc(ExternalAuthorizationGRPC)
    case zipkin(Zipkin)
    case lightstep
    case datadog(Datadog)
    case stackdriver
    case opencensus
    case skywalking(SkyWalking)
    case opentelemetry(OpenTelemetry)
    case prometheus
    case envoyFileAccessLog(FileAccessLog)
    case envoyHttpAls(GRPCAccessLog)
    case envoyTcpAls(GRPCAccessLog)
    case envoyOtelAls(OpenTelemetryAccessLog)
    case sds(SDS)
  }

  /// The providers that istiod knows without being told.
  package static let builtIn: [ExtensionProvider] = [
    ExtensionProvider(name: "prometheus", provider: .prometheus),
    ExtensionProvider(name: "stackdriver", provider: .stackdriver),
    ExtensionProvider(
      name: "envoy", provider: .envoyFileAccessLog(FileAccessLog(path: "/dev/stdout"))),
  ]

  /// A port of a service, written `namespace/host` or as the host alone.
  package struct Backend: Hashable, Sendable {
    /// Nil where the host alone must tell which service is meant.
    package var namespace: String?
    package var host: String
    package var port: Int

    package init(namespace: String? = nil, host: String, port: Int) {
      self.namespace = namespace
      self.host = host
      self.port = port
    }
  }

  package struct RequestBody: Hashable, Sendable {
    package var maxRequestBytes: Int
    package var allowPartialMessage: Bool
    package var packAsBytes: Bool

    package init(
      maxRequestBytes: Int = 0, allowPartialMessage: Bool = false, packAsBytes: Bool = false
    ) {
      self.maxRequestBytes = maxRequestBytes
      self.allowPartialMessage = allowPartialMessage
      self.packAsBytes = packAsBytes
    }
  }

  package struct ExternalAuthorizationHTTP: Hashable, Sendable {
    package var backend: Backend
    package var timeout: Duration?
    package var pathPrefix: String?
    package var failOpen: Bool
    package var clearRouteCache: Bool
    /// Zero for text that is no number.
    package var statusOnError: Int?
    /// `includeRequestHeadersInCheck`, or where it is empty the deprecated `includeHeadersInCheck`.
    package var includeRequestHeadersInCheck: [String]
    /// Sorted by name.
    package var includeAdditionalHeadersInCheck: [Named<String>]
    package var includeRequestBodyInCheck: RequestBody?
    package var headersToUpstreamOnAllow: [String]
    package var headersToDownstreamOnDeny: [String]
    package var headersToDownstreamOnAllow: [String]

    package init(
      backend: Backend, timeout: Duration? = nil, pathPrefix: String? = nil,
      failOpen: Bool = false, clearRouteCache: Bool = false, statusOnError: Int? = nil,
      includeRequestHeadersInCheck: [String] = [],
      includeAdditionalHeadersInCheck: [Named<String>] = [],
      includeRequestBodyInCheck: RequestBody? = nil, headersToUpstreamOnAllow: [String] = [],
      headersToDownstreamOnDeny: [String] = [], headersToDownstreamOnAllow: [String] = []
    ) {
      self.backend = backend
      self.timeout = timeout
      self.pathPrefix = pathPrefix
      self.failOpen = failOpen
      self.clearRouteCache = clearRouteCache
      self.statusOnError = statusOnError
      self.includeRequestHeadersInCheck = includeRequestHeadersInCheck
      self.includeAdditionalHeadersInCheck = includeAdditionalHeadersInCheck
      self.includeRequestBodyInCheck = includeRequestBodyInCheck
      self.headersToUpstreamOnAllow = headersToUpstreamOnAllow
      self.headersToDownstreamOnDeny = headersToDownstreamOnDeny
      self.headersToDownstreamOnAllow = headersToDownstreamOnAllow
    }
  }

  package struct ExternalAuthorizationGRPC: Hashable, Sendable {
    package var backend: Backend
    package var timeout: Duration?
    package var failOpen: Bool
    package var clearRouteCache: Bool
    /// Zero for text that is no number.
    package var statusOnError: Int?
    package var includeRequestBodyInCheck: RequestBody?

    package init(
      backend: Backend, timeout: Duration? = nil, failOpen: Bool = false,
      clearRouteCache: Bool = false, statusOnError: Int? = nil,
      includeRequestBodyInCheck: RequestBody? = nil
    ) {
      self.backend = backend
      self.timeout = timeout
      self.failOpen = failOpen
      self.clearRouteCache = clearRouteCache
      self.statusOnError = statusOnError
      self.includeRequestBodyInCheck = includeRequestBodyInCheck
    }
  }

  package struct SDS: Hashable, Sendable {
    package var name: String?
    package var backend: Backend

    package init(name: String? = nil, backend: Backend) {
      self.name = name
      self.backend = backend
    }
  }
}
