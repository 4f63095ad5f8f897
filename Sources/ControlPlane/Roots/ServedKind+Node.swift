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
    guard case .string(let apiVersion)? = root["apiVersion"]?.content,
      case .string(let kind)? = root["kind"]?.content
    else { return nil }
    let group = apiVersion.firstIndex(of: "/").map { String(apiVersion[..<$0]) } ?? ""
    guard let served = ServedKind.byName[Key(group: group, kind: kind)] else { return nil }
    self = served
  }
}
