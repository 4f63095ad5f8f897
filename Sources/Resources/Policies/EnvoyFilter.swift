/// networking.istio.io EnvoyFilter: patches to what is generated for proxies.
package struct EnvoyFilter: ResourceSpec, AttachedSpec {
  package static let kind = Kind.envoyFilter

  package var attachment: PolicyAttachment
  /// The lower is applied first.
  package var priority: Int
  package var patches: [Patch]
  /// Services that gateways must be able to reach for the patches' sake
  /// (`envoyfilter.istio.io/referenced-services`).
  package var referencedServices: [ServiceReference]

  package init(
    attachment: PolicyAttachment = PolicyAttachment(), priority: Int = 0, patches: [Patch] = [],
    referencedServices: [ServiceReference] = []
  ) {
    self.attachment = attachment
    self.priority = priority
    self.patches = patches
    self.referencedServices = referencedServices
  }

  package struct ServiceReference: Hashable, Sendable {
    /// Nil for any.
    package var namespace: String?
    package var host: String

    package init(namespace: String? = nil, host: String) {
      self.namespace = namespace
      self.host = host
    }
  }

  /// One of `configPatches`.
  package struct Patch: Hashable, Sendable {
    package var applyTo: ApplyTo
    package var match: Match
    package var operation: Operation
    /// The encoded Envoy message of the type that ``applyTo`` says; empty for a removal.
    package var value: [UInt8]
    /// The `name` that the value has; empty where it has none.
    package var valueName: String
    /// What its texts name of what proxies are sent.
    package var mentions: Mentions

    package init(
      applyTo: ApplyTo, match: Match = Match(), operation: Operation, value: [UInt8] = [],
      valueName: String = "", mentions: Mentions = Mentions()
    ) {
      self.applyTo = applyTo
      self.match = match
      self.operation = operation
      self.value = value
      self.valueName = valueName
      self.mentions = mentions
    }
  }

  /// What of the generated configuration a patch is about.
  package enum ApplyTo: String, CaseIterable, Sendable {
    case listener = "LISTENER"
    case listenerFilter = "LISTENER_FILTER"
    case filterChain = "FILTER_CHAIN"
    case networkFilter = "NETWORK_FILTER"
    case httpFilter = "HTTP_FILTER"
    case routeConfiguration = "ROUTE_CONFIGURATION"
    case virtualHost = "VIRTUAL_HOST"
    case httpRoute = "HTTP_ROUTE"
    case cluster = "CLUSTER"
    case extensionConfig = "EXTENSION_CONFIG"
    /// What a proxy starts with, which its agent patches and nobody here.
    case bootstrap = "BOOTSTRAP"
  }

  package enum Operation: String, CaseIterable, Sendable {
    case merge = "MERGE"
    /// As a merge, with lists in the place of those that were there.
    case mergeReplacingLists = "MERGE_AND_REPLACE_LIST"
    case add = "ADD"
    case remove = "REMOVE"
    case insertBefore = "INSERT_BEFORE"
    case insertAfter = "INSERT_AFTER"
    case insertFirst = "INSERT_FIRST"
    case replace = "REPLACE"
  }

  package enum Context: String, CaseIterable, Sendable {
    case any = "ANY"
    case sidecarInbound = "SIDECAR_INBOUND"
    case sidecarOutbound = "SIDECAR_OUTBOUND"
    case gateway = "GATEWAY"
    case waypoint = "WAYPOINT"
  }

  /// What texts of a patch name: proxies it applies to must be sent it.
  package struct Mentions: Hashable, Sendable {
    /// Each once, sorted by text.
    package var clusters: [ClusterReference]
    /// `kubernetes://…`, `configmap://…`; each once, sorted.
    package var credentials: [String]
    /// Route configurations, which connection managers ask for; each once, sorted.
    package var routes: [String]

    package init(
      clusters: [ClusterReference] = [], credentials: [String] = [], routes: [String] = []
    ) {
      self.clusters = clusters
      self.credentials = credentials
      self.routes = routes
    }
  }
}

// MARK: - Matches

