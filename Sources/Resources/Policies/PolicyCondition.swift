internal import Diagnostics

/// One entry of a rule's `when`: a key, and the values it may and may not have.
enum PolicyCondition {
  case peer(PeerTest)
  case request(RequestTest)
  /// Reported; the object is refused.
  case misread

  var peer: PeerTest? { if case .peer(let test) = self { test } else { nil } }
  var request: RequestTest? { if case .request(let test) = self { test } else { nil } }

  init(_ fields: inout Fields, isCustom: Bool) {
    let key = fields.text("key")
    let attribute = Attribute(key)
    func check(_ text: String) -> Finding? {
      text.isEmpty ? .emptyPolicyValue() : attribute?.finding(for: text)
    }
    let values = Membership(
      anyOf: fields.strings("values", check: check),
      noneOf: fields.strings("notValues", check: check))
    if key.isEmpty {
      fields.report(.missing("key"))
    } else if !fields.isGiven("values"), !fields.isGiven("notValues") {
      fields.report(.conditionWithoutValues(key))
    } else if attribute == nil {
      fields.report(Attribute.finding(forKey: key), at: "key")
    } else if attribute?.isUnanswerable == true {
      fields.report(.unanswerableCondition(key), at: "key")
    }
    if isCustom, Attribute.isNotOfCustomAction(key) {
      fields.report(.notOfCustomAction(key), at: "key")
    }
    if case .serviceAccount? = attribute {
      for name in ["values", "notValues"]
      where fields.isGiven(.key(name), .index(PolicyRule.mostServiceAccounts)) {
        fields.report(.tooManyValues(most: PolicyRule.mostServiceAccounts), at: .key(name))
      }
    }
    self = attribute?.condition(values, namespace: fields.reading.namespace) ?? .misread
  }

  /// What a key stands for.
  fileprivate enum Attribute {
    case sourceIP, remoteIP, sourceNamespace, serviceAccount, principal, trustDomain
    case requestPrincipal
    /// Nil where the brackets do not pair up.
    case header(String?)
    case claim([String]?)
    case destinationIP, destinationPort, serverName
    case filterMetadata(filter: String, key: String)
  }
}

extension PolicyCondition.Attribute {
  private static let names: [(name: String, attribute: Self)] = [
    ("source.ip", .sourceIP), ("remote.ip", .remoteIP), ("source.namespace", .sourceNamespace),
    ("source.serviceAccount", .serviceAccount), ("source.principal", .principal),
    ("source.trustDomain", .trustDomain), ("request.auth.principal", .requestPrincipal),
    ("request.auth.audiences", .claim(["aud"])), ("request.auth.presenter", .claim(["azp"])),
    ("destination.ip", .destinationIP), ("destination.port", .destinationPort),
    ("connection.sni", .serverName),
  ]
  private static let header = "request.headers"
  private static let claim = "request.auth.claims"
  private static let filter = "experimental.envoy.filters."

  /// Nil for a key that validation refuses.
  fileprivate init?(_ key: String) {
    if let known = Self.names.first(where: { $0.name == key }) {
      self = known.attribute
    } else if !Self.isMapKey(key) {
      return nil
    } else if key.hasPrefix(Self.header) {
      self = .header(bracketed(key.dropFirst(Self.header.count)))
    } else if key.hasPrefix(Self.claim) {
      self = .claim(bracketedParts(key.dropFirst(Self.claim.count)))
    } else if key.hasPrefix(Self.filter) {
      let parts = key.dropFirst("experimental.".count).dropLast().split(
        separator: "[", maxSplits: 1, omittingEmptySubsequences: false)
      self = .filterMetadata(filter: String(parts[0]), key: String(parts[1]))
    } else {
      return nil
    }
  }

  /// `a[b]`
  private static func isMapKey(_ key: String) -> Bool {
    guard key.hasSuffix("]"), let open = key.utf8.firstIndex(of: UInt8(ascii: "[")) else {
      return false
    }
    let offset = key.utf8.distance(from: key.startIndex, to: open)
    return offset > 0 && offset < key.utf8.count - 2
  }

