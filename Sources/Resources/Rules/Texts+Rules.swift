internal import Diagnostics

/// Rules for labels, headers, ports and time that all of Istio's kinds share (istio
/// pkg/config/validation, pkg/config/labels).
enum TextRule {
  /// A label of a selector, a subset or an endpoint.
  static func label(_ key: String, _ value: String) -> Finding? {
    let parts = key.utf8.split(
      separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    let name = Array(parts[parts.count - 1])
    guard isQualifiedName(name), name.count <= 63 else { return .badLabelKey(key) }
    if parts.count == 2 {
      let prefix = parts[0]
      let labels = prefix.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard prefix.count <= 253,
        labels.allSatisfy({ isPrefixPart(Array($0)) })
      else { return .badLabelKey(key) }
    }
    let bytes = Array(value.utf8)
    return bytes.isEmpty || isQualifiedName(bytes) ? nil : .badLabelValue(value, key: key)
  }

  /// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
  private static func isQualifiedName(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }

  private static func isPrefixPart(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// A label of a selector that matches proxies.
  static func selector(_ key: String, _ value: String) -> Finding? {
    if key.isEmpty { return .emptySelectorKey() }
    return key.contains("*") || value.contains("*") ? .wildcardInSelector(key, value) : nil
  }

  static func port(_ number: Int) -> Finding? {
    (1...65535).contains(number) ? nil : .portOutOfRange(number)
  }

  /// At least a millisecond, and whole milliseconds.
  static func duration(_ duration: Duration) -> Finding? {
    duration < .milliseconds(1) ? .shortDuration() : whole(duration)
  }

  /// Whole milliseconds.
  static func whole(_ duration: Duration) -> Finding? {
    duration.components.attoseconds % 1_000_000_000_000_000 == 0 ? nil : .fineDuration()
  }

  static func percentage(_ value: Double) -> Finding? {
    value == 0 || (0.0001...100).contains(value) ? nil : .badPercentage(value)
  }

  static func percent(_ value: Int) -> Finding? {
    (0...100).contains(value) ? nil : .percentOutOfRange(value)
  }

  static func subnet(_ text: String) -> Finding? { CIDR(text) == nil ? .badSubnet(text) : nil }

  /// An absolute path to a file, or a name in Linux's abstract namespace.
  static func unixPath(_ path: Substring) -> Finding? {
    if path.hasPrefix("@") { return nil }
    return path.hasPrefix("/") && !path.hasSuffix("/") ? nil : .badUnixPath(String(path))
  }

  static func portName(_ name: String) -> Finding? {
    HostRule.isLabel(name) ? nil : .badPortName(name)
  }
}

/// Rules for headers that are matched, set, added and removed.
enum HeaderRule {
  /// A header that a match looks at, or a claim of the request's token.
  static func matched(_ name: String) -> Finding? {
    if name.isEmpty { return .emptyHeaderName() }
    if routingClaim(name) != nil || pseudo.contains(name) { return nil }
    return isToken(name) ? nil : .badHeaderName(name)
  }

  /// A header set or added on a request: of the internal ones the authority may be.
  static func setOnRequest(_ name: String) -> Finding? {
    if name.isEmpty { return .emptyHeaderName() }
    return isInternal(name) && !isAuthority(name) ? .internalHeader(name) : nil
  }

  /// A header removed, or changed in a response.
  static func changed(_ name: String) -> Finding? {
    if name.isEmpty { return .emptyHeaderName() }
    return isInternal(name) ? .internalHeader(name) : nil
  }

  static func cors(_ name: String) -> Finding? {
    if name.isEmpty { return .emptyHeaderName() }
    return name == "*" || isToken(name) ? nil : .badHeaderName(name)
  }

  static func isAuthority(_ name: String) -> Bool {
    ["host", ":authority"].contains(name.lowercased())
  }

  static func isInternal(_ name: String) -> Bool {
    name.hasPrefix(":") || name.lowercased() == "host"
  }

  private static let pseudo: Set = [":method", ":scheme", ":authority", ":path", ":status"]

  /// Letters, digits, hyphens and underscores.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
  }

  /// What no name and no value may hold; Envoy refuses a listener for it, which istiod does not see.
  static func takenByEnvoy(_ text: String) -> Finding? {
    text.utf8.contains { [0, 10, 13].contains($0) } ? .lineBreakInHeader() : nil
  }

  /// RFC 9110 §5.6.2, and the comma, which istiod lets through.
  static func isToken(_ name: String) -> Bool {
    name.utf8.allSatisfy { isAlphanumeric($0) || "!#$%&'*+,-.^_`|~".utf8.contains($0) }
  }
}

/// The claim that a header name of the form `@request.auth.claims.a.b` or `@request.auth.claims[a][b]`
/// stands for (istio pkg/jwt).
func routingClaim(_ name: String) -> [String]? {
  let prefix = "@request.auth.claims"
  guard name.lowercased().hasPrefix(prefix) else { return nil }
  let rest = name.dropFirst(prefix.count)
  if rest.hasPrefix("."), rest.utf8.count > 1 {
    return rest.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }
  guard rest.hasPrefix("["), rest.hasSuffix("]"), rest.utf8.count > 2 else { return nil }
  var claims: [String] = [""]
  var inner = rest.dropFirst().dropLast()
  while let character = inner.popFirst() {
    if character == "]", inner.first == "[" {
      inner.removeFirst()
      claims.append("")
    } else {
      claims[claims.count - 1].append(character)
    }
  }
  return claims
}
