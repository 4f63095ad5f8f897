internal import Diagnostics
internal import Documents

/// What istiod's validation refuses a MeshConfig for (`ValidateMeshConfigProxyConfig`). What a proxy tells
/// of its own configuration is taken as it is.
extension ProxyConfig {
  init(ofMesh fields: inout Fields) {
    self.init(&fields)
    for key in ["configPath", "binaryPath", "serviceCluster", "discoveryAddress"]
    where fields.node(at: [.key(key)])?.text == "" { fields.report(.missing(key), at: .key(key)) }
    Self.checkAddresses(fields)
    for (key, port) in [("statusPort", statusPort), ("proxyAdminPort", proxyAdminPort)] {
      if let finding = TextRule.port(port) { fields.report(finding, at: .key(key)) }
    }
    if let drainDuration {
      let whole: Finding? = drainDuration.components.attoseconds == 0 ? nil : .partOfSecond()
      if let finding = TextRule.duration(drainDuration) ?? whole {
        fields.report(finding, at: "drainDuration")
      }
    }
    Self.checkKeyProvider(fields, privateKeyProvider)
    connectionSettings?.check(fields)
  }

  private static func checkAddresses(_ fields: Fields) {
    let given: [[Reading.Step]] = [
      ["discoveryAddress"], ["statsdUdpAddress"], ["envoyMetricsServiceAddress"],
      ["envoyMetricsService", "address"], ["envoyAccessLogService", "address"],
    ]
    for steps in given {
      guard let text = fields.node(at: steps)?.text, !text.isEmpty else { continue }
      if let finding = HostRule.socketAddress(text) { fields.report(finding, at: steps) }
    }
    for tracer in ["zipkin", "datadog", "lightstep"] {
      guard fields.node(at: ["tracing", .key(tracer)])?.isMapping == true else { continue }
      let steps: [Reading.Step] = ["tracing", .key(tracer), "address"]
      var address = fields.node(at: steps)?.text ?? ""
      if tracer != "lightstep" {
        address = address.replacing("$(HOST_IP)", with: "127.0.0.1", maxReplacements: 1)
      }
      if let finding = HostRule.socketAddress(address) { fields.report(finding, at: steps) }
    }
    let token: [Reading.Step] = ["tracing", "lightstep", "accessToken"]
    if fields.node(at: ["tracing", "lightstep"])?.isMapping == true,
      fields.node(at: token)?.text ?? "" == ""
    {
      fields.report(.missing("accessToken"), at: token)
    }
  }

  private static func checkKeyProvider(_ fields: Fields, _ provider: PrivateKeyProvider?) {
    guard fields.node(at: ["privateKeyProvider"])?.isMapping == true else { return }
    let delay: Duration?
    switch provider {
    case nil: return fields.report(.missing("cryptomb or qat"), at: "privateKeyProvider")
    case .cryptomb(let pollDelay, _), .qat(let pollDelay, _): delay = pollDelay
    }
    if delay ?? .zero == .zero { fields.report(.missing("pollDelay"), at: "privateKeyProvider") }
  }
}

extension ProxyConfig.ConnectionSettings {
  private static let largest = 2_147_483_647

  /// istiod's `validateConnectionSettings`.
  fileprivate func check(_ fields: Fields) {
    let numbers: [(key: String, value: Int?, lowest: Int)] = [
      ("listenerPerConnectionBufferLimitBytes", listenerPerConnectionBufferLimitBytes, 0),
      ("clusterPerConnectionBufferLimitBytes", clusterPerConnectionBufferLimitBytes, 0),
      ("httpMaxConcurrentStreams", httpMaxConcurrentStreams, 1),
      ("http2InitialStreamWindowSize", http2InitialStreamWindowSize, 65535),
      ("http2InitialConnectionWindowSize", http2InitialConnectionWindowSize, 65535),
      ("listenerConnectionLimit", listenerConnectionLimit, 1),
      ("globalDownstreamConnectionLimit", globalDownstreamConnectionLimit, 1),
    ]
    for (key, value, lowest) in numbers {
      guard let value, value < lowest else { continue }
      fields.report(
        .outOfRange(String(value), lowest: lowest, highest: Self.largest),
        at: "connectionSettings", .key(key))
    }
    let times: [(key: String, value: Duration?)] = [
      ("httpIdleTimeout", httpIdleTimeout),
      ("httpMaxConnectionDuration", httpMaxConnectionDuration),
      ("httpDrainTimeout", httpDrainTimeout), ("httpRequestTimeout", httpRequestTimeout),
      ("httpRequestHeadersTimeout", httpRequestHeadersTimeout),
      ("httpStreamIdleTimeout", httpStreamIdleTimeout),
      ("httpMaxStreamDuration", httpMaxStreamDuration),
    ]
    for (key, value) in times {
      guard let value, value < .zero else { continue }
      fields.report(.negativeDuration(), at: "connectionSettings", .key(key))
    }
  }
}
