package import Incremental
internal import Resources
internal import Store

/// What the mesh's Telemetries come to for classes of proxies.
package final class TelemetryQueries {
  package struct Key: Digested, Sendable {
    package let proxies: ProxyClass
    package let side: AppliedTelemetry.Side

    package init(_ proxies: ProxyClass, _ side: AppliedTelemetry.Side) {
      self.proxies = proxies
      self.side = side
    }
  }

  package let applied: Derived<Key, AppliedTelemetry>

  init(
    _ store: ObjectStore, _ attached: AttachedPolicies<Telemetry>,
    rootNamespace: Single<String>
  ) {
    let applying = Derived<ProxyClass, [Telemetry]>(store.graph, "telemetries.applying") {
      proxies in
      let (root, own) = (rootNamespace(), proxies.traits.namespace)
      let candidates = attached.rootFirst(proxies).compactMap { id in
        store.telemetries[id].map { (namespace: id.namespace, spec: $0.spec) }
      }
      /// The oldest that is for all of the namespace.
      func whole(_ namespace: String) -> [Telemetry] {
        candidates.first { $0.namespace == namespace && $0.spec.attachment.isForAll }
          .map { [$0.spec] } ?? []
      }
      let ofWorkload = candidates.filter { $0.namespace == own && !$0.spec.attachment.isForAll }
      return whole(root) + (own == root ? [] : whole(own)) + ofWorkload.map(\.spec)
    }
    let defaults = Single<MeshConfig.DefaultProviders>(
      store.graph, "defaultProviders"
    ) { store.meshConfig.defaultProviders ?? MeshConfig.DefaultProviders() }
    applied = Derived(store.graph, "telemetry") { key in
      AppliedTelemetry(applying(key.proxies), defaults(), side: key.side)
    }
  }
}

extension PolicyAttachment {
  /// For every workload of the namespace.
  fileprivate var isForAll: Bool { targets.isEmpty && (selector ?? [:]).isEmpty }
}
