internal import Diagnostics

/// Rules for names of hosts, as istiod's validation has them (istio pkg/config/validation/agent).
enum HostRule {
  /// `[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?`, at most 63 bytes.
  static func isLabel(_ text: some StringProtocol) -> Bool { isLabel(Array(text.utf8)[...]) }

  private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
    guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// A label, `*`, or a label after `*` or `*-`.
  private static func isWildcardLabel(_ label: ArraySlice<UInt8>) -> Bool {
    guard label.first == UInt8(ascii: "*") else { return isLabel(label) }
    guard label.count <= 63 else { return false }
    let rest = label.dropFirst()
    if rest.isEmpty { return true }
    return isLabel(rest.first == UInt8(ascii: "-") ? rest.dropFirst() : rest)
  }

  private static func length(_ name: String) -> Finding? {
    if name.isEmpty { return .emptyHost() }
    return name.utf8.count > 255 ? .longHost(name) : nil
  }

  /// A name without wildcards; one dot at the end is allowed.
  static func fullName(_ name: String) -> Finding? {
    length(name) ?? labels(of: Array(name.utf8)[...], in: name)
  }

  /// Labels, the last of which may be empty.
  static func trustDomain(_ name: String) -> Finding? {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let named = labels.count > 1 && labels.last == "" ? labels.dropLast() : labels[...]
    return named.allSatisfy { isLabel($0) } ? nil : .badTrustDomain(name)
  }

  /// `host:port`, an IPv6 address in brackets.
  static func socketAddress(_ text: String) -> Finding? {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port)
    else { return .notHostAndPort(text) }
    let written = text[..<colon]
    let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
    let host = String(isBracketed ? written.dropFirst().dropLast() : written)
    guard isBracketed || !host.contains(":"), fullName(host) == nil || IPAddress(host) != nil
    else { return .notHostAndPort(text) }
    return nil
  }

  /// A name whose first label may be a wildcard or start with one.
  static func wildcardName(_ name: String) -> Finding? {
    if let finding = length(name) { return finding }
    let bytes = Array(name.utf8)
    let first = bytes.prefix { $0 != UInt8(ascii: ".") }
    guard isWildcardLabel(first) else { return .badHost(name, label: text(first)) }
    return first.count == bytes.count
      ? nil : labels(of: bytes[(first.endIndex + 1)...], in: name)
  }

  /// A wildcard name, or one of the names that istiod gives to SNI-routed clusters:
  /// `outbound_.<port>_._.<host>`.
  static func gatewayBoundName(_ name: String, allowingGenerated: Bool) -> Finding? {
    guard allowingGenerated, name.hasPrefix("outbound_") else { return wildcardName(name) }
    if let finding = length(name) { return finding }
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[1].contains(where: \.isNumber),
      parts[3].contains(where: { $0.isASCII && $0.isLetter })
    else { return .badGeneratedHost(name) }
    return nil
  }

  /// `[namespace/]name` of a Gateway's server.
  static func serverHost(_ text: String) -> Finding? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return serverName(text) }
    if parts[0].isEmpty || parts[1].isEmpty { return .emptyPartOfHost(text) }
    guard parts[0] == "*" || parts[0] == "." || isLabel(parts[0]) else {
      return .badNamespaceOfHost(text, namespace: String(parts[0]))
    }
    return serverName(String(parts[1]))
  }

  /// `namespace/name` of a Sidecar's egress, the namespace left out with `~` before it.
  static func egressHost(_ text: String) -> Finding? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return .hostWithoutNamespace(text) }
    if parts[0].isEmpty || parts[1].isEmpty { return .emptyPartOfHost(text) }
    let namespace = parts[0].hasPrefix("~") ? parts[0].dropFirst() : parts[0]
    guard ["", "*", "."].contains(namespace) || isLabel(namespace) else {
      return .badNamespaceOfEgress(text, namespace: String(parts[0]))
    }
    let name = String(parts[1])
    if name != "*", !name.contains(".") { return .shortEgressHost(name) }
    return wildcardName(name) ?? partialWildcard(name)
  }

  private static func serverName(_ name: String) -> Finding? {
    if name != "*", !name.contains(".") { return .shortHost(name) }
    if let finding = wildcardName(name), IPAddress(name) == nil { return finding }
    return partialWildcard(name)
  }

  /// `*foo.com` or `*-a.foo.com`, which Gateways do not take and ServiceEntries warn of.
  static func partialWildcard(_ name: String) -> Finding? {
    guard name.contains("*"), name.utf8.count > 1, !name.hasPrefix("*.") else { return nil }
    return .partialWildcard(name)
  }

  private static func labels(of bytes: ArraySlice<UInt8>, in name: String) -> Finding? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if let last = parts.last, isNumber(last) { return .numericTopLevel(name, label: text(last)) }
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, part.isEmpty { return nil }
      if !isLabel(part) { return .badHost(name, label: text(part)) }
    }
    return nil
  }

  private static func isNumber(_ label: ArraySlice<UInt8>) -> Bool {
    let digits =
      label.first == UInt8(ascii: "-") || label.first == UInt8(ascii: "+")
      ? label.dropFirst() : label
    return !digits.isEmpty && digits.allSatisfy { (48...57).contains($0) }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
  (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
}

extension HostRule {
  /// Whether two names, with or without a leading wildcard, have a host in common.
  static func overlap(_ a: String, _ b: String) -> Bool {
    let (x, y) = (Array(a.utf8), Array(b.utf8))
    let star = UInt8(ascii: "*")
    switch (x.first == star, y.first == star) {
    case (true, true):
      return x.count < y.count
        ? ends(y.dropFirst(), with: x.dropFirst()) : ends(x.dropFirst(), with: y.dropFirst())
    case (true, false): return ends(y[...], with: x.dropFirst())
    case (false, true): return ends(x[...], with: y.dropFirst())
    case (false, false): return x == y
    }
  }

  /// Whether every host that `a` names is named by `b`.
  static func isSubset(_ a: String, of b: String) -> Bool {
    let (x, y) = (Array(a.utf8), Array(b.utf8))
    let star = UInt8(ascii: "*")
    switch (x.first == star, y.first == star) {
    case (true, true): return x.count >= y.count && ends(x.dropFirst(), with: y.dropFirst())
    case (true, false): return false
    case (false, true): return ends(x[...], with: y.dropFirst())
    case (false, false): return x == y
    }
  }

  private static func ends(_ text: ArraySlice<UInt8>, with suffix: ArraySlice<UInt8>) -> Bool {
    text.suffix(suffix.count) == suffix && text.count >= suffix.count
  }
}
