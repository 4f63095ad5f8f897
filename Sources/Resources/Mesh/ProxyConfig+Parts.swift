extension ProxyConfig {
  /// The host of the control plane, whole, in a cluster's domain; nil where it is not said.
  package func discoveryHost(inDomain domain: String) -> String? {
    guard let host = discoveryAddress?.split(separator: ":").first else { return nil }
    return host.hasSuffix(domain) ? String(host) : "\(host).\(domain)"
  }
}

extension ProxyConfig {
  /// Limits and time-outs of the connections a proxy takes.
  package struct ConnectionSettings: Hashable, Sendable {
    package var profile: Profile
    package var listenerPerConnectionBufferLimitBytes: Int?
    package var clusterPerConnectionBufferLimitBytes: Int?
    package var httpIdleTimeout: Duration?
    package var httpMaxConnectionDuration: Duration?
    package var httpDrainTimeout: Duration?
    package var httpRequestTimeout: Duration?
    package var httpRequestHeadersTimeout: Duration?
    package var httpStreamIdleTimeout: Duration?
    package var httpMaxStreamDuration: Duration?
    package var httpMaxConcurrentStreams: Int?
    package var http2InitialStreamWindowSize: Int?
    package var http2InitialConnectionWindowSize: Int?
    package var httpHeadersWithUnderscoresAction: UnderscoresAction
    package var httpMergeSlashes: Bool?
    package var httpPathWithEscapedSlashesAction: EscapedSlashesAction
    package var listenerConnectionLimit: Int?
    package var globalDownstreamConnectionLimit: Int?

    package init(
      profile: Profile = .sidecar, listenerPerConnectionBufferLimitBytes: Int? = nil,
      clusterPerConnectionBufferLimitBytes: Int? = nil, httpIdleTimeout: Duration? = nil,
      httpMaxConnectionDuration: Duration? = nil, httpDrainTimeout: Duration? = nil,
      httpRequestTimeout: Duration? = nil, httpRequestHeadersTimeout: Duration? = nil,
      httpStreamIdleTimeout: Duration? = nil, httpMaxStreamDuration: Duration? = nil,
      httpMaxConcurrentStreams: Int? = nil, http2InitialStreamWindowSize: Int? = nil,
      http2InitialConnectionWindowSize: Int? = nil,
      httpHeadersWithUnderscoresAction: UnderscoresAction = .unspecified,
      httpMergeSlashes: Bool? = nil,
      httpPathWithEscapedSlashesAction: EscapedSlashesAction = .unspecified,
      listenerConnectionLimit: Int? = nil, globalDownstreamConnectionLimit: Int? = nil
    ) {
      self.profile = profile
      self.listenerPerConnectionBufferLimitBytes = listenerPerConnectionBufferLimitBytes
      self.clusterPerConnectionBufferLimitBytes = clusterPerConnectionBufferLimitBytes
      self.httpIdleTimeout = httpIdleTimeout
      self.httpMaxConnectionDuration = httpMaxConnectionDuration
      self.httpDrainTimeout = httpDrainTimeout
      self.httpRequestTimeout = httpRequestTimeout
      self.httpRequestHeadersTimeout = httpRequestHeadersTimeout
      self.httpStreamIdleTimeout = httpStreamIdleTimeout
      self.httpMaxStreamDuration = httpMaxStreamDuration
      self.httpMaxConcurrentStreams = httpMaxConcurrentStreams
      self.http2InitialStreamWindowSize = http2InitialStreamWindowSize
      self.http2InitialConnectionWindowSize = http2InitialConnectionWindowSize
      self.httpHeadersWithUnderscoresAction = httpHeadersWithUnderscoresAction
      self.httpMergeSlashes = httpMergeSlashes
      self.httpPathWithEscapedSlashesAction = httpPathWithEscapedSlashesAction
      self.listenerConnectionLimit = listenerConnectionLimit
      self.globalDownstreamConnectionLimit = globalDownstreamConnectionLimit
    }

    package enum Profile: String, CaseIterable, Sendable {
      case sidecar = "SIDECAR"
      case edge = "EDGE"
    }

    package enum UnderscoresAction: String, CaseIterable, Sendable {
      case unspecified = "HEADERS_WITH_UNDERSCORES_UNSPECIFIED"
      case allow = "HEADERS_WITH_UNDERSCORES_ALLOW"
      case rejectRequest = "HEADERS_WITH_UNDERSCORES_REJECT_REQUEST"
      case dropHeader = "HEADERS_WITH_UNDERSCORES_DROP_HEADER"
    }

    package enum EscapedSlashesAction: String, CaseIterable, Sendable {
      case unspecified = "PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED"
      case keepUnchanged = "KEEP_UNCHANGED"
      case rejectRequest = "REJECT_REQUEST"
      case unescapeAndRedirect = "UNESCAPE_AND_REDIRECT"
      case unescapeAndForward = "UNESCAPE_AND_FORWARD"
    }
  }

  package struct Tracing: Hashable, Sendable {
    /// Percent of the requests; 0 is istiod's default.
    package var sampling: Double
    package var maxPathTagLength: Int
    /// Sorted by name.
    package var customTags: [Named<TracingTag>]
    package var enableIstioTags: Bool?
    package var tlsSettings: ClientTLSSettings?

    package init(
      sampling: Double = 0, maxPathTagLength: Int = 0, customTags: [Named<TracingTag>] = [],
      enableIstioTags: Bool? = nil, tlsSettings: ClientTLSSettings? = nil
    ) {
      self.sampling = sampling
      self.maxPathTagLength = maxPathTagLength
      self.customTags = customTags
      self.enableIstioTags = enableIstioTags
      self.tlsSettings = tlsSettings
    }
  }
}
