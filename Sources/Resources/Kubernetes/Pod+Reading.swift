internal import Diagnostics
internal import Documents

extension Pod: FieldReadable {
  init(_ fields: inout Fields) {
    self = fields.part("spec") { Pod(spec: &$0) } ?? Pod()
    let status = fields.part("status") { status in
      let phase = status.string("phase")
      _ = status.string("hostIP")
      return Pod(
        address: status.mainAddress(), isOver: phase == "Succeeded" || phase == "Failed",
        isReady: status.condition("Ready"))
    }
    guard let status else { return }
    (address, isOver, isReady) = (status.address, status.isOver, status.isReady)
  }

  private init(spec fields: inout Fields) {
    let ports = fields.parts("containers") { $0.parts("ports") { Port(&$0) } }
    let sidecars = fields.parts("initContainers") { container in
      let keepsRunning = container.string("restartPolicy") == "Always"
      let ports = container.parts("ports") { Port(&$0) }
      return keepsRunning ? ports : []
    }
    _ = fields.flag("hostNetwork")
    self.init(
      serviceAccountName: fields.string("serviceAccountName")
        ?? fields.string("serviceAccount"),
      nodeName: fields.string("nodeName"),
      ports: (ports + sidecars).flatMap { $0 })
  }
}

extension Pod.Port: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.string("name"), containerPort: fields.int("containerPort", .port) ?? 0,
      transport: fields.choice("protocol"))
    if !fields.has("containerPort") { fields.report(.missing("containerPort")) }
  }
}

extension Fields {
  /// The first of `podIPs`, or in older objects `podIP`.
  fileprivate mutating func mainAddress() -> String? {
    let first = parts("podIPs") { $0.text("ip") }.first { !$0.isEmpty }
    let only = string("podIP")
    return first ?? only
  }
}

extension KubernetesNode: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      addresses: fields.part("status") { status in
        status.parts("addresses") {
          Address(type: $0.text("type"), address: $0.text("address"))
        }
      } ?? [])
  }
}

extension Namespace: FieldReadable {
  init(_ fields: inout Fields) { self.init() }
}
