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
    guard let bytes = Base64Text.bytes(of: text) else { throw error(name, "is not base64") }
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

/// Base64 as kubeconfigs and credentials have it (RFC 4648 §4), line ends left out.
enum Base64Text {
  static func bytes(of text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      let value: UInt32
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a")) + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0")) + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
      default: return nil
      }
      guard padding == 0 else { return nil }
      bits = bits << 6 | value
      count += 1
      if count % 4 == 0 {
        bytes += [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
        bits = 0
      }
    }
    guard (count + padding) % 4 == 0, padding <= 2 else { return nil }
    switch count % 4 {
    case 2: bytes.append(UInt8(bits >> 4 & 0xFF))
    case 3: bytes += [UInt8(bits >> 10 & 0xFF), UInt8(bits >> 2 & 0xFF)]
    case 1: return nil
    default: break
    }
    return bytes
  }
}
