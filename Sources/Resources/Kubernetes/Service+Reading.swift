internal import Diagnostics
internal import Documents

extension Service: FieldReadable {
  init(_ fields: inout Fields) {
    let ingress = fields.part("status") { status in
      status.part("loadBalancer") { $0.many("ingress", Ingress.self) } ?? []
    }
    self = fields.part("spec") { Service(spec: &$0) } ?? Service()
    loadBalancerIngress = ingress ?? []
  }

  private init(spec fields: inout Fields) {
    self.init(
      type: fields.choice("type") ?? .clusterIP,
      clusterIP: fields.string("clusterIP"),
      clusterIPs: fields.strings("clusterIPs"),
      externalName: fields.string("externalName"),
      externalIPs: fields.strings("externalIPs"),
      ports: fields.many("ports"),
      selector: fields.labels("selector"),
      publishNotReadyAddresses: fields.flag("publishNotReadyAddresses"),
      internalTrafficPolicy: fields.choice("internalTrafficPolicy") ?? .cluster,
      trafficDistribution: fields.string("trafficDistribution"),
      ipFamilies: fields.strings("ipFamilies"))
  }
}

extension Service.Port: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(
      name: fields.string("name"),
      port: fields.int("port", .port) ?? 0,
      targetPort: fields.value("targetPort") { $0.portReference($1) },
      transport: fields.choice("protocol") ?? .tcp,
      appProtocol: fields.string("appProtocol"),
      nodePort: fields.int("nodePort", .uint32),
      position: fields.sourcePosition)
    if !fields.has("port") { fields.report(.missing("port")) }
  }
}

extension Service.Ingress: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(ip: fields.string("ip"), hostname: fields.string("hostname"))
  }
}

extension Reading {
  fileprivate func portReference(_ node: Node) -> PortReference? {
    switch node.content {
    case .string(let name): .name(name)
    case .integer(0): nil
    case .null, .bool, .integer, .number, .sequence, .mapping:
      int(node, .port).map { .number($0) }
    }
  }
}

extension Fields {
  /// A mapping of which only some fields are read.
  mutating func part<Value>(_ key: String, _ body: (inout Fields) -> Value) -> Value? {
    one(key) { fields in
      fields.allowOthers()
      return body(&fields)
    }
  }

  /// A list of mappings of which only some fields are read.
  mutating func parts<Value>(_ key: String, _ body: (inout Fields) -> Value) -> [Value] {
    many(key) { fields in
      fields.allowOthers()
      return body(&fields)
    }
  }
}
