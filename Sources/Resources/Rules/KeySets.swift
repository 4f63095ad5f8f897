internal import Diagnostics
internal import Documents

/// Rules for JSON Web Key Sets (RFC 7517) and where they are fetched from (istio
/// pkg/config/security and the jwx library that istiod parses keys with).
enum KeySetRule {
  enum Judgement: Equatable {
    case problem(String)
    /// A key set; which of its keys are private ones.
    case keys(privateOnes: [Int])
  }

  /// A set, or one key that stands for a set of itself.
  static func keys(in text: [UInt8]) -> Judgement {
    guard let root = JSONReader()?.tree(of: text, named: "jwks").root else {
      return .problem("it is not JSON")
    }
    guard case .mapping = root.content else {
      return .problem("it is \(root.kindName), not an object with keys")
    }
    guard let list = root["keys"] else {
      if let problem = problem(of: root) { return .problem(problem) }
      return .keys(privateOnes: isPrivate(root) ? [0] : [])
    }
    guard case .sequence(let keys) = list.content else {
      return list.content == .null
        ? .keys(privateOnes: []) : .problem("\"keys\" is \(list.kindName), not a list")
    }
    for (index, key) in keys.enumerated() {
      if let problem = problem(of: key) { return .problem("key \(index): \(problem)") }
    }
    return .keys(privateOnes: keys.indices.filter { isPrivate(keys[$0]) })
  }

  private static func isPrivate(_ key: Node) -> Bool {
    key["d"] != nil || key["kty"]?.text == "oct"
  }

  /// What a key lacks, or has of the wrong kind.
  private static func problem(of key: Node) -> String? {
    guard case .mapping(let members) = key.content else {
      return "it is \(key.kindName), not an object"
    }
    guard let type = key["kty"]?.text, let required = parameters[type] else {
      return "its kty is none of \(parameters.keys.sorted().joined(separator: ", "))"
    }
    for member in members {
      switch member.key {
      case "alg", "crv", "kid", "use", "x5t", "x5t#S256", "x5u":
        if member.value.text == nil, member.value.content != .null {
          return "its \(member.key) is not a string"
        }
      case "key_ops", "x5c":
        guard case .sequence(let items) = member.value.content,
          items.allSatisfy({ $0.text != nil })
        else { return "its \(member.key) is not a list of strings" }
      case let name where binary[type]?.contains(name) == true:
        guard let text = member.value.text, bytes(text) != nil else {
          return "its \(name) is not base64"
        }
      default: break
      }
    }
    let isPrivate = type != "oct" && key["d"] != nil
    return (required + (isPrivate ? ["d"] : [])).first { key[$0] == nil }.map {
      "it has no \($0)"
    }
  }

  /// What a public key of each type must have (RFC 7518 §6, RFC 8037 §2).
  private static let parameters = [
    "RSA": ["e", "n"], "EC": ["crv", "x", "y"], "OKP": ["crv", "x"], "oct": ["k"],
  ]

  /// The parameters that are numbers or bytes.
  private static let binary: [String: Set<String>] = [
    "RSA": ["e", "n", "d", "p", "q", "dp", "dq", "qi"], "EC": ["x", "y", "d"],
    "OKP": ["x", "d"], "oct": ["k"],
  ]

