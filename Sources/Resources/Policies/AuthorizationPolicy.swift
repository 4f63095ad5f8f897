/// security.istio.io AuthorizationPolicy: who may ask what of the workloads it is attached to.
package struct AuthorizationPolicy: ResourceSpec, AttachedSpec {
  package static let kind = Kind.authorizationPolicy

  package var attachment: PolicyAttachment
  package var action: Action
  /// Without any the policy matches nothing: one that allows then denies all.
  package var rules: [Rule]
  /// Annotated `istio.io/dry-run`: what it would do is noted, and nothing is done.
  package var isDryRun: Bool

  package init(
    attachment: PolicyAttachment = PolicyAttachment(), action: Action = .allow, rules: [Rule] = [],
    isDryRun: Bool = false
  ) {
    self.attachment = attachment
    self.action = action
    self.rules = rules
    self.isDryRun = isDryRun
  }

  package enum Action: Hashable, Sendable {
    case allow, deny, audit
    /// A provider of MeshConfig is asked.
    case custom(provider: String)
  }

  /// Matches where one of the sources, one of the operations and all of the conditions do; an empty
  /// list matches always.
  package struct Rule: Hashable, Sendable {
    /// Each in istiod's order.
    package var sources: [[PeerTest]]
    /// Each in istiod's order.
    package var operations: [[RequestTest]]
    /// What `when` says of who asks, in its order.
    package var peerConditions: [PeerTest]
    /// What `when` says of what is asked, in its order.
    package var requestConditions: [RequestTest]

    package init(
      sources: [[PeerTest]] = [], operations: [[RequestTest]] = [],
      peerConditions: [PeerTest] = [], requestConditions: [RequestTest] = []
    ) {
      self.sources = sources
      self.operations = operations
      self.peerConditions = peerConditions
      self.requestConditions = requestConditions
    }
  }
}

/// A question about who asks, by identity, address, token or header.
package enum PeerTest: Hashable, Sendable {
  case principals(Membership<TextPattern>)
  case requestPrincipals(Membership<RequestPrincipal>)
  case serviceAccounts(Membership<ServiceAccountName>)
  case trustDomains(Membership<TextPattern>)
  case namespaces(Membership<WildcardText>)
  /// Of the client that the connection or its headers tell of.
  case remoteAddresses(Membership<CIDR>)
  /// Of the other end of the connection.
  case addresses(Membership<CIDR>)
  case header(String, Membership<TextPattern>)
  /// A claim of the request's token, by its path.
  case claim([String], Membership<TextPattern>)
  /// Of a key that validation lets through and nothing can look up.
  case unanswerable
}

/// A question about what is asked.
package enum RequestTest: Hashable, Sendable {
  case hosts(Membership<TextPattern>)
  case methods(Membership<TextPattern>)
  case paths(Membership<PathPattern>)
  case ports(Membership<Int>)
  case destinations(Membership<CIDR>)
  case serverNames(Membership<TextPattern>)
  /// What a filter of Envoy's noted about the connection or request.
  case metadata(filter: String, key: String, Membership<MetadataPattern>)
}

extension PeerTest {
  /// How many values it has.
  package var count: Int {
    switch self {
    case .principals(let values), .trustDomains(let values), .header(_, let values),
      .claim(_, let values):
      values.count
    case .requestPrincipals(let values): values.count
    case .serviceAccounts(let values): values.count
    case .namespaces(let values): values.count
    case .remoteAddresses(let values), .addresses(let values): values.count
    case .unanswerable: 1
    }
  }
}

extension RequestTest {
  /// How many values it has.
  package var count: Int {
    switch self {
    case .hosts(let values), .methods(let values), .serverNames(let values): values.count
    case .paths(let values): values.count
    case .ports(let values): values.count
    case .destinations(let values): values.count
    case .metadata(_, _, let values): values.count
    }
  }
}

/// One of these and none of those; either list may be empty, and then asks nothing.
package struct Membership<Value: Hashable & Sendable>: Hashable, Sendable {
  package var anyOf: [Value]
  package var noneOf: [Value]

  package init(anyOf: [Value] = [], noneOf: [Value] = []) {
    self.anyOf = anyOf
    self.noneOf = noneOf
  }

  package var count: Int { anyOf.count + noneOf.count }
  package var isEmpty: Bool { count == 0 }

  package func map<Other>(_ transform: (Value) -> Other?) -> Membership<Other> {
    Membership<Other>(
      anyOf: anyOf.compactMap(transform), noneOf: noneOf.compactMap(transform))
  }

  /// The two lists, each as a whole.
  package func lists<Other>(_ transform: ([Value]) -> [Other]) -> Membership<Other> {
    Membership<Other>(anyOf: transform(anyOf), noneOf: transform(noneOf))
  }
}
