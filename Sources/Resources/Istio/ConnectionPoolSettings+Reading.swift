internal import Diagnostics
internal import Documents

extension ConnectionPoolSettings: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(tcp: fields.one("tcp"), http: fields.one("http"))
    if !fields.has("tcp"), !fields.has("http") { fields.report(.emptyConnectionPool()) }
  }
}

extension ConnectionPoolSettings.TCPSettings: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      maxConnections: fields.limit("maxConnections"),
      connectTimeout: fields.duration("connectTimeout", check: TextRule.duration),
      tcpKeepalive: fields.one("tcpKeepalive"),
      maxConnectionDuration: fields.duration("maxConnectionDuration", check: TextRule.duration),
      idleTimeout: fields.duration("idleTimeout") {
        // Less than a millisecond is none at all, and allowed.
        (.milliseconds(-1) + .nanoseconds(1)...(.milliseconds(1) - .nanoseconds(1))).contains($0)
          ? nil : TextRule.duration($0)
      })
  }
}

extension TCPKeepalive: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      probes: fields.int("probes", .uint32) ?? 0,
      time: fields.duration("time", check: TextRule.duration),
      interval: fields.duration("interval", check: TextRule.duration))
  }
}

extension ConnectionPoolSettings.HTTPSettings: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      http1MaxPendingRequests: fields.limit("http1MaxPendingRequests"),
      http2MaxRequests: fields.limit("http2MaxRequests"),
      maxRequestsPerConnection: fields.limit("maxRequestsPerConnection"),
      maxRetries: fields.limit("maxRetries"),
      idleTimeout: fields.duration("idleTimeout", check: TextRule.duration),
      h2UpgradePolicy: fields.choice("h2UpgradePolicy") ?? .default,
      useClientProtocol: fields.flag("useClientProtocol"),
      maxConcurrentStreams: fields.limit("maxConcurrentStreams"),
      http2KeepAlive: fields.one("http2KeepAlive"))
    if h2UpgradePolicy == .upgrade, useClientProtocol {
      fields.report(.exclusive(["h2UpgradePolicy: UPGRADE", "useClientProtocol"]))
    }
  }
}

extension ConnectionPoolSettings.HTTP2KeepAlive: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      interval: fields.duration("interval", check: TextRule.duration),
      timeout: fields.duration("timeout", check: TextRule.duration))
    for name in ["interval", "timeout"] where !fields.has(name) {
      fields.report(.missing(name))
    }
  }
}

extension Fields {
  /// A limit of a connection pool; 0 leaves it at its default.
  fileprivate mutating func limit(_ key: String) -> Int {
    let limit = int(key, .int32) ?? 0
    if limit < 0 { report(.negative(limit), at: .key(key)) }
    return limit
  }
}
