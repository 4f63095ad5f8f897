internal import Diagnostics
internal import Documents

extension LoadBalancerSettings: FieldReadable {
  init(_ fields: inout Fields) {
    let simple = fields.choice("simple", Simple.self)
    let hash = fields.one("consistentHash", ConsistentHash.self)
    if simple != nil, hash != nil { fields.report(.exclusive(["simple", "consistentHash"])) }
    self.init(
      policy: simple.map { .simple($0) } ?? hash.map { .consistentHash($0) },
      localityLbSetting: fields.one("localityLbSetting"),
      zoneAwareLbSetting: fields.one("zoneAwareLbSetting"),
      warmupDurationSecs: fields.duration("warmupDurationSecs"),
      warmup: fields.one("warmup"))
    if localityLbSetting != nil, zoneAwareLbSetting != nil {
      fields.report(.exclusive(["localityLbSetting", "zoneAwareLbSetting"]))
    }
  }

  /// Endpoints must be found failing before others can be failed over to.
  func checkFailover(_ fields: inout Fields, hasOutlierDetection: Bool) {
    guard !hasOutlierDetection else { return }
    if let setting = localityLbSetting,
      !setting.failover.isEmpty || !setting.failoverPriority.isEmpty
    {
      fields.report(.failoverWithoutOutlierDetection(), at: "loadBalancer", "localityLbSetting")
    }
    if let setting = zoneAwareLbSetting,
      !setting.failover.isEmpty || !setting.failoverPriority.isEmpty
    {
      fields.report(.failoverWithoutOutlierDetection(), at: "loadBalancer", "zoneAwareLbSetting")
    }
  }
}

extension LoadBalancerSettings.ConsistentHash: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      key: Key(&fields), algorithm: Algorithm(&fields),
      minimumRingSize: fields.int("minimumRingSize", .uint64) ?? 0)
    if minimumRingSize != 0 {
      fields.report(
        .deprecated("minimumRingSize", instead: "ringHash.minimumRingSize"), at: "minimumRingSize")
      if algorithm != nil {
        fields.report(.exclusive(["minimumRingSize", "ringHash or maglev"]))
      }
    }
  }
}

extension LoadBalancerSettings.ConsistentHash.Key {
  fileprivate init?(_ fields: inout Fields) {
    let header = fields.presentString("httpHeaderName")
    let cookie = fields.one("httpCookie", LoadBalancerSettings.HTTPCookie.self)
    let source = fields.bool("useSourceIp")
    let parameter = fields.presentString("httpQueryParameterName")
    let given = ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"]
      .filter { fields.has($0) }
    if given.count > 1 { fields.report(.exclusive(given)) }
    let key: Self? =
      header.map { .httpHeaderName($0) } ?? cookie.map { .httpCookie($0) }
      ?? source.map { .useSourceIP($0) } ?? parameter.map { .httpQueryParameterName($0) }
    guard let key else { return nil }
    self = key
  }
}

extension LoadBalancerSettings.ConsistentHash.Algorithm {
  fileprivate init?(_ fields: inout Fields) {
    let ring = fields.one("ringHash") { $0.int("minimumRingSize", .uint64) ?? 0 }
    let table = fields.one("maglev") { fields in
      let size = fields.int("tableSize", .uint64) ?? 0
      if let finding = Self.finding(tableSize: size) { fields.report(finding, at: "tableSize") }
      return size
    }
    if ring != nil, table != nil { fields.report(.exclusive(["ringHash", "maglev"])) }
    if let ring {
      self = .ringHash(minimumRingSize: ring)
    } else if let table {
      self = .maglev(tableSize: table)
    } else {
      return nil
    }
  }

  private static func finding(tableSize size: Int) -> Finding? {
    guard size > 0 else { return .missing("tableSize") }
    return size < 5_000_011 && isPrime(size) ? nil : .badTableSize(size)
  }

  /// As Envoy tells primes; it counts 1 as one.
  private static func isPrime(_ number: Int) -> Bool {
    if number < 4 { return true }
    if number % 2 == 0 { return false }
    return !stride(from: 3, through: 2237, by: 2).contains { $0 * $0 <= number && number % $0 == 0 }
  }
}

extension LoadBalancerSettings.HTTPCookie: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name"), path: fields.string("path"), ttl: fields.duration("ttl"),
      attributes: fields.many("attributes") {
        Named(name: $0.text("name"), value: $0.text("value"))
      })
    if name.isEmpty { fields.report(.missing("name")) }
    var names: Set<String> = []
    for (index, attribute) in attributes.enumerated() {
      if attribute.name.isEmpty {
        fields.report(.missing("name"), at: "attributes", .index(index))
      } else if !names.insert(attribute.name).inserted {
        fields.report(.duplicateAttribute(attribute.name), at: "attributes", .index(index))
      }
    }
  }
}

extension LoadBalancerSettings.WarmupConfiguration: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      duration: fields.duration("duration", check: TextRule.duration),
      minimumPercent: fields.double("minimumPercent"),
      aggression: fields.double("aggression"))
    if !fields.has("duration") { fields.report(.missing("duration")) }
    if let minimumPercent, minimumPercent > 100 {
      fields.report(.percentageOutOfRange(minimumPercent), at: "minimumPercent")
    }
    if let aggression, aggression <= 0 {
      fields.report(.notPositive(aggression), at: "aggression")
    }
  }
}
