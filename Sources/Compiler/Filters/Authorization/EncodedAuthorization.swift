internal import EnvoyAPI
internal import Mesh
internal import Resources

/// The filters that some policies come to in one layer, as bytes.
struct EncodedAuthorization: Equatable {
  /// Of action CUSTOM.
  let custom: [[UInt8]]
  /// AUDIT, DENY, ALLOW.
  let own: [[UInt8]]
  /// The cluster of the provider that is asked.
  let references: [ClusterName]

  init(
    _ policies: [Object<AuthorizationPolicy>], _ layer: AuthorizationLayer, _ model: MeshModel
  ) {
    let trustDomains =
      policies.isEmpty ? TrustDomains([]) : TrustDomains(model.store.meshConfig)
    let builder = FilterBuilder(layer: layer, trustDomains: trustDomains)
    own = [(.audit, .log), (.deny, .deny), (.allow, .allow)].compactMap { action, rbacAction in
      builder.filter(policies.filter { $0.spec.action == action }, rbacAction)
    }
    let asking = Self.askingPolicies(policies)
    // istiod asks one provider; where several are wanted, it denies what any policy would ask about.
    guard asking.count == 1, let (provider, theirs) = asking.first,
      case .found(let found) = model.authorizer(named: provider)
    else {
      custom = asking.map { builder.refusing($0.policies, of: $0.provider) }
      references = []
      return
    }
    let authorizer = ExternalAuthorizer(authorizer: found)
    custom = builder.asking(authorizer, theirs)
    references = custom.isEmpty ? [] : [authorizer.cluster]
  }

  /// The policies of action CUSTOM by the provider they name, sorted.
  private static func askingPolicies(
    _ policies: [Object<AuthorizationPolicy>]
  ) -> [(provider: String, policies: [Object<AuthorizationPolicy>])] {
    let named = policies.compactMap { policy in policy.spec.provider.map { ($0, policy) } }
    return Dictionary(grouping: named) { $0.0 }.mapValues { $0.map(\.1) }
      .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { (provider: $0.key, policies: $0.value) }
  }
}

extension AuthorizationPolicy {
  fileprivate var provider: String? {
    switch action {
    case .custom(let provider): provider
    case .allow, .deny, .audit: nil
    }
  }
}

/// Makes the filters of one layer.
private struct FilterBuilder {
  let layer: AuthorizationLayer
  let trustDomains: TrustDomains

  /// Policies of one action; nil where there are none. Even if none of their rules says anything in
  /// this layer there is a filter, which denies all where the action is to allow.
  func filter(
    _ policies: [Object<AuthorizationPolicy>], _ action: Envoy.RBAC.Action
  ) -> [UInt8]? {
    guard !policies.isEmpty else { return nil }
    let enforced = policies.filter { !$0.spec.isDryRun }
    let rehearsed = policies.filter(\.spec.isDryRun)
    return Envoy.inScope {
      encoded(
        rules: enforced.isEmpty ? nil : rules(enforced, action),
        shadow: rehearsed.isEmpty ? nil : rules(rehearsed, action),
        // istiod's prefix is that of ALLOW also where nothing is rehearsed.
        shadowPrefix: !rehearsed.isEmpty && action == .deny
          ? "istio_dry_run_deny_" : "istio_dry_run_allow_")
    }
  }

  /// Denies what the policies would ask about: their provider cannot be asked.
  func refusing(_ policies: [Object<AuthorizationPolicy>], of provider: String) -> [UInt8] {
    Envoy.inScope {
      encoded(
        rules: rules(
          policies, .deny, prefix: Self.prefix(of: provider),
          suffix: "-deny-due-to-bad-CUSTOM-action"))
    }
  }

  /// Notes which policy a request fits, and asks the provider if it fits one. Nothing where the
  /// provider cannot judge what this layer is about.
  func asking(
    _ authorizer: ExternalAuthorizer, _ policies: [Object<AuthorizationPolicy>]
  ) -> [[UInt8]] {
    let prefix = "istio-ext-authz-\(authorizer.name)"
    return Envoy.inScope {
      let question: [UInt8]? =
        switch layer {
        case .requests:
          Envoy.encode {
            Envoy.HttpFilter.filter(
              "envoy.filters.http.ext_authz", authorizer.http(policiesPrefixed: prefix))
          }
        case .connections:
          authorizer.network(policiesPrefixed: prefix).map { config in
            Envoy.encode { Envoy.Filter.filter("envoy.filters.network.ext_authz", config) }
          }
        }
      guard let question else { return [] }
      let note = encoded(
        shadow: rules(policies, .deny, prefix: Self.prefix(of: authorizer.name)),
        shadowPrefix: "istio_ext_authz_")
      return [note, question]
    }
  }

  private static func prefix(of provider: String) -> String { "istio-ext-authz-\(provider)-" }

  private func encoded(
    rules: Envoy.RBAC? = nil, shadow: Envoy.RBAC? = nil, shadowPrefix: String = ""
  ) -> [UInt8] {
    switch layer {
    case .requests:
      Envoy.encode {
        Envoy.HttpFilter.filter(
          "envoy.filters.http.rbac",
          Envoy.HTTPRBAC(
            rules: rules, shadowRules: shadow, shadowRulesStatPrefix: shadowPrefix))
      }
    case .connections:
      Envoy.encode {
        Envoy.Filter.filter(
          "envoy.filters.network.rbac",
          Envoy.NetworkRBAC(
            rules: rules, shadowRules: shadow, shadowRulesStatPrefix: shadowPrefix,
            statPrefix: "tcp."))
      }
    }
  }

  /// The rules of policies, by names that say whose they are.
  private func rules(
    _ policies: [Object<AuthorizationPolicy>], _ action: Envoy.RBAC.Action, prefix: String = "",
    suffix: String = ""
  ) -> Envoy.RBAC {
    let translator = RuleTranslator(
      layer: layer, skipsWhatCannotBeAsked: action != .allow, trustDomains: trustDomains)
    let named = policies.flatMap { policy in
      let (namespace, name) = (policy.metadata.namespace, policy.metadata.name)
      let key = { (rule: Int) in "\(prefix)ns[\(namespace)]-policy[\(name)]-rule[\(rule)]\(suffix)"
      }
      guard !policy.spec.rules.isEmpty else { return [(key: key(0), value: Envoy.Policy.never)] }
      return policy.spec.rules.enumerated().compactMap { index, rule in
        translator.policy(rule).map { (key: key(index), value: $0) }
      }
    }
    return Envoy.RBAC(
      action: action,
      policies: Envoy.Map(named.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }))
  }
}

extension Envoy.Policy {
  fileprivate static var never: Envoy.Policy {
    .init(permissions: [.not(.anything)], principals: [.not(.anything)])
  }
}
