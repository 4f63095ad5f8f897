package import Diagnostics
package import Incremental
internal import Resources
package import Store

/// The extensions of filter chains: of WasmPlugins and TrafficExtensions together.
package final class ExtensionQueries {
  /// Those attached to a class. First those of its namespace, then of the root's, in each by age.
  package let attached: Derived<ProxyClass, [AttachedExtension]>
  /// The same as they stand in a chain: the highest priority of a phase first, then in their order.
  package let placed: Derived<ProxyClass, [ExtensionPlacement]>
  /// Whether some of a class look at ports.
  package let lookAtPorts: Derived<ProxyClass, Bool>
  /// About those of a class that do not do all they are there for.
  package let diagnostics: Derived<ProxyClass, [Diagnostic]>
  /// One of them, whatever it is attached to.
  package let named: Derived<NamespacedName, AttachedExtension?>

  private struct Found {
    let namespace: Int
    let rank: Rank
    let value: AttachedExtension
  }

  init(
    _ store: ObjectStore, _ plugins: AttachedPolicies<WasmPlugin>,
    _ extensions: AttachedPolicies<TrafficExtension>
  ) {
    attached = Derived(store.graph, "attachedExtensions") { proxies in
      func found<Spec>(
        _ id: NamespacedName, _ object: Object<Spec>?, name: String,
        _ meaning: (Spec) -> TrafficExtension
      ) -> Found? {
        object.map {
          let rank = Rank($0.metadata, name: name)
          return Found(
            namespace: id.namespace == proxies.traits.namespace ? 0 : 1, rank: rank,
            value: AttachedExtension(id: rank.id, spec: meaning($0.spec)))
        }
      }
      let all =
        plugins.ownFirst(proxies).compactMap { id in
          found(id, store.wasmPlugins[id], name: id.name + AttachedExtension.marker, \.meaning)
        }
        + extensions.ownFirst(proxies).compactMap { id in
          found(id, store.trafficExtensions[id], name: id.name, \.self)
        }
      return all.sorted { ($0.namespace, $0.rank) < ($1.namespace, $1.rank) }.map(\.value)
    }
    placed = Derived(store.graph, "extensionPlacements") { [attached] proxies in
      attached(proxies).enumerated().sorted { a, b in
        let (mine, theirs) = (a.element.spec.priority ?? .min, b.element.spec.priority ?? .min)
        return mine == theirs ? a.offset < b.offset : mine > theirs
      }.map { ExtensionPlacement($0.element) }
    }
    lookAtPorts = Derived(store.graph, "extensionsLookAtPorts") { [placed] proxies in
      placed(proxies).contains(where: \.looksAtPorts)
    }
    diagnostics = Derived(store.graph, "extensionDiagnostics") { [attached] proxies in
      attached(proxies).flatMap { found in
        let place = Self.place(of: found.id, store)
        return place.map { found.diagnostics(for: proxies.traits, store, at: $0) } ?? []
      }
    }
    named = Derived(store.graph, "extension") { id in
      if let plugin = Self.plugin(of: id) {
        store.wasmPlugins[plugin].map { AttachedExtension(id: id, spec: $0.spec.meaning) }
      } else {
        store.trafficExtensions[id].map { AttachedExtension(id: id, spec: $0.spec) }
      }
    }
  }

  /// The WasmPlugin that an extension is made of; nil for a TrafficExtension.
  private static func plugin(of id: NamespacedName) -> NamespacedName? {
    guard id.name.hasSuffix(AttachedExtension.marker) else { return nil }
    return NamespacedName(
      namespace: id.namespace, name: String(id.name.dropLast(AttachedExtension.marker.count)))
  }

  private static func place(of id: NamespacedName, _ store: ObjectStore) -> Place? {
    plugin(of: id).map { store.wasmPlugins[$0]?.place } ?? store.trafficExtensions[id]?.place
  }
}