  /// Base64 or base64url, but not both, padded or not, with line breaks or without.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.filter { !"\r\n".utf8.contains($0) }
    let isForURLs = digits.contains { "-_".utf8.contains($0) }
    guard !isForURLs || !digits.contains(where: { "+/".utf8.contains($0) }) else { return nil }
    let standard = digits.map { byte -> Character in
      switch byte {
      case UInt8(ascii: "-"): "+"
      case UInt8(ascii: "_"): "/"
      default: Character(UnicodeScalar(byte))
      }
    }
    let padding =
      standard.last == "=" ? "" : String(repeating: "=", count: (4 - standard.count % 4) % 4)
    return decodeBase64(String(standard) + padding)
  }

  /// An address that Go's `url.Parse` reads, of http or https.
  static func uri(_ text: String) -> Finding? {
    let bytes = Array(text.utf8)
    if text.isEmpty { return nil }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      ["http", "https"].contains(String(decoding: bytes[..<colon], as: UTF8.self).lowercased())
    else { return .keySetScheme(text) }
    let rest = bytes[(colon + 1)...]
    guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f }), hasWholeEscapes(bytes) else {
      return .badKeySetURI(text)
    }
    guard rest.starts(with: "//".utf8) else { return nil }
    let authority = rest.dropFirst(2).prefix { !"/?#".utf8.contains($0) }
    let host = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] }
    return isHostAndPort(host ?? authority) ? nil : .badKeySetURI(text)
  }

  private static func hasWholeEscapes(_ bytes: [UInt8]) -> Bool {
    bytes.indices.allSatisfy { index in
      bytes[index] != UInt8(ascii: "%")
        || (index + 2 < bytes.count
          && bytes[(index + 1)...(index + 2)].allSatisfy { Character(UnicodeScalar($0)).isHexDigit })
    }
  }

  private static func isHostAndPort(_ text: ArraySlice<UInt8>) -> Bool {
    guard !text.contains(where: { "{}|\\^`%".utf8.contains($0) }) else { return false }
    var after = text[text.endIndex...]
    if text.first == UInt8(ascii: "[") {
      guard let end = text.lastIndex(of: UInt8(ascii: "]")) else { return false }
      after = text[(end + 1)...]
    } else if let colon = text.lastIndex(of: UInt8(ascii: ":")) {
      after = text[colon...]
    }
    return after.isEmpty
      || (after.first == UInt8(ascii: ":")
        && after.dropFirst().allSatisfy { (48...57).contains($0) })
  }
}

/// A set of keys that was fetched: what a server answered, once it is known to be one.
package enum FetchedKeySet {
  /// What is wrong with an answer that should be a key set; nil where it is one. Envoy skips single
  /// keys that it cannot use.
  package static func problem(in answer: [UInt8]) -> String? {
    guard let root = JSONReader()?.tree(of: answer, named: "jwks").root else {
      return "text that is not JSON"
    }
    guard case .mapping = root.content else { return "\(root.kindName), not an object with keys" }
    guard let keys = root["keys"] else { return "an object without \"keys\"" }
    guard case .sequence = keys.content else { return "an object whose \"keys\" is no list" }
    return EnvoyKeys.canUse(root) ? nil : "keys none of which Envoy can use"
  }

  /// Whether two sets hold the same keys, in whatever order: some issuers shuffle theirs, and gateways
  /// would be sent a listener for it.
  package static func isSame(_ a: String, _ b: String) -> Bool {
    a == b || (keys(of: a).map { $0 == keys(of: b) } ?? false)
  }

  private static func keys(of text: String) -> [String]? {
    guard let root = JSONReader()?.tree(of: Array(text.utf8), named: "jwks").root,
      case .sequence(let keys)? = root["keys"]?.content
    else { return nil }
    return keys.map { $0.sortedByKey.json() }.sorted()
  }

  /// Where the keys of an issuer are, by its OpenID configuration; nil where that does not say.
  package static func location(inConfiguration answer: [UInt8]) -> String? {
    guard let root = JSONReader()?.tree(of: answer, named: "openid-configuration").root,
      let uri = root["jwks_uri"]?.text, KeySetRule.uri(uri) == nil, !uri.isEmpty
    else { return nil }
    return uri
  }
}

extension Node {
  /// The tree with the entries of its mappings in the order of their keys.
  fileprivate var sortedByKey: Node {
    switch content {
    case .mapping(let entries):
      Node(
        .mapping(
          entries.map { Entry(key: $0.key, value: $0.value.sortedByKey) }
            .sorted { $0.key < $1.key }))
    case .sequence(let items): Node(.sequence(items.map(\.sortedByKey)))
    case .null, .bool, .integer, .number, .string: self
    }
  }
}
