internal import EnvoyAPI
internal import Resources

/// Rules of AuthorizationPolicies as Envoy's RBAC has them: who (principals) may ask what
/// (permissions); one of each list must match (istiod's `pilot/pkg/security/authz/model`).
struct RuleTranslator {
  let layer: AuthorizationLayer
  /// What connections cannot be asked is left out of a rule that denies or notes, which then does so
  /// more often; a rule that allows is left out itself. Either way less is allowed.
  let skipsWhatCannotBeAsked: Bool
  let trustDomains: TrustDomains

  /// Nil for a rule that says nothing in this layer.
  func policy(_ rule: AuthorizationPolicy.Rule) -> Envoy.Policy? {
    let operations = rule.operations.isEmpty ? [[]] : rule.operations
    let sources = rule.sources.isEmpty ? [[]] : rule.sources
    let conditions = rule.peerConditions.map {
      $0.expanded(in: trustDomains, times: sources.count)
    }
    let isWide =
      sources.count * conditions.reduce(0) { $0 + $1.count } > Self.mostValues
      || operations.count * rule.requestConditions.reduce(0) { $0 + $1.count } > Self.mostValues
    guard
      let permissions = matchers(operations, rule.requestConditions, isWide, permissions),
      let principals = matchers(
        sources.map { $0.map { $0.expanded(in: trustDomains, times: 1) } }, conditions, isWide,
        principals)
    else { return nil }
    return .init(permissions: permissions, principals: principals)
  }

  /// A rule whose conditions have more values than this, counted for each source and operation, would
  /// fill memory in istiod's form.
  private static let mostValues = 100_000

  /// One for each alternative, all of them with the conditions, as istiod words it; or, where that would
  /// be too wide, one for all alternatives, and with the conditions once.
  private func matchers<Test, Matcher: AccessMatcher>(
    _ alternatives: [[Test]], _ conditions: [Test], _ isWide: Bool,
    _ matchers: (Test) -> [Matcher]?
  ) -> [Matcher]? {
    guard isWide else { return each(alternatives) { all($0 + conditions, matchers) } }
    guard let several = each(alternatives, { all($0, matchers) }),
      let shared = all(conditions, matchers)
    else { return nil }
    return [.all([.either(several), shared])]
  }

  /// Nil if the answer to one is.
  private func each<Item, Result>(_ items: [Item], _ transform: (Item) -> Result?) -> [Result]? {
    let results = items.compactMap(transform)
    return results.count == items.count ? results : nil
  }

  private func all<Test, Matcher: AccessMatcher>(
    _ tests: [Test], _ matchers: (Test) -> [Matcher]?
  ) -> Matcher? {
    each(tests, matchers).map { found in
      let parts = found.flatMap { $0 }
      return .all(parts.isEmpty ? [.anything] : parts)
    }
  }

  /// A matcher for each value, of which one must match and none may. Where one value cannot be asked
  /// none is, or a rule that denies would deny less.
  func oneByOne<Value, Matcher: AccessMatcher>(
    _ values: Membership<Value>, _ matcher: (Value) -> Matcher?
  ) -> [Matcher]? {
    together(values) { each($0, matcher).map { .either($0) } }
  }

  /// One matcher for all values.
  func together<Value, Matcher: AccessMatcher>(
    _ values: Membership<Value>, _ matcher: ([Value]) -> Matcher?
  ) -> [Matcher]? {
    let positive = values.anyOf.isEmpty ? nil : matcher(values.anyOf)
    let negative = values.noneOf.isEmpty ? nil : matcher(values.noneOf)
    let isAllAsked =
      (positive != nil || values.anyOf.isEmpty) && (negative != nil || values.noneOf.isEmpty)
    guard isAllAsked || skipsWhatCannotBeAsked else { return nil }
    return [positive, negative.map { .not($0) }].compactMap { $0 }
  }

  /// Nil on connections, which have no requests.
  func ofRequest<Matcher>(_ matcher: Matcher) -> Matcher? {
    switch layer {
    case .requests: matcher
    case .connections: nil
    }
  }

  /// A test that cannot be asked at all.
  func unanswerable<Matcher>() -> [Matcher]? { skipsWhatCannotBeAsked ? [] : nil }
}

extension PeerTest {
  /// With identities in the mesh's trust domains written out. istiod does so once for each source of
  /// a rule, also for a condition that they share, whose values then repeat; here at most until there
  /// are so many that proxies would suffer.
  fileprivate func expanded(in trustDomains: TrustDomains, times: Int) -> PeerTest {
    switch self {
    case .principals(let values):
      .principals(
        values.lists { list in
          var result = trustDomains.expanding(principals: list)
          for _ in 1..<max(times, 1) {
            let next = trustDomains.expanding(principals: result)
            if next.count == result.count || next.count > Self.mostRepeated { break }
            result = next
          }
          return result
        })
    case .trustDomains(let values):
      .trustDomains(values.lists { trustDomains.expanding(domains: $0) })
    case .requestPrincipals, .serviceAccounts, .namespaces, .remoteAddresses, .addresses, .header,
      .claim, .unanswerable:
      self
    }
  }

  private static let mostRepeated = 256
}

/// What Envoy's permissions and principals have in common.
protocol AccessMatcher {
  static var anything: Self { get }
  static func all(_ matchers: [Self]) -> Self
  static func either(_ matchers: [Self]) -> Self
  static func not(_ matcher: Self) -> Self
}

extension Envoy.Permission: AccessMatcher {
  static var anything: Self { .init(rule: .any(true)) }
  static func all(_ matchers: [Self]) -> Self { .init(rule: .andRules(.init(rules: matchers))) }
  static func either(_ matchers: [Self]) -> Self { .init(rule: .orRules(.init(rules: matchers))) }
  static func not(_ matcher: Self) -> Self { .init(rule: .notRule(matcher)) }
}

extension Envoy.Principal: AccessMatcher {
  static var anything: Self { .init(identifier: .any(true)) }
  static func all(_ matchers: [Self]) -> Self { .init(identifier: .andIds(.init(ids: matchers))) }
  static func either(_ matchers: [Self]) -> Self { .init(identifier: .orIds(.init(ids: matchers))) }
  static func not(_ matcher: Self) -> Self { .init(identifier: .notId(matcher)) }
}