  fileprivate static func finding(forKey key: String) -> Finding {
    if [header, claim, filter].contains(where: { key.hasPrefix($0) }) { return .badMapKey(key) }
    if key == "destination.namespace" {
      return .attributeReplaced(key, by: "the namespace of the policy")
    }
    if key.hasPrefix("destination.labels") {
      return .attributeReplaced(key, by: "the selector of the policy")
    }
    return .unknownAttribute(
      key, known: names.map(\.name) + [header + "[…]", claim + "[…]", filter + "…[…]"])
  }

  fileprivate static func isNotOfCustomAction(_ key: String) -> Bool {
    key.hasPrefix("request.auth.")
      || [
        "source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal",
      ].contains(key)
  }

  fileprivate var isUnanswerable: Bool {
    switch self {
    case .header(nil), .claim(nil): true
    case .header, .claim, .sourceIP, .remoteIP, .sourceNamespace, .serviceAccount, .principal,
      .trustDomain, .requestPrincipal, .destinationIP, .destinationPort, .serverName,
      .filterMetadata:
      false
    }
  }

  fileprivate func finding(for value: String) -> Finding? {
    switch self {
    case .sourceIP, .remoteIP, .destinationIP: TextRule.subnet(value)
    case .destinationPort: PolicyRule.port(value)
    case .serviceAccount: PolicyRule.serviceAccount(value)
    case .trustDomain: PolicyRule.wildcard(value)
    case .sourceNamespace, .principal, .requestPrincipal, .header, .claim, .serverName,
      .filterMetadata:
      nil
    }
  }

  fileprivate func condition(
    _ values: Membership<String>, namespace: String
  ) -> PolicyCondition {
    let patterns = values.map { TextPattern($0) }
    return switch self {
    case .sourceIP: .peer(.addresses(values.map { CIDR($0) }))
    case .remoteIP: .peer(.remoteAddresses(values.map { CIDR($0) }))
    case .sourceNamespace: .peer(.namespaces(values.map { WildcardText($0) }))
    case .serviceAccount:
      .peer(.serviceAccounts(values.map { ServiceAccountName($0, in: namespace) }))
    case .principal: .peer(.principals(patterns))
    case .trustDomain: .peer(.trustDomains(patterns))
    case .requestPrincipal: .peer(.requestPrincipals(values.map { RequestPrincipal($0) }))
    case .header(let name): .peer(name.map { .header($0, patterns) } ?? .unanswerable)
    case .claim(let path): .peer(path.map { .claim($0, patterns) } ?? .unanswerable)
    case .destinationIP: .request(.destinations(values.map { CIDR($0) }))
    case .destinationPort: .request(.ports(values.map { Int($0) }))
    case .serverName: .request(.serverNames(patterns))
    case .filterMetadata(let filter, let key):
      .request(.metadata(filter: filter, key: key, values.map { MetadataPattern($0) }))
    }
  }
}

/// The name in `[name]`; nil where that is not the form, or no header can have the name, which Envoy
/// would refuse.
private func bracketed(_ text: Substring) -> String? {
  guard text.utf8.count >= 2, text.hasPrefix("["), text.hasSuffix("]") else { return nil }
  let name = text.dropFirst().dropLast()
  return name.isEmpty || name.utf8.contains { $0 == 0 || $0 == 10 || $0 == 13 }
    ? nil : String(name)
}

/// The names in `[a][b]`; where the brackets do not pair up, all between the first and the last.
private func bracketedParts(_ text: Substring) -> [String]? {
  var parts: [String] = []
  var rest = text
  while !rest.isEmpty {
    guard rest.first == "[", let end = rest.dropFirst().firstIndex(where: { "[]".contains($0) }),
      rest[end] == "]"
    else { return bracketed(text).map { [$0] } }
    parts.append(String(rest[rest.index(after: rest.startIndex)..<end]))
    rest = rest[rest.index(after: end)...]
  }
  return parts.contains("") ? nil : parts
}
