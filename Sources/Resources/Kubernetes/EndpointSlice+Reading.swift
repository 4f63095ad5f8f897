internal import Diagnostics
internal import Documents

extension EndpointSlice: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      addressType: fields.choice("addressType") ?? .ipv4,
      endpoints: fields.parts("endpoints") { Endpoint(&$0) },
      ports: fields.parts("ports") { Port(&$0) })
    if !fields.has("addressType") { fields.report(.missing("addressType")) }
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
    self.init(
      addresses: fields.strings("addresses"),
      isReady: conditions?.ready, isServing: conditions?.serving,
      isTerminating: conditions?.terminating,
      hostname: fields.string("hostname"),
      nodeName: fields.string("nodeName"),
      zone: fields.string("zone"),
      target: fields.part("targetRef") {
        EndpointSlice.Target(
          kind: $0.text("kind"), namespace: $0.string("namespace"), name: $0.text("name"))
      },
      position: fields.sourcePosition)
  }
}

extension EndpointSlice.Port {
  fileprivate init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"), port: fields.int("port", .uint32),
      transport: fields.choice("protocol") ?? .tcp, appProtocol: fields.string("appProtocol"))
  }
}
