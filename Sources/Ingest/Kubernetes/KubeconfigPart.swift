internal import Diagnostics
internal import Documents

/// A mapping somewhere in a kubeconfig, which names itself in what it complains about.
struct KubeconfigPart {
  let node: Node
  let path: String
  let field: String

  func error(_ name: String, _ problem: String) -> AccessError {
    AccessError(path, field.isEmpty ? name : "\(field).\(name)", problem)
  }

  func place(_ name: String) -> Place {
    (node[name]?.position ?? node.position).place(in: path)
  }

  /// Relative paths count from the kubeconfig's own folder.
  func resolved(_ file: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }

  /// Nil where it is not set, or empty.
  func text(_ name: String) throws(AccessError) -> String? {
    switch node[name]?.content {
    case nil, .null, .string(""): return nil
    case .string(let text): return text
    default: throw error(name, "is \(node[name]?.kindName ?? "") and should be a string")
    }
  }

  func needed(_ name: String) throws(AccessError) -> String {
    guard let text = try text(name) else { throw error(name, "is not set") }
    return text
  }

  func flag(_ name: String) throws(AccessError) -> Bool {
    switch node[name]?.content {
    case nil, .null: return false
    case .bool(let value): return value
    default: throw error(name, "is \(node[name]?.kindName ?? "") and should be true or false")
    }
  }

  func part(_ name: String) throws(AccessError) -> KubeconfigPart? {
    guard let value = node[name], value.content != .null else { return nil }
    guard case .mapping = value.content else {
      throw error(name, "is \(value.kindName) and should be a mapping")
    }
    return KubeconfigPart(node: value, path: path, field: field.isEmpty ? name : "\(field).\(name)")
  }

  func parts(_ name: String) throws(AccessError) -> [KubeconfigPart] {
    try items(name).enumerated().map { (index, item) throws(AccessError) in
      let place = "\(field.isEmpty ? "" : "\(field).")\(name)[\(index)]"
      guard case .mapping = item.content else {
        throw AccessError(path, place, "is \(item.kindName) and should be a mapping")
      }
      return KubeconfigPart(node: item, path: path, field: place)
    }
  }

  func texts(_ name: String) throws(AccessError) -> [String] {
    try items(name).map { item throws(AccessError) in
      guard case .string(let text) = item.content else {
        throw error(name, "holds \(item.kindName) and should hold strings")
      }
      return text
    }
  }

  private func items(_ name: String) throws(AccessError) -> [Node] {
    switch node[name]?.content {
    case nil, .null: return []
    case .sequence(let items): return items
    default: throw error(name, "is \(node[name]?.kindName ?? "") and should be a list")
    }
  }

  /// The named entry of one of the file's three lists.
  func named(
    _ wanted: String, in list: String, _ content: String, by reference: String
  ) throws(AccessError) -> KubeconfigPart {
    let entries = try parts(list)
    for entry in entries where try entry.text("name") == wanted {
      guard let found = try entry.part(content) else { throw entry.error(content, "is not set") }
      return found
    }
    let names = entries.compactMap { $0.node["name"]?.text }.sorted().joined(separator: ", ")
    throw AccessError(
      path, list,
      "none is named \"\(wanted)\", which \(reference) names; there is \(names.isEmpty ? "none" : names)"
    )
  }

  /// The bytes of `NAME-data`, in base64, or of the file that `NAME` names.
  func contents(_ name: String) throws(AccessError) -> [UInt8]? {
    if let inline = try decoded("\(name)-data") { return inline }
    guard let file = try text(name) else { return nil }
    return try FileText.bytes(of: resolved(file))
  }

  func decoded(_ name: String) throws(AccessError) -> [UInt8]? {
    guard let text = try text(name) else { return nil }
    guard let bytes = decodeBase64(text) else { throw error(name, "is not base64") }
    return bytes
  }

  /// What an exec plugin may know of the cluster (client.authentication.k8s.io, Cluster).
  var json: String {
    var entries: [Node.Entry] = []
    for name in [
      "server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data",
      "proxy-url",
    ] {
      if let value = node[name] { entries.append(.init(key: name, value: value.withoutPositions)) }
    }
    return Node(.mapping(entries)).json()
  }
}
