internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Store

/// The filters that some policies come to in one layer, as bytes.
struct EncodedAuthorization: Equatable {
  /// Of action CUSTOM.
  let custom: [[UInt8]]
  /// AUDIT, DENY, ALLOW.
  let own: [[UInt8]]
  /// The cluster of the provider that is asked.
  let references: [ClusterName]

  /// `rules` has the rules of each policy.
  init(
    _ policies: [Object<AuthorizationPolicy>], _ layer: AuthorizationLayer, _ model: MeshModel,
    rules: @escaping (NamespacedName, EncodedRules.Use) -> [UInt8]
  ) {
    let builder = FilterBuilder(layer: layer, encodedRules: rules)
    own = [(.audit, .log), (.deny, .deny), (.allow, .allow)].compactMap { action, rbacAction in
      builder.filter(policies.filter { $0.spec.action == action }, rbacAction)
    }
    let asking = Self.askingPolicies(policies)
    // istiod asks one provider; where several are wanted, it denies what any policy would ask about.
    guard asking.count == 1, let (provider, theirs) = asking.first,
      case .found(let found) = model.authorizer(named: provider)
    else {
      custom = asking.map { builder.refusing($0.policies) }
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

/// Makes the filters of one layer.
private struct FilterBuilder {
  let layer: AuthorizationLayer
  let encodedRules: (NamespacedName, EncodedRules.Use) -> [UInt8]

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
        rules: enforced.isEmpty ? nil : rules(enforced, .own, action),
        shadow: rehearsed.isEmpty ? nil : rules(rehearsed, .own, action),
        // istiod's prefix is that of ALLOW also where nothing is rehearsed.
        shadowPrefix: !rehearsed.isEmpty && action == .deny
          ? "istio_dry_run_deny_" : "istio_dry_run_allow_")
    }
  }

  /// Denies what the policies would ask about: their provider cannot be asked.
  func refusing(_ policies: [Object<AuthorizationPolicy>]) -> [UInt8] {
    Envoy.inScope { encoded(rules: rules(policies, .refusing, .deny)) }
  }

  /// Notes which policy a request fits, and asks the provider if it fits one. Nothing where the
  /// provider cannot judge what this layer is about.
  func asking(
    _ authorizer: ExternalAuthorizer, _ policies: [Object<AuthorizationPolicy>]
  ) -> [[UInt8]] {
    let prefix = EncodedRules.prefix(of: authorizer.name)
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
        shadow: rules(policies, .asking, .deny),
        shadowPrefix: "istio_ext_authz_")
      return [note, question]
    }
  }

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

  private func rules(
    _ policies: [Object<AuthorizationPolicy>], _ use: EncodedRules.Use, _ action: Envoy.RBAC.Action
  ) -> Envoy.RBAC {
    let names = policies.map {
      NamespacedName(namespace: $0.metadata.namespace, name: $0.metadata.name)
    }.sorted()
    return Envoy.RBAC(
      encoded: Envoy.encode { Envoy.RBAC(action: action) }
        + names.flatMap { encodedRules($0, use) })
  }
}
