internal import Incremental
package import Resources
package import Store

/// A VirtualService and the hosts it speaks of: all that decides where its routes go, and nothing of the
/// routes. Editing a route leaves it equal. A class, since it stands in several groups.
package final class VirtualServiceScope: Hashable, Sendable {
  package let id: NamespacedName
  /// Short names completed. Empty for a delegate.
  package let hosts: [HostPattern]
  /// No wildcards, and each once.
  let areDistinct: Bool

  init(_ id: NamespacedName, hosts: [HostPattern]) {
    self.id = id
    self.hosts = hosts
    areDistinct = !hosts.contains(where: \.isWildcard) && Set(hosts).count == hosts.count
  }

  package static func == (a: VirtualServiceScope, b: VirtualServiceScope) -> Bool {
    a === b || (a.id == b.id && a.hosts == b.hosts)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// A kind of rule that a VirtualService may have.
package enum RouteLayer: UInt8, Sendable {
  case http, tls, tcp
}

/// A server of a Gateway to a VirtualService: which it must be bound to, for which hosts and port.
package struct ServerScope: Digested, Sendable {
  package let gateway: NamespacedName
  package let hosts: [ServerHost]
  /// The port as declared, which is what matches speak of.
  package let port: Int
  /// The namespace of the proxies, which must see the VirtualService.
  package let visibleTo: String

  package init(gateway: NamespacedName, hosts: [ServerHost], port: Int, visibleTo: String) {
    self.gateway = gateway
    self.hosts = hosts
    self.port = port
    self.visibleTo = visibleTo
  }
}

/// Where connections go, as one tcp or tls rule says; destinations have complete names.
package struct ConnectionRoute: Hashable, Sendable {
  package let virtualService: NamespacedName
  /// Sorted, and as often as they are written; empty for a tcp rule, which is for every connection.
  package private(set) var sniHosts: [String]
  package let destinations: [RouteDestination]

  /// The same with each server name once: Envoy refuses a listener in which one stands twice.
  package var withEachNameOnce: ConnectionRoute {
    var route = self
    route.sniHosts = Set(sniHosts).sorted()
    return route
  }
}
