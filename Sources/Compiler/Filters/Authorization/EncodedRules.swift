internal import EnvoyAPI
internal import Resources

/// The rules of one policy as entries of `envoy.config.rbac.v3.RBAC.policies`: what several policies
/// come to is their entries one after another, so that a change of one translates no other.
struct EncodedRules: Equatable {
  let bytes: [UInt8]

  /// What becomes of requests that fit the policy.
  enum Use: Hashable {
    /// What its action says.
    case own
    /// A provider is asked about them.
    case asking
    /// A provider should have been asked, and cannot.
    case refusing
  }

  init(
    _ policy: Object<AuthorizationPolicy>?, _ layer: AuthorizationLayer, _ use: Use,
    _ trustDomains: TrustDomains
  ) {
    guard let policy else {
      bytes = []
      return
    }
    let translator = RuleTranslator(
      layer: layer, skipsWhatCannotBeAsked: policy.spec.action != .allow,
      trustDomains: trustDomains)
    let rules = policy.spec.rules
    // Of action ALLOW, its number in the enumeration is 0 and there are no bytes of it.
    bytes = Envoy.encode {
      Envoy.RBAC(
        policies: Envoy.Map(
          rules.isEmpty
            ? [(key: Self.name(0, of: policy, use), value: .never)]
            : rules.enumerated().compactMap { index, rule in
              translator.policy(rule).map { (key: Self.name(index, of: policy, use), value: $0) }
            }))
    }
  }

  /// Says whose rule it is; what asks a provider looks at how it begins.
  private static func name(
    _ rule: Int, of policy: Object<AuthorizationPolicy>, _ use: Use
  ) -> String {
    let (namespace, name) = (policy.metadata.namespace, policy.metadata.name)
    let own = "ns[\(namespace)]-policy[\(name)]-rule[\(rule)]"
    let asked = "\(Self.prefix(of: policy.spec.provider ?? ""))-\(own)"
    return switch use {
    case .own: own
    case .asking: asked
    case .refusing: "\(asked)-deny-due-to-bad-CUSTOM-action"
    }
  }

  /// How the names of rules begin that a provider is asked about.
  static func prefix(of provider: String) -> String { "istio-ext-authz-\(provider)" }
}

extension AuthorizationPolicy {
  /// Whom a policy of action CUSTOM asks.
  var provider: String? {
    switch action {
    case .custom(let provider): provider
    case .allow, .deny, .audit: nil
    }
  }
}

extension Envoy.Policy {
  fileprivate static var never: Envoy.Policy {
    .init(permissions: [.not(.anything)], principals: [.not(.anything)])
  }
}
