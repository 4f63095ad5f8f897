internal import Documents
internal import Resources

extension ServedKind {
  private struct Key: Hashable {
    let group: String
    let kind: String
  }

  private static let byName = Dictionary(
    uniqueKeysWithValues: all.map { (Key(group: $0.group, kind: $0.kind.rawValue), $0) })

  /// The kind that an object says it is of; nil for one that is not served.
  init?(_ root: Node) {
    guard let apiVersion = root["apiVersion"]?.text(sharing: nil),
      let kind = root["kind"]?.text(sharing: nil)
    else { return nil }
    let group =
      apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(apiVersion[..<$0]) } ?? ""
    guard let served = ServedKind.byName[Key(group: group, kind: kind)] else { return nil }
    self = served
  }
}
