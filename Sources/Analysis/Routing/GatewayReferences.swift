internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// The Gateways that VirtualServices name (istioctl's virtualservice.GatewayAnalyzer): whether they are
/// there, and have servers for the hosts and the rules.
struct GatewayReferences {
  /// What VirtualServices see of a server.
  private struct Opening: Hashable {
    let hosts: [ServerHost]
    let port: Int
    let layer: RouteLayer?
  }

  private let openings: Derived<NamespacedName, [Opening]?>

  init(_ store: ObjectStore) {
    openings = Derived(store.graph, "gateway openings") { id in
      store.gateways[id].map { gateway in
        gateway.spec.servers.map {
          Opening(hosts: $0.hosts, port: $0.port.number, layer: $0.layer)
        }
      }
    }
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    let hosts = service.hosts.map { HostPattern($0) }
    var reached: [Opening] = []
    var remarks: [Remark] = []
    for (index, reference) in service.gateways.enumerated() {
      guard case .gateway(let namespace, let name) = reference else { continue }
      let spot = Spot.element("gateways", index)
      let found = openings(NamespacedName(namespace: namespace, name: name))
      if found == nil { remarks.append(Remark(spot, .unknownGateway("\(reference)"))) }
      let fitting = (found ?? []).filter { opening in
        opening.hosts.patterns(for: id.namespace).contains { host in
          hosts.contains(where: host.overlaps)
        }
      }
      if fitting.isEmpty {
        remarks.append(
          Remark(
            spot,
            .hostsInNoServer(
              service.hosts, of: "\(reference)",
              servers: (found ?? []).flatMap(\.hosts).map(\.description))))
      }
      reached += fitting
    }
    let isInMesh = service.gateways.isEmpty || service.gateways.contains(.mesh)
    return isInMesh || reached.isEmpty ? remarks : remarks + unheard(service, reached)
  }

  /// Rules of a kind that none of the servers asks for.
  private func unheard(_ service: VirtualService, _ servers: [Opening]) -> [Remark] {
    let layers = Set(servers.compactMap(\.layer))
    let lists: [(Spot.RuleList, RouteLayer, Bool)] = [
      (.http, .http, service.http.isEmpty), (.tls, .tls, service.tls.isEmpty),
      (.tcp, .tcp, service.tcp.isEmpty),
    ]
    return lists.compactMap { list, layer, isEmpty in
      isEmpty || layers.contains(layer)
        ? nil
        : Remark(.inRule(list, 0, .whole), .rulesOfNoServer(list.rawValue, layers.serverWords))
    }
  }
}

extension Set<RouteLayer> {
  /// What servers that take such rules do.
  fileprivate var serverWords: [String] {
    var words: [String] = []
    if contains(.http) { words.append("read requests (http rules)") }
    if contains(.tls) { words.append("pass TLS on unread (tls rules)") }
    if contains(.tcp) { words.append("forward bytes (tcp rules)") }
    return words
  }
}

extension Gateway.Server {
  /// The kind of rules that say where its traffic goes; nil where the server name itself does.
  fileprivate var layer: RouteLayer? {
    if isHTTP { return .http }
    guard isPassthrough else { return .tcp }
    return tls?.mode == .autoPassthrough ? nil : .tls
  }
}
