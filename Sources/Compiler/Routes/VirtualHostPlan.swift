internal import Mesh
internal import Resources
internal import Store

/// One virtual host, before it is encoded: which domains, and whose routes in which order.
enum VirtualHostPlan: Hashable, Sendable {
  case hosts(Hosts)
  /// The one that a route configuration without any other has: it answers 404.
  indirect case blackhole(port: Int)
  /// Hosts that another filter chain of the port owns: 421.
  indirect case misdirected(domains: [String], port: Int)
  /// Hosts of the server's own that nothing is said about: 404.
  indirect case unrouted(domains: [String], port: Int)

  /// A class: virtual hosts by the thousand stand in lists and keys.
  final class Hosts: Hashable, Sendable {
    let name: String
    let domains: [String]
    /// In the order in which they came; the same list may stand here twice.
    let lists: [RouteListKey]
    /// Plain HTTP is redirected to HTTPS (`httpsRedirect`).
    let requiresTLS: Bool
    /// Requests tell the service how often they were tried.
    let countsAttempts: Bool

    init(
      name: String, domains: [String], lists: [RouteListKey], requiresTLS: Bool,
      countsAttempts: Bool
    ) {
      self.name = name
      self.domains = domains
      self.lists = lists
      self.requiresTLS = requiresTLS
      self.countsAttempts = countsAttempts
    }

    static func == (a: Hosts, b: Hosts) -> Bool {
      a === b
        || (a.name == b.name && a.domains == b.domains && a.requiresTLS == b.requiresTLS
          && a.countsAttempts == b.countsAttempts && a.lists == b.lists)
    }
    /// The name tells apart nearly all there are at a time.
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }
}

extension VirtualHostPlan {
  /// Unique in its route configuration.
  var name: String {
    switch self {
    case .hosts(let hosts): hosts.name
    case .blackhole(let port): "blackhole:\(port)"
    case .misdirected(_, let port): "misdirected:\(port)"
    case .unrouted(_, let port): "unrouted:\(port)"
    }
  }
}
