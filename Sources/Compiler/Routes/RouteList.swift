package import Mesh
internal import Segments
package import Store

/// The routes that one VirtualService gives one Gateway's virtual hosts: computed once, whatever the
/// number of hosts and servers they end up in.
///
/// A class, because virtual hosts by the thousand carry such keys about: one word each to copy, and
/// hashed once.
package final class RouteListKey: Hashable, Sendable {
  package let proxies: ProxyClass
  package let gateway: NamespacedName
  package let virtualService: NamespacedName
  /// The declared port of the first server that asked for them.
  package let port: Int
  /// That server has a tls block.
  package let isTLS: Bool
  /// Responses tell clients that the port speaks HTTP/3 too.
  package let isOverQUIC: Bool
  private let digest: Int

  init(
    proxies: ProxyClass, gateway: NamespacedName, virtualService: NamespacedName, port: Int,
    isTLS: Bool, isOverQUIC: Bool
  ) {
    self.proxies = proxies
    self.gateway = gateway
    self.virtualService = virtualService
    self.port = port
    self.isTLS = isTLS
    self.isOverQUIC = isOverQUIC
    var hasher = Hasher()
    hasher.combine(proxies)
    hasher.combine(gateway)
    hasher.combine(virtualService)
    hasher.combine(port)
    digest = hasher.finalize()
  }

  package static func == (a: RouteListKey, b: RouteListKey) -> Bool {
    a === b
      || (a.digest == b.digest && a.port == b.port && a.isTLS == b.isTLS
        && a.isOverQUIC == b.isOverQUIC
        && a.virtualService == b.virtualService && a.gateway == b.gateway && a.proxies == b.proxies)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// Encoded routes: elements of a virtual host's repeated field, ready to stand in any of them.
struct RouteList: Hashable, Sendable {
  /// Nil where there are none.
  let ordinary: Segment?
  /// The route that takes whatever comes, which stands behind the other lists' routes in a virtual
  /// host; there is at most one, because nothing after it would be reached.
  let catchAll: Segment?
  /// The clusters that the routes name. Sorted, each once.
  let references: [ClusterName]

  var isEmpty: Bool { ordinary == nil && catchAll == nil }
}
