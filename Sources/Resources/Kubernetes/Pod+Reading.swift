internal import Diagnostics
internal import Documents

extension Pod: FieldReadable {
  init(_ fields: inout Fields) {
    self = fields.part("spec") { Pod(spec: &$0) } ?? Pod()
    let status = fields.part("status") { status in
      Pod(
        phase: status.string("phase"), podIPs: status.addresses(),
        hostIP: status.string("hostIP"), isReady: status.condition("Ready"))
    }
    guard let status else { return }
    (phase, podIPs, hostIP) = (status.phase, status.podIPs, status.hostIP)
    self.isReady = status.isReady
  }

  private init(spec fields: inout Fields) {
    let ports = fields.parts("containers") { $0.parts("ports") { Port(&$0) } }
    let sidecars = fields.parts("initContainers") { container in
      let keepsRunning = container.string("restartPolicy") == "Always"
      let ports = container.parts("ports") { Port(&$0) }
      return keepsRunning ? ports : []
    }
    self.init(
      serviceAccountName: fields.string("serviceAccountName")
        ?? fields.string("serviceAccount"),
      nodeName: fields.string("nodeName"),
      hostNetwork: fields.flag("hostNetwork"),
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
  /// `podIPs`, or in older objects `podIP` alone.
  fileprivate mutating func addresses() -> [String] {
    let several = parts("podIPs") { $0.text("ip") }.filter { !$0.isEmpty }
    let one = string("podIP")
    return several.isEmpty ? one.map { [$0] } ?? [] : several
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
