package import Diagnostics
package import Incremental
internal import Resources
package import Store

/// Which Gateways a class of proxies opens, and what became of their servers.
package final class GatewayQueries {
  /// A route configuration of a class of proxies.
  package struct RouteKey: Digested, Sendable {
    package let proxies: ProxyClass
    package let name: RouteName

    package var digest: UInt64 { name.digest.mixed(with: proxies.digest) }

    package init(_ proxies: ProxyClass, _ name: RouteName) {
      self.proxies = proxies
      self.name = name
    }
  }

  /// The Gateways that apply, in the order in which the first wins.
  package let applying: Derived<ProxyClass, [NamespacedName]>
  package let merged: Derived<ProxyClass, MergedGateway>
  /// Sorted by their text.
  package let routeNames: Derived<ProxyClass, [RouteName]>
  /// The servers whose hosts a route configuration serves, in merge order.
  package let routeServers: Derived<RouteKey, [GatewayServer]>
  /// The servers that give way to earlier ones on proxies with certain labels and no others, which
  /// have an agent and whose Services translate no ports.
  package let rejections: Derived<[String: String], [MergedGateway.Rejection]>
  /// About the servers that the class does not open.
  package let diagnostics: Derived<ProxyClass, [Diagnostic]>

  init(
    _ store: ObjectStore, targetPort: @escaping (ProxyClass, Int) -> Int?,
    takesUDP: @escaping (ProxyClass, Int) -> Bool
  ) {
    let graph = store.graph
    let bySelector = Index<Selected, Rank>(graph)
    bySelector.follow(store.gateways) { _, gateway in
      [(Selected(by: gateway.spec.selector), Rank(gateway.metadata))]
    }
    let selecting = { (labels: [String: String]) -> [NamespacedName] in
      let each = labels.sorted { $0.key < $1.key }.map(Label.init)
      let certain = [.all] + each.map(Selected.label)
      let lists =
        certain.map { bySelector[$0] }
        + each.map { label in
          bySelector[.labels(first: label)].filter { rank in
            (store.gateways[rank.id]?.spec.selector ?? [:])
              .allSatisfy { labels[$0.key] == $0.value }
          }
        }
      let some = lists.filter { !$0.isEmpty }
      // Mostly all Gateways of a proxy select it by one label, and are in order.
      let ranks = some.count == 1 ? some[0] : some.flatMap(\.self).sorted()
      return ranks.map(\.id)
    }
    let applying = Derived<ProxyClass, [NamespacedName]>(graph, "gatewaysApplying") {
      selecting($0.traits.labels)
    }
    rejections = Derived(graph, "gatewayRejections") { labels in
      let gateways = selecting(labels).compactMap { id in
        store.gateways[id].map { (id, $0.spec) }
      }
      return MergedGateway(
        gateways, hasAgent: true, targetPort: { _ in nil }, takesUDP: { _ in false }
      ).rejections
    }
    let merged = Derived<ProxyClass, MergedGateway>(graph, "mergedGateway") { proxies in
      let gateways = proxies.traits.type == .router ? applying(proxies) : []
      return MergedGateway(
        gateways.compactMap { id in store.gateways[id].map { (id, $0.spec) } },
        hasAgent: proxies.traits.istioVersion != nil,
        targetPort: { targetPort(proxies, $0) }, takesUDP: { takesUDP(proxies, $0) })
    }
    self.applying = applying
    self.merged = merged
    diagnostics = Derived(graph, "gatewayDiagnostics") { proxies in
      merged(proxies).rejections.compactMap { rejection in
        let server = rejection.server.reference
        return store.gateways[server.gateway].map { gateway in
          rejection.diagnostic(
            at: gateway.spec.servers[server.index].position.place(in: gateway.place.file))
        }
      }
    }
    routeNames = Derived(graph, "routeNames") { proxies in
      merged(proxies).routeNames.map { ($0, $0.text) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
    routeServers = Derived(graph, "routeServers") { key in
      merged(key.proxies).serversByRouteName[key.name] ?? []
    }
  }

  /// Under what a Gateway is filed: by that its proxies have.
  private enum Selected: Digested {
    case all
    /// This label and no other.
    case label(Label)
    /// Several labels, of which this is the first by name.
    case labels(first: Label)

    init(by selector: [String: String]) {
      guard let first = selector.min(by: { $0.key < $1.key }) else {
        self = .all
        return
      }
      self = selector.count == 1 ? .label(Label(first)) : .labels(first: Label(first))
    }
  }

  private struct Label: Hashable {
    let name: String
    let value: String

    init(_ label: (key: String, value: String)) {
      name = label.key
      value = label.value
    }
  }
}
