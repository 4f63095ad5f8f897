internal import Diagnostics
internal import Documents

extension Destination: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      host: fields.text("host") {
        $0 == "*" ? .everyHostAsDestination() : HostRule.wildcardName($0)
      },
      subset: fields.string("subset") {
        $0.isEmpty || HostRule.isLabel($0) ? nil : .badSubsetName($0)
      },
      port: fields.one("port") { $0.portNumber() },
      position: fields.sourcePosition)
    if !fields.has("host") { fields.report(.missing("host")) }
  }

  static let nowhere = Destination(host: "")
}

extension Fields {
  /// The `number` of a port selector.
  mutating func portNumber() -> Int {
    let number = int("number", .uint32) ?? 0
    if let finding = TextRule.port(number) { report(finding, at: "number") }
    return number
  }

  /// The `destination` that a route must have.
  mutating func destination() -> Destination {
    if let destination = one("destination", Destination.self) { return destination }
    if !has("destination") { report(.missing("destination")) }
    return .nowhere
  }

  mutating func weight() -> Int {
    let weight = int("weight", .int32) ?? 0
    if weight < 0 { report(.negative(weight), at: "weight") }
    return weight
  }

  func checkWeights(_ weights: [Int]) {
    // istiod adds them up in 32 bits.
    let sum = weights.reduce(Int32(0)) { $0 &+ Int32(truncatingIfNeeded: $1) }
    if weights.count > 1, sum == 0 { report(.weightsWithoutSum(), at: "route") }
  }
}

extension RouteDestination: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(destination: fields.destination(), weight: fields.weight())
  }
}

extension TLSRoute: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      matches: fields.many("match"), route: fields.many("route"),
      position: fields.sourcePosition)
    if matches.isEmpty { fields.report(.tlsRouteWithoutMatch(), at: "match") }
    if route.isEmpty { fields.report(.missing("route")) }
    fields.checkWeights(route.map(\.weight))
  }
}

extension TLSMatchAttributes: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      sniHosts: fields.strings("sniHosts"),
      destinationSubnets: fields.strings("destinationSubnets", check: TextRule.subnet),
      port: fields.matchedPort(),
      sourceLabels: fields.labels("sourceLabels", check: TextRule.label),
      gateways: fields.gateways("gateways"),
      sourceNamespace: fields.string("sourceNamespace"),
      position: fields.sourcePosition)
    if sniHosts.isEmpty { fields.report(.tlsMatchWithoutServerNames(), at: "sniHosts") }
  }
}

extension TCPRoute: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      matches: fields.many("match"), route: fields.many("route"),
      position: fields.sourcePosition)
    if route.isEmpty { fields.report(.missing("route")) }
    fields.checkWeights(route.map(\.weight))
  }
}

extension L4MatchAttributes: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      destinationSubnets: fields.strings("destinationSubnets", check: TextRule.subnet),
      port: fields.matchedPort(),
      sourceSubnet: fields.string("sourceSubnet"),
      sourceLabels: fields.labels("sourceLabels", check: TextRule.label),
      gateways: fields.withoutWarningsOfIstiod { $0.gateways("gateways") },
      sourceNamespace: fields.string("sourceNamespace"),
      position: fields.sourcePosition)
  }
}
