internal import EnvoyAPI
internal import Mesh
internal import Resources

/// What ProxyConfig.connectionSettings says of the connections a proxy takes, with the EDGE profile's
/// values where a router has that profile and says nothing else.
struct ConnectionLimits {
  private let settings: ProxyConfig.ConnectionSettings?
  private let isEdge: Bool
  private let idleTimeoutOfNode: Duration?

  /// Unlike the rest of ProxyConfig, this falls back to the mesh's default.
  init(_ traits: ProxyTraits, _ mesh: MeshConfig) {
    settings =
      traits.metadata.proxyConfig?.connectionSettings ?? mesh.defaultConfig.connectionSettings
    isEdge = settings?.profile == .edge && traits.type == .router
    idleTimeoutOfNode = traits.metadata.idleTimeout
  }

  /// A negative amount is none.
  private func amount(_ value: Int?) -> UInt32? { value.flatMap(UInt32.init(exactly:)) }

  private func edge<Value>(_ value: Value) -> Value? { isEdge ? value : nil }

  var bufferBytes: UInt32? {
    amount(settings?.listenerPerConnectionBufferLimitBytes ?? edge(32768))
  }
  var idleTimeout: Duration? {
    settings?.httpIdleTimeout ?? edge(.seconds(3600)) ?? idleTimeoutOfNode
  }
  var streamIdleTimeout: Duration {
    settings?.httpStreamIdleTimeout ?? edge(.seconds(300)) ?? .zero
  }
  var requestTimeout: Duration? { settings?.httpRequestTimeout ?? edge(.seconds(300)) }
  var requestHeadersTimeout: Duration? {
    settings?.httpRequestHeadersTimeout ?? edge(.seconds(60))
  }
  var drainTimeout: Duration? { settings?.httpDrainTimeout }
  var mergeSlashes: Bool? { settings?.httpMergeSlashes ?? edge(true) }

  var escapedSlashes: Envoy.HttpConnectionManager.PathWithEscapedSlashesAction? {
    switch settings?.httpPathWithEscapedSlashesAction {
    case .keepUnchanged: .keepUnchanged
    case .rejectRequest: .rejectRequest
    case .unescapeAndRedirect: .unescapeAndRedirect
    case .unescapeAndForward: .unescapeAndForward
    case .unspecified, nil: edge(.unescapeAndRedirect)
    }
  }

  private var underscores: Envoy.HttpProtocolOptions.HeadersWithUnderscoresAction {
    switch settings?.httpHeadersWithUnderscoresAction {
    case .allow: .allow
    case .rejectRequest: .rejectRequest
    case .dropHeader: .dropHeader
    case .unspecified, nil: isEdge ? .rejectRequest : .allow
    }
  }

  private var saysUnderscores: Bool {
    isEdge || settings.map { $0.httpHeadersWithUnderscoresAction != .unspecified } ?? false
  }

  var commonOptions: Envoy.HttpProtocolOptions? {
    guard
      idleTimeout != nil || settings?.httpMaxConnectionDuration != nil
        || settings?.httpMaxStreamDuration != nil || saysUnderscores
    else { return nil }
    return Envoy.HttpProtocolOptions(
      idleTimeout: idleTimeout,
      maxConnectionDuration: settings?.httpMaxConnectionDuration,
      maxStreamDuration: settings?.httpMaxStreamDuration,
      headersWithUnderscoresAction: underscores)
  }

  var http2Options: Envoy.Http2ProtocolOptions? {
    let streams = settings?.httpMaxConcurrentStreams ?? edge(100)
    let streamWindow = settings?.http2InitialStreamWindowSize ?? edge(65536)
    let connectionWindow = settings?.http2InitialConnectionWindowSize ?? edge(1_048_576)
    guard streams != nil || streamWindow != nil || connectionWindow != nil else { return nil }
    return Envoy.Http2ProtocolOptions(
      maxConcurrentStreams: amount(streams), initialStreamWindowSize: amount(streamWindow),
      initialConnectionWindowSize: amount(connectionWindow))
  }
}
