internal import Diagnostics
internal import Documents

extension EndpointSlice: FieldReadable {
  init(_ fields: inout Fields) {
    self = fields.sliceWithoutEndpoints()
    endpoints = fields.endpoints()
  }

  fileprivate init(withoutEndpoints fields: inout Fields) {
    self.init(
      addressType: fields.choice("addressType") ?? .ipv4,
      ports: fields.parts("ports") { Port(&$0) })
    if !fields.has("addressType") { fields.report(.missing("addressType")) }
  }
}

extension Fields {
  fileprivate mutating func sliceWithoutEndpoints() -> EndpointSlice {
    guard let slice = reading.shared?.slice, let root = node(at: []) else {
      return EndpointSlice(withoutEndpoints: &self)
    }
    if let known = slice.rest(of: root) { return known }
    let said = reading.saidCount
    let read = EndpointSlice(withoutEndpoints: &self)
    if reading.saidCount == said { slice.keep(rest: read, of: root) }
    return read
  }

  fileprivate mutating func endpoints() -> [EndpointSlice.Endpoint] {
    guard let slice = reading.shared?.slice else {
      return parts("endpoints") { EndpointSlice.Endpoint(&$0) }
    }
    let endpoints = list("endpoints", of: "mappings") { slice.endpoint($1, $0) }
    slice.keep(endpoints)
    return endpoints
  }
}

extension SliceReading {
  /// The endpoint that stands there, read as far as it is not known.
  func endpoint(_ node: Node, _ reading: Reading) -> EndpointSlice.Endpoint? {
    endpoint(node, reading) {
      Fields.read(node, reading) { fields in
        fields.allowOthers()
        return EndpointSlice.Endpoint(&fields)
      }
    } conditions: { known in
      _ = Fields.read(node, reading) { fields in
        fields.allowOthers()
        known.takeConditions(&fields)
      }
    }
  }
}

extension EndpointSlice.Endpoint {
  fileprivate init(_ fields: inout Fields) {
    for name in ["hostname", "nodeName", "zone"] { _ = fields.string(name) }
    let sliceNamespace = fields.reading.namespace
    self.init(
      addresses: fields.strings("addresses"),
      target: fields.part("targetRef") { target in
        let (stated, name) = (target.string("namespace"), target.text("name"))
        let namespace = stated == sliceNamespace ? nil : stated
        return target.text("kind") == "Pod" ? .pod(namespace: namespace, name: name) : .other
      })
    takeConditions(&fields)
  }

  fileprivate mutating func takeConditions(_ fields: inout Fields) {
    let conditions = fields.part("conditions") { conditions in
      (
        ready: conditions.bool("ready"), serving: conditions.bool("serving"),
        terminating: conditions.bool("terminating")
      )
    }
    isReady = conditions?.ready
    isServing = conditions?.serving
    isTerminating = conditions?.terminating
  }
}

extension EndpointSlice.Port {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"), port: fields.int("port", .uint32),
      transport: fields.choice("protocol") ?? .tcp, appProtocol: fields.string("appProtocol"))
  }
}
