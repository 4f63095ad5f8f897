internal import Incremental
package import Mesh
internal import Segments
package import Store

/// The routes that one VirtualService gives one Gateway's virtual hosts: computed once, whatever the
/// number of hosts and servers they end up in.
///
/// A class, because virtual hosts by the thousand carry such keys about: one word each to copy, and
/// hashed once.
package final class RouteListKey: Digested, Sendable {
  package let proxies: ProxyClass
  package let gateway: NamespacedName
  package let virtualService: NamespacedName
  /// Responses tell clients that the port speaks HTTP/3 too.
  package let isOverQUIC: Bool
  /// The first server that asked for them; nil for any, where the routes are the same for all.
  package let server: Server?
  package let digest: UInt64

  /// What routes may depend on of a server.
  package struct Server: Hashable, Sendable {
    /// As declared.
    package let port: Int
    /// It has a tls block.
    package let isTLS: Bool

    fileprivate var digest: UInt64 { UInt64(truncatingIfNeeded: port).mixed(with: isTLS.digest) }
  }

  init(
    proxies: ProxyClass, gateway: NamespacedName, virtualService: NamespacedName,
    isOverQUIC: Bool, server: Server?
  ) {
    self.proxies = proxies
    self.gateway = gateway
    self.virtualService = virtualService
    self.isOverQUIC = isOverQUIC
    self.server = server
    digest = virtualService.digest.mixed(with: gateway.digest).mixed(with: proxies.digest)
      .mixed(with: server?.digest ?? 0)
  }

  package static func == (a: RouteListKey, b: RouteListKey) -> Bool {
    a === b
      || (a.digest == b.digest && a.server == b.server && a.isOverQUIC == b.isOverQUIC
        && a.virtualService == b.virtualService && a.gateway == b.gateway && a.proxies == b.proxies)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// The routes as this server has them.
  func asked(by server: Server) -> RouteListKey {
    RouteListKey(
      proxies: proxies, gateway: gateway, virtualService: virtualService, isOverQUIC: isOverQUIC,
      server: server)
  }
}

/// Encoded routes: elements of a virtual host's repeated field, ready to stand in any of them.
struct RouteList: Hashable, Sendable {
  let reach: Reach
  /// Nil where there are none.
  let ordinary: Segment?
  /// The route that takes whatever comes, which stands behind the other lists' routes in a virtual
  /// host; there is at most one, because nothing after it would be reached.
  let catchAll: Segment?
  /// The clusters that the routes name. Sorted, each once.
  let references: [ClusterName]

  static let ofEachServer = RouteList(
    reach: .server, ordinary: nil, catchAll: nil, references: [])

  /// For which servers a list is.
  enum Reach: Hashable, Sendable {
    /// For none: it is empty.
    case none
    /// For the one it was asked for by; or, if it was asked for by none, for each server another.
    case server
    /// Nothing in it depends on the server.
    case everyServer
  }
}
