internal import Diagnostics

extension AuthorizationPolicy: FieldReadable {
  fileprivate enum ActionName: String, CaseIterable {
    case allow = "ALLOW"
    case deny = "DENY"
    case audit = "AUDIT"
    case custom = "CUSTOM"
  }

  init(_ fields: inout Fields) {
    let attachment = PolicyAttachment(&fields)
    let name = fields.choice("action", ActionName.self) ?? .allow
    let provider = fields.one("provider") { $0.text("name") }
    let rules = fields.many("rules") { Rule(&$0, name) }
    self.init(
      attachment: attachment, action: Action(name, provider: provider ?? ""), rules: rules,
      isDryRun: fields.reading.metadata.annotations["istio.io/dry-run"].flatMap(Bool.init(goText:))
        ?? false)
    if name == .custom {
      if !fields.isGiven("rules") {
        fields.report(.policyWithoutRules("CUSTOM"))
      } else if provider ?? "" == "", !fields.isGiven("provider", "name") {
        fields.report(.missing("provider.name"))
      }
    } else if fields.has("provider") {
      fields.report(.providerOfOtherAction(), at: "provider")
    }
    if name == .deny, !fields.isGiven("rules") { fields.report(.policyWithoutRules("DENY")) }
  }

  func finding(dryRun value: String) -> Finding? {
    switch action {
    case .allow, .deny: Bool(goText: value) == nil ? .badDryRun(value) : nil
    case .audit, .custom: .dryRunOfOtherAction()
    }
  }
}

extension AuthorizationPolicy.Action {
  fileprivate init(_ name: AuthorizationPolicy.ActionName, provider: String) {
    self =
      switch name {
      case .allow: .allow
      case .deny: .deny
      case .audit: .audit
      case .custom: .custom(provider: provider)
      }
  }
}

extension AuthorizationPolicy.Rule {
  fileprivate init(_ fields: inout Fields, _ action: AuthorizationPolicy.ActionName) {
    let sources = fields.many("from") { from in
      if !from.has("source") { from.report(.missing("source")) }
      return from.one("source") { readSource(&$0, action) }
    }.compactMap { $0 }
    let operations = fields.many("to") { to in
      if !to.has("operation") { to.report(.missing("operation")) }
      return to.one("operation") { readOperation(&$0) }
    }.compactMap { $0 }
    let conditions = fields.many("when") { PolicyCondition(&$0, isCustom: action == .custom) }
    self.init(
      sources: sources, operations: operations, peerConditions: conditions.compactMap(\.peer),
      requestConditions: conditions.compactMap(\.request))
    let looksAtConnections =
      operations.isEmpty
      ? sources.isEmpty || sources.joined().contains { $0.concernsConnections }
      : operations.joined().contains { $0.isPorts }
    if action == .deny, !looksAtConnections { fields.report(.deniesAllConnections()) }
  }
}

extension PeerTest {
  /// Trust domains do, and istiod does not count them.
  fileprivate var concernsConnections: Bool {
    switch self {
    case .principals, .serviceAccounts, .namespaces, .remoteAddresses, .addresses: true
    case .requestPrincipals, .trustDomains, .header, .claim, .unanswerable: false
    }
  }
}

extension RequestTest {
  fileprivate var isPorts: Bool {
    switch self {
    case .ports: true
    case .hosts, .methods, .paths, .destinations, .serverNames, .metadata: false
    }
  }
}

private func readSource(
  _ fields: inout Fields, _ action: AuthorizationPolicy.ActionName
) -> [PeerTest] {
  let namespace = fields.reading.namespace
  let tests: [PeerTest] = [
    .principals(fields.members("principals", "notPrincipals").map(TextPattern.init)),
    .requestPrincipals(
      fields.members("requestPrincipals", "notRequestPrincipals").map(RequestPrincipal.init)),
    .serviceAccounts(
      fields.members(
        "serviceAccounts", "notServiceAccounts", limit: PolicyRule.mostServiceAccounts,
        check: PolicyRule.serviceAccount
      ).map { ServiceAccountName($0, in: namespace) }),
    .trustDomains(
      fields.members("trustDomains", "notTrustDomains", check: PolicyRule.trustDomain)
        .map(TextPattern.init)),
    .namespaces(fields.members("namespaces", "notNamespaces").map(WildcardText.init)),
    .remoteAddresses(
      fields.members("remoteIpBlocks", "notRemoteIpBlocks", check: TextRule.subnet)
        .map(CIDR.init)),
    .addresses(
      fields.members("ipBlocks", "notIpBlocks", check: TextRule.subnet).map(CIDR.init)),
  ].filter { $0.count > 0 }
  let names = [
    "principals", "requestPrincipals", "serviceAccounts", "trustDomains", "namespaces",
    "remoteIpBlocks", "ipBlocks",
  ].flatMap { [$0, negated($0)] }.filter { fields.isGiven(.key($0)) }
  if names.isEmpty { fields.report(.emptyPolicyPart("source")) }
  let accounts = names.filter { ["serviceAccounts", "notServiceAccounts"].contains($0) }
  let identities = names.filter {
    ["principals", "notPrincipals", "namespaces", "notNamespaces"].contains($0)
  }
  if let account = accounts.first, let identity = identities.first {
    fields.report(.exclusive([account, identity]), at: .key(account))
  }
  if action == .custom {
    for name in names where !name.hasSuffix("pBlocks") && !name.hasSuffix("PBlocks") {
      fields.report(.notOfCustomAction(name), at: .key(name))
    }
  }
  return tests
}

private func readOperation(_ fields: inout Fields) -> [RequestTest] {
  let tests: [RequestTest] = [
    .hosts(fields.members("hosts", "notHosts").map(TextPattern.init)),
    .methods(fields.members("methods", "notMethods").map(TextPattern.init)),
    .paths(
      fields.members("paths", "notPaths", check: PolicyRule.path).map(PathPattern.init)),
    .ports(fields.members("ports", "notPorts", check: PolicyRule.port).map { Int($0) }),
  ].filter { $0.count > 0 }
  let names = ["hosts", "methods", "paths", "ports"].flatMap { [$0, negated($0)] }
  if !names.contains(where: { fields.isGiven(.key($0)) }) {
    fields.report(.emptyPolicyPart("operation"))
  }
  return tests
}

/// `ports` as `notPorts`.
private func negated(_ name: String) -> String {
  "not" + name.prefix(1).uppercased() + name.dropFirst()
}

extension Fields {
  /// Two lists of texts, of which none may be empty.
  fileprivate mutating func members(
    _ name: String, _ notName: String, limit: Int? = nil,
    check: (String) -> Finding? = { _ in nil }
  ) -> Membership<String> {
    for key in [name, notName] {
      if let limit, isGiven(.key(key), .index(limit)) {
        report(.tooManyValues(most: limit), at: .key(key))
      }
    }
    func value(_ text: String) -> Finding? { text.isEmpty ? .emptyPolicyValue() : check(text) }
    return Membership(anyOf: strings(name, check: value), noneOf: strings(notName, check: value))
  }
}