extension EnvoyFilter {
  /// Which of the objects of its kind a patch is applied to; one that says nothing takes all.
  package struct Match: Hashable, Sendable {
    package var context: Context
    package var proxy: ProxyMatch?
    package var object: ObjectMatch?

    package init(
      context: Context = .any, proxy: ProxyMatch? = nil, object: ObjectMatch? = nil
    ) {
      self.context = context
      self.proxy = proxy
      self.object = object
    }
  }

  package struct ProxyMatch: Hashable, Sendable {
    package var version: VersionMatch?
    /// Texts that the node's metadata must have.
    package var metadata: [String: String]

    package init(version: VersionMatch? = nil, metadata: [String: String] = [:]) {
      self.version = version
      self.metadata = metadata
    }
  }

  package enum VersionMatch: Hashable, Sendable {
    /// A regular expression that is found anywhere in the version.
    case expression(String)
    /// An expression too long to try: no proxy matches.
    case nothing
  }

  /// One of the objects that Envoy's configuration consists of. Empty texts and zeros match anything.
  package enum ObjectMatch: Hashable, Sendable {
    case listener(ListenerMatch)
    case routes(RouteMatch)
    case cluster(ClusterMatch)
    case waypoint
  }

  package struct ListenerMatch: Hashable, Sendable {
    package var name: String
    package var port: Int
    package var listenerFilter: String
    package var chain: ChainMatch?

    package init(
      name: String = "", port: Int = 0, listenerFilter: String = "", chain: ChainMatch? = nil
    ) {
      self.name = name
      self.port = port
      self.listenerFilter = listenerFilter
      self.chain = chain
    }
  }

  package struct ChainMatch: Hashable, Sendable {
    package var name: String
    package var serverName: String
    package var transportProtocol: String
    /// All of them must be among the chain's.
    package var applicationProtocols: [String]
    package var destinationPort: Int
    package var filter: FilterMatch?

    package init(
      name: String = "", serverName: String = "", transportProtocol: String = "",
      applicationProtocols: [String] = [], destinationPort: Int = 0, filter: FilterMatch? = nil
    ) {
      self.name = name
      self.serverName = serverName
      self.transportProtocol = transportProtocol
      self.applicationProtocols = applicationProtocols
      self.destinationPort = destinationPort
      self.filter = filter
    }
  }

  package struct FilterMatch: Hashable, Sendable {
    package var name: String
    /// The HTTP filter within, where one is named.
    package var subFilter: String?

    package init(name: String, subFilter: String? = nil) {
      self.name = name
      self.subFilter = subFilter
    }
  }

  package struct RouteMatch: Hashable, Sendable {
    package var name: String
    package var port: Int
    package var portName: String
    /// `namespace/name`.
    package var gateway: String
    package var virtualHost: VirtualHostMatch?

    package init(
      name: String = "", port: Int = 0, portName: String = "", gateway: String = "",
      virtualHost: VirtualHostMatch? = nil
    ) {
      self.name = name
      self.port = port
      self.portName = portName
      self.gateway = gateway
      self.virtualHost = virtualHost
    }
  }

  package struct VirtualHostMatch: Hashable, Sendable {
    package var name: String
    package var domain: String
    package var route: HTTPRouteMatch?

    package init(name: String = "", domain: String = "", route: HTTPRouteMatch? = nil) {
      self.name = name
      self.domain = domain
      self.route = route
    }
  }

  package struct HTTPRouteMatch: Hashable, Sendable {
    package enum Action: String, CaseIterable, Sendable {
      case any = "ANY"
      case route = "ROUTE"
      case redirect = "REDIRECT"
      case directResponse = "DIRECT_RESPONSE"
    }
    package var name: String
    package var action: Action

    package init(name: String = "", action: Action = .any) {
      self.name = name
      self.action = action
    }
  }

  package struct ClusterMatch: Hashable, Sendable {
    /// Where it is given nothing else counts.
    package var name: String
    package var service: String
    package var subset: String
    package var port: Int

    package init(name: String = "", service: String = "", subset: String = "", port: Int = 0) {
      self.name = name
      self.service = service
      self.subset = subset
      self.port = port
    }
  }
}
