package import Incremental
package import Resources
package import Store

/// A rule for tokens with the keys that verify them.
package struct TokenRule: Hashable, Sendable {
  package let rule: JWTRule
  /// A JSON Web Key Set.
  package let keys: String
}

/// A key set that policies ask for.
package struct KeySetRequest: Hashable, Sendable {
  package let location: KeySetLocation
  /// The longest that one of the rules allows for fetching it; Istio's five seconds where they say
  /// nothing.
  package let timeout: Duration
  /// The policies whose tokens are verified with it.
  package let policies: [NamespacedName]

  package init(location: KeySetLocation, timeout: Duration, policies: [NamespacedName]) {
    self.location = location
    self.timeout = timeout
    self.policies = policies
  }
}

/// The tokens that proxies accept, by their RequestAuthentications, and the keys these need.
package final class TokenQueries {
  /// All rules for a class of proxies, by issuer; those of one issuer in the order of their policies.
  package let rules: Derived<ProxyClass, [TokenRule]>
  /// Every key set that some policy has fetched, sorted.
  package let requests: Single<[KeySetRequest]>

  /// One rule's wish.
  private struct Use: Hashable, Comparable {
    let location: KeySetLocation
    let timeout: Duration
    let policy: NamespacedName

    static func < (a: Use, b: Use) -> Bool {
      (a.location, a.policy, a.timeout) < (b.location, b.policy, b.timeout)
    }
  }

  init(_ store: ObjectStore, attached: AttachedPolicies<RequestAuthentication>) {
    let ofPolicy = Derived<NamespacedName, [TokenRule]>(store.graph, "tokenRules.ofPolicy") { id in
      TokenQueries.counting(id, store).map { rule in
        switch rule.keys {
        case .inline(let keys): TokenRule(rule: rule, keys: keys)
        case .unusable: TokenRule(rule: rule, keys: KeySet.ofNobody)
        case .fetched(let location):
          TokenRule(rule: rule, keys: store.keySets[location]?.text ?? KeySet.ofNobody)
        }
      }
    }
    rules = Derived(store.graph, "tokenRules") { proxies in
      // Sorting keeps the order of equals.
      attached.ownFirst(proxies).flatMap { ofPolicy($0) }.sorted {
        $0.rule.issuer.utf8.lexicographicallyPrecedes($1.rule.issuer.utf8)
      }
    }
    let uses = Index<Bool, Use>(store.graph)
    uses.follow(store.requestAuthentications) { id, policy in
      policy.spec.fetched.map { location, timeout in
        (true, Use(location: location, timeout: timeout, policy: id))
      }
    }
    requests = Single(store.graph, "keySetRequests") {
      uses[true].reduce(into: []) { requests, use in
        let last = requests.last?.location == use.location ? requests.popLast() : nil
        let others = last?.policies ?? []
        requests.append(
          KeySetRequest(
            location: use.location, timeout: max(use.timeout, last?.timeout ?? .zero),
            policies: others.last == use.policy ? others : others + [use.policy]))
      }
    }
  }

  /// A policy's rules; those it had before as long as keys of new ones are on their way.
  private static func counting(_ id: NamespacedName, _ store: ObjectStore) -> [JWTRule] {
    guard let own = store.requestAuthentications[id]?.spec else { return [] }
    let isAwaited = own.fetched.contains { store.keySets[$0.location] == .awaited }
    return isAwaited ? store.tokenRulesBefore[id] ?? [] : own.jwtRules
  }
}

extension KeySet {
  /// A public key whose private half was thrown away, istiod's own: no token fits it.
  static let ofNobody = """
    {
      "keys": [
        {
          "kty": "RSA",
          "e": "AQAB",
          "n": "0xObjM0UvS_oaazjpEYlAbwctEJ4L8pH3OuTb7qth7gUwqet-EzQB4dgFdvSdMgrLnSncQGRjpEYz3F3vi\
    IbH-3EN3TxSlPNviHxeOdyiBVfumN8dMxbLvVJUpfNOnvmMxJcl-8NNjAwcOjk4otSALaYgYYyOPyvKtgVdrQr-Foub\
    WX4yrjxW-MJ2-7OBeepUUNOsVwGV23YX03sVkkyvY3otRflkBcY3_HKpBxJl9wk2GyOShN4_PNUF9-vwfnvOXMbCDX-\
    w4PTef4geeb_GiT40YCKHTKMSPVanGRn5GExIWmki-mmqh94-mPTJyBR74ShspL3BxPZitDL574T1w"
        }
      ]
    }
    """

  fileprivate var text: String? {
    switch self {
    case .keys(let text): text
    case .awaited, .unavailable: nil
    }
  }
}
