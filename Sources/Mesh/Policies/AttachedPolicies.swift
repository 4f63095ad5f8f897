package import Incremental
package import Resources
package import Store

/// Which policies of one kind are attached to a class of proxies (istiod's
/// `pilot/pkg/model/policyattachment.go`).
///
/// Policies count in the mesh's root namespace and in the workload's own, in each by age.
package final class AttachedPolicies<Spec: AttachedSpec> {
  /// Of the root namespace, then of the workload's own; a namespace that is both is there once.
  package let rootFirst: Derived<ProxyClass, [NamespacedName]>
  /// Of the workload's own namespace, then of the root.
  package let ownFirst: Derived<ProxyClass, [NamespacedName]>

  init(
    _ store: ObjectStore, _ policies: Inputs<NamespacedName, Object<Spec>>, called name: String,
    rootNamespace: Single<String>
  ) {
    let byNamespace = Index<String, Rank>(store.graph)
    byNamespace.follow(policies) { id, policy in [(id.namespace, Rank(policy.metadata))] }
    let attachment = Derived<NamespacedName, PolicyAttachment>(
      store.graph, "\(name).attachment"
    ) { policies[$0]?.spec.attachment ?? PolicyAttachment() }
    let attached = { (proxies: ProxyClass, namespace: String) -> [NamespacedName] in
      byNamespace[namespace].map(\.id).filter { id in
        attachment(id).includes(proxies.traits, policyNamespace: namespace)
      }
    }
    rootFirst = Derived(store.graph, "\(name).rootFirst") { proxies in
      let (root, own) = (rootNamespace(), proxies.traits.namespace)
      return attached(proxies, root) + (own == root ? [] : attached(proxies, own))
    }
    ownFirst = Derived(store.graph, "\(name).ownFirst") { proxies in
      let (root, own) = (rootNamespace(), proxies.traits.namespace)
      return attached(proxies, own) + (own == root ? [] : attached(proxies, root))
    }
  }
}

extension PolicyAttachment {
  /// Whether a policy of that namespace is attached to proxies with these traits. A proxy that a
  /// Gateway of the Gateway API made is named by that Gateway's name, or selected by labels; others by
  /// labels only. The namespace is known to be the root or the proxy's own.
  fileprivate func includes(_ traits: ProxyTraits, policyNamespace: String) -> Bool {
    guard !targets.isEmpty else {
      return (selector ?? [:]).allSatisfy { traits.labels[$0.key] == $0.value }
    }
    guard let gateway = traits.labels["gateway.networking.k8s.io/gateway-name"],
      policyNamespace == traits.namespace
    else { return false }
    return targets.contains {
      $0.kind == "Gateway" && $0.group == "gateway.networking.k8s.io" && $0.name == gateway
        && ($0.namespace ?? "" == "" || $0.namespace == policyNamespace)
    }
  }
}
