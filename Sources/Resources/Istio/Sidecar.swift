/// networking.istio.io Sidecar: what sidecars open and reach.
package struct Sidecar: ResourceSpec {
  package static let kind = Kind.sidecar

  /// Labels of the workloads; nil for all of the namespace.
  package var workloadSelector: [String: String]?
  package var ingress: [IngressListener]
  package var egress: [EgressListener]
  package var inboundConnectionPool: ConnectionPoolSettings?
  package var outboundTrafficPolicy: OutboundTrafficPolicy?

  package init(
    workloadSelector: [String: String]? = nil, ingress: [IngressListener] = [],
    egress: [EgressListener] = [], inboundConnectionPool: ConnectionPoolSettings? = nil,
    outboundTrafficPolicy: OutboundTrafficPolicy? = nil
  ) {
    self.workloadSelector = workloadSelector
    self.ingress = ingress
    self.egress = egress
    self.inboundConnectionPool = inboundConnectionPool
    self.outboundTrafficPolicy = outboundTrafficPolicy
  }

  package struct Port: Hashable, Sendable {
    /// 0 where the listener is bound to a socket's path.
    package var number: Int
    package var portProtocol: PortProtocol
    package var name: String?

    package init(number: Int, portProtocol: PortProtocol, name: String? = nil) {
      self.number = number
      self.portProtocol = portProtocol
      self.name = name
    }
  }

  /// How connections get to a listener.
  package enum CaptureMode: String, CaseIterable, Sendable {
    case `default` = "DEFAULT"
    case iptables = "IPTABLES"
    case none = "NONE"
  }

  /// A port of the workload that is open to others.
  package struct IngressListener: Hashable, Sendable {
    package var port: Port
    package var bind: String?
    package var captureMode: CaptureMode
    /// Where the application listens: `127.0.0.1:8080`, `unix:///path`; nil for the port itself.
    package var defaultEndpoint: String?
    package var tls: ServerTLSSettings?
    package var connectionPool: ConnectionPoolSettings?
    package var position: SourcePosition

    package init(
      port: Port, bind: String? = nil, captureMode: CaptureMode = .default,
      defaultEndpoint: String? = nil, tls: ServerTLSSettings? = nil,
      connectionPool: ConnectionPoolSettings? = nil, position: SourcePosition = .unknown
    ) {
      self.port = port
      self.bind = bind
      self.captureMode = captureMode
      self.defaultEndpoint = defaultEndpoint
      self.tls = tls
      self.connectionPool = connectionPool
      self.position = position
    }
  }

  /// What the workload may reach: by a port of its own, or by all that no other listener has.
  package struct EgressListener: Hashable, Sendable {
    package var port: Port?
    package var bind: String?
    package var captureMode: CaptureMode
    package var hosts: [EgressHost]
    package var position: SourcePosition

    package init(
      port: Port? = nil, bind: String? = nil, captureMode: CaptureMode = .default,
      hosts: [EgressHost] = [], position: SourcePosition = .unknown
    ) {
      self.port = port
      self.bind = bind
      self.captureMode = captureMode
      self.hosts = hosts
      self.position = position
    }
  }

  /// `namespace/host`: hosts that are seen, and where they come from.
  package struct EgressHost: Hashable, Sendable {
    package var namespaces: Namespaces
    /// A name, or `*` with or without what it ends in.
    package var host: String

    package init(_ namespaces: Namespaces, host: String) {
      self.namespaces = namespaces
      self.host = host
    }

    package enum Namespaces: Hashable, Sendable {
      /// `*`
      case all
      /// One by name; `.` was resolved to the Sidecar's own.
      case one(String)
      /// `~`
      case none
      /// `~name`: all but this one.
      case allBut(String)
    }
  }

  /// What becomes of traffic to hosts that nobody defines.
  package struct OutboundTrafficPolicy: Hashable, Sendable {
    package var mode: Mode
    /// A service that all of it is sent to.
    package var egressProxy: Destination?

    package init(mode: Mode = .registryOnly, egressProxy: Destination? = nil) {
      self.mode = mode
      self.egressProxy = egressProxy
    }

    package enum Mode: String, CaseIterable, Sendable {
      case registryOnly = "REGISTRY_ONLY"
      case allowAny = "ALLOW_ANY"
    }
  }
}
