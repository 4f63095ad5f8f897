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
    let gateways = store.writtenGateways
    openings = Derived(store.graph, "gateway openings") { id in
      gateways[id].map { gateway in
        gateway.spec.servers.map {
          Opening(hosts: $0.hosts, port: $0.port.number, layer: $0.layer)
        }
      }
    }
  }

  /// Whether a server of the Gateway is for the host and for VirtualServices of the namespace.
  func serves(_ reference: GatewayReference, _ host: String, for namespace: String) -> Bool {
    guard case .gateway(let owner, let name) = reference,
      let found = openings(NamespacedName(namespace: owner, name: name))
    else { return false }
    return found.contains { opening in
      opening.hosts.patterns(for: namespace).contains { $0.overlaps(HostPattern(host)) }
    }
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    let hosts = service.hosts.map { HostPattern($0) }
    var reached: [Opening] = []
    var remarks: [Remark] = []
    for (index, reference) in service.gateways.enumerated() {
      guard case .gateway(let namespace, let name) = reference else { continue }
      let spot = Spot.element("gateways", index)
      guard !reference.isGenerated else {
        remarks.append(Remark(spot, .generatedGateway("\(reference)")))
        continue
      }
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
      if found != nil, let short = service.gatewayShorthands.first(where: { $0.index == index }) {
        remarks.append(Remark(spot, .gatewayOfNoName(short.text, "\(reference)")))
        if !fitting.isEmpty {
          remarks.append(Remark(spot, .hostsOfNoName(short.text, "\(reference)")))
        }
      }
      reached += fitting
    }
    let isInMesh = service.gateways.isEmpty || service.gateways.contains(.mesh)
    remarks += service.matches.compactMap { otherGateways(service, $0) }
    return isInMesh || reached.isEmpty
      ? remarks : remarks + unheard(service, reached) + otherPorts(service, reached)
  }

  private func otherGateways(_ service: VirtualService, _ match: BoundMatch) -> Remark? {
    let own = service.gateways.isEmpty ? [.mesh] : service.gateways
    guard !match.gateways.isEmpty, !match.gateways.contains(where: own.contains) else {
      return nil
    }
    return Remark(
      match.spot, ".gateways",
      .matchOfOtherGateways(
        match.gateways.map(\.description), own: own.map(\.description)))
  }

  private func otherPorts(_ service: VirtualService, _ servers: [Opening]) -> [Remark] {
    let ports = Set(servers.map(\.port))
    return service.matches.compactMap { match in
      guard let port = match.port, !ports.contains(port) else { return nil }
      return Remark(match.spot, ".port", .matchOfNoServer(port: port, ports: ports.sorted()))
    }
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

/// Where a match looks for what it fits.
private struct BoundMatch {
  let spot: Spot
  let gateways: [GatewayReference]
  let port: Int?
}

extension VirtualService {
  fileprivate var matches: [BoundMatch] {
    let requests = http.enumerated().flatMap { rule, route in
      route.matches.enumerated().map {
        BoundMatch(
          spot: .inRule(.http, rule, .match($0)), gateways: $1.gateways, port: $1.port)
      }
    }
    let handshakes = tls.enumerated().flatMap { rule, route in
      route.matches.enumerated().map {
        BoundMatch(spot: .inRule(.tls, rule, .match($0)), gateways: $1.gateways, port: $1.port)
      }
    }
    return requests + handshakes
      + tcp.enumerated().flatMap { rule, route in
        route.matches.enumerated().map {
          BoundMatch(spot: .inRule(.tcp, rule, .match($0)), gateways: $1.gateways, port: $1.port)
        }
      }
  }
}
