package import Linux

/// What `fairlead serve` was asked to do: every flag of its command line, as a value.
package struct ServeOptions: Sendable, Equatable {
  /// Which clusters a gateway is sent.
  package enum GatewayClusters: String, Sendable, CaseIterable {
    /// Those that its routes, filters and policies can reach.
    case referenced
    /// Every service's, as istiod does by default.
    case all
  }

  package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, warning, error

    package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
    private var rank: Int {
      switch self {
      case .debug: 0
      case .info: 1
      case .warning: 2
      case .error: 3
      }
    }
  }

  package enum LogFormat: String, Sendable, CaseIterable {
    case text, json
  }

  /// Files and directories to follow, at least one.
  package var configPaths: [String] = []
  package var meshConfigFile: String?
  package var networksConfigFile: String?
  /// The DNS domain of the cluster's services.
  package var domain = "cluster.local"
  package var clusterID = "Kubernetes"
  package var xdsAddress = SocketAddress.tcp(host: "127.0.0.1", port: 15010)
  package var httpAddress = SocketAddress.tcp(host: "127.0.0.1", port: 8080)
  /// A second address for the pages of `httpAddress`, for scrapers that look for istiod's.
  package var metricsAddress: SocketAddress?
  package var gatewayClusters = GatewayClusters.referenced
  package var logLevel = LogLevel.info
  package var logFormat = LogFormat.text

  package init() {}
}
