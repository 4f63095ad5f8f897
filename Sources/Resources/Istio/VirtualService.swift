/// networking.istio.io VirtualService: where requests for some hosts go.
package struct VirtualService: ResourceSpec {
  package static let kind = Kind.virtualService

  /// As written: short names are not completed. Empty for a delegate.
  package var hosts: [String]
  /// Empty means the mesh, as in `[mesh]`.
  package var gateways: [GatewayReference]
  package var http: [HTTPRoute]
  package var tls: [TLSRoute]
  package var tcp: [TCPRoute]
  /// Empty means the mesh's default.
  package var exportTo: [ExportTarget]

  package init(
    hosts: [String] = [], gateways: [GatewayReference] = [], http: [HTTPRoute] = [],
    tls: [TLSRoute] = [], tcp: [TCPRoute] = [], exportTo: [ExportTarget] = []
  ) {
    self.hosts = hosts
    self.gateways = gateways
    self.http = http
    self.tls = tls
    self.tcp = tcp
    self.exportTo = exportTo
  }
}

/// A Gateway as a VirtualService names it, completed with the namespace of the VirtualService.
package enum GatewayReference: Hashable, Sendable, CustomStringConvertible {
  /// Every sidecar.
  case mesh
  case gateway(namespace: String, name: String)

  /// `mesh`, or `namespace/name`.
  package var description: String {
    switch self {
    case .mesh: "mesh"
    case .gateway(let namespace, let name): "\(namespace)/\(name)"
    }
  }
}

/// Who may see an object: an entry of `exportTo`. Kept as written, because istiod compares lists of
/// them as written: `.` is not the same as the name of the own namespace.
package enum ExportTarget: Hashable, Sendable {
  /// `*`
  case everyone
  /// `.`
  case ownNamespace
  /// `~`
  case nobody
  case namespace(String)
}

/// A host that traffic is sent to.
package struct Destination: Hashable, Sendable {
  /// As written: a short name is not completed.
  package var host: String
  package var subset: String?
  package var port: Int?
  package var position: SourcePosition

  package init(
    host: String, subset: String? = nil, port: Int? = nil, position: SourcePosition = .unknown
  ) {
    self.host = host
    self.subset = subset
    self.port = port
    self.position = position
  }
}

/// A destination and its share of the traffic.
package struct RouteDestination: Hashable, Sendable {
  package var destination: Destination
  package var weight: Int

  package init(destination: Destination, weight: Int = 0) {
    self.destination = destination
    self.weight = weight
  }
}

/// Connections told apart by the server name of their TLS handshake.
package struct TLSRoute: Hashable, Sendable {
  package var matches: [TLSMatchAttributes]
  package var route: [RouteDestination]
  package var position: SourcePosition

  package init(
    matches: [TLSMatchAttributes] = [], route: [RouteDestination] = [],
    position: SourcePosition = .unknown
  ) {
    self.matches = matches
    self.route = route
    self.position = position
  }
}

package struct TLSMatchAttributes: Hashable, Sendable {
  package var sniHosts: [String]
  package var destinationSubnets: [String]
  package var port: Int?
  package var sourceLabels: [String: String]
  package var gateways: [GatewayReference]
  package var sourceNamespace: String?
  package var position: SourcePosition

  package init(
    sniHosts: [String] = [], destinationSubnets: [String] = [], port: Int? = nil,
    sourceLabels: [String: String] = [:], gateways: [GatewayReference] = [],
    sourceNamespace: String? = nil, position: SourcePosition = .unknown
  ) {
    self.sniHosts = sniHosts
    self.destinationSubnets = destinationSubnets
    self.port = port
    self.sourceLabels = sourceLabels
    self.gateways = gateways
    self.sourceNamespace = sourceNamespace
    self.position = position
  }
}

/// Connections told apart by address and port alone.
package struct TCPRoute: Hashable, Sendable {
  package var matches: [L4MatchAttributes]
  package var route: [RouteDestination]
  package var position: SourcePosition

  package init(
    matches: [L4MatchAttributes] = [], route: [RouteDestination] = [],
    position: SourcePosition = .unknown
  ) {
    self.matches = matches
    self.route = route
    self.position = position
  }
}

package struct L4MatchAttributes: Hashable, Sendable {
  package var destinationSubnets: [String]
  package var port: Int?
  package var sourceSubnet: String?
  package var sourceLabels: [String: String]
  package var gateways: [GatewayReference]
  package var sourceNamespace: String?
  package var position: SourcePosition

  package init(
    destinationSubnets: [String] = [], port: Int? = nil, sourceSubnet: String? = nil,
    sourceLabels: [String: String] = [:], gateways: [GatewayReference] = [],
    sourceNamespace: String? = nil, position: SourcePosition = .unknown
  ) {
    self.destinationSubnets = destinationSubnets
    self.port = port
    self.sourceSubnet = sourceSubnet
    self.sourceLabels = sourceLabels
    self.gateways = gateways
    self.sourceNamespace = sourceNamespace
    self.position = position
  }
}
