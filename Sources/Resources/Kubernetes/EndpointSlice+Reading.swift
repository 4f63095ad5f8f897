internal import Diagnostics
internal import Documents

extension EndpointSlice: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      addressType: fields.choice("addressType") ?? .ipv4,
      endpoints: fields.endpoints(),
      ports: fields.parts("ports") { Port(&$0) })
    if !fields.has("addressType") { fields.report(.missing("addressType")) }
  }
}

extension Fields {
  fileprivate mutating func endpoints() -> [EndpointSlice.Endpoint] {
    guard let slice = reading.shared?.slice else {
      return parts("endpoints") { EndpointSlice.Endpoint(&$0) }
    }
    let endpoints = list("endpoints", of: "mappings") { reading, node in
      slice.endpoint(node, reading) {
        Fields.read(node, reading) { fields in
          fields.allowOthers()
          return EndpointSlice.Endpoint(&fields)
        }
      }
    }
    slice.keep(endpoints)
    return endpoints
  }
}

extension EndpointSlice.Endpoint {
  fileprivate init(_ fields: inout Fields) {
    let conditions = fields.part("conditions") { conditions in
      (
        ready: conditions.bool("ready"), serving: conditions.bool("serving"),
        terminating: conditions.bool("terminating")
      )
    }
    for name in ["hostname", "nodeName", "zone"] { _ = fields.string(name) }
    let sliceNamespace = fields.reading.namespace
    self.init(
      addresses: fields.strings("addresses"),
      isReady: conditions?.ready, isServing: conditions?.serving,
      isTerminating: conditions?.terminating,
      target: fields.part("targetRef") { target in
        let (stated, name) = (target.string("namespace"), target.text("name"))
        let namespace = stated == sliceNamespace ? nil : stated
        return target.text("kind") == "Pod" ? .pod(namespace: namespace, name: name) : .other
      })
  }
}

extension EndpointSlice.Port {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"), port: fields.int("port", .uint32),
      transport: fields.choice("protocol") ?? .tcp, appProtocol: fields.string("appProtocol"))
  }
}
