internal import Diagnostics
internal import Documents

extension PeerAuthentication: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      attachment: PolicyAttachment(
        selector: fields.selector("selector", labels: "matchLabels")),
      mode: fields.one("mtls") { $0.peerMode() } ?? nil,
      portModes: fields.portModes())
    guard attachment.selector?.isEmpty ?? true else { return }
    if attachment.selector != nil { fields.report(.emptySelector(), at: "selector") }
    if !portModes.isEmpty { fields.report(.portModesWithoutSelector(), at: "portLevelMtls") }
  }
}

extension Fields {
  /// `mode` of one setting; UNSET is the same as none.
  fileprivate mutating func peerMode() -> PeerAuthentication.Mode? {
    enum Written: String, CaseIterable {
      case unset = "UNSET"
      case disable = "DISABLE"
      case permissive = "PERMISSIVE"
      case strict = "STRICT"
    }
    return choice("mode", Written.self).flatMap { PeerAuthentication.Mode(rawValue: $0.rawValue) }
  }

  fileprivate mutating func portModes() -> [Int: PeerAuthentication.Mode?] {
    let modes = entries("portLevelMtls") { reading, key, node -> PeerAuthentication.Mode?? in
      if let finding = Int(key).map(TextRule.port) ?? .badPortKey(key) {
        reading.report(finding, at: [], position: node.position)
      }
      return Fields.read(node, reading) { $0.peerMode() }
    }
    if value("portLevelMtls", { _, node in node.content == .mapping([]) }) == true {
      report(.emptyPortModes(), at: "portLevelMtls")
    }
    return Dictionary(
      modes.compactMap { mode in Int(mode.name).map { ($0, mode.value) } },
      uniquingKeysWith: { first, _ in first })
  }
}
