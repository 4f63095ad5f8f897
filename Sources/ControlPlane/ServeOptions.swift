internal import Ingest
package import Linux
package import Mesh

/// What `fairlead serve` was asked to do: every flag of its command line, as a value.
package struct ServeOptions: Sendable, Equatable {
  package enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, warning, error
  }

  package enum LogFormat: String, Sendable, CaseIterable {
    case text, json
  }

  package var mesh = MeshOptions()
  package var cluster = ClusterOptions()
  package var xdsAddress = SocketAddress.tcp(host: "127.0.0.1", port: 15010)
  package var httpAddress = SocketAddress.tcp(host: "127.0.0.1", port: 8080)
  /// A second address for the pages of `httpAddress`, for scrapers that look for istiod's.
  package var metricsAddress: SocketAddress?
  /// A file of certificates that servers of keys may prove themselves with, beside the system's.
  package var keyAuthoritiesFile: String?
  package var logLevel = LogLevel.info
  package var logFormat = LogFormat.text
  /// Gateways that can are sent each virtual host by itself.
  package var sendsVirtualHosts = false
  /// Threads for the sockets of clients.
  package var ioThreads = ServeOptions.ioThreads(onProcessors: Processors.available)
  /// Connections this old are asked to come again, each a tenth sooner or later; zero for never.
  package var connectionAge = Duration.seconds(30 * 60)
  /// Between two audits of all that is computed; zero for none.
  package var auditInterval = Duration.seconds(30 * 60)
  /// Connections this replica is meant to carry; above it the oldest are asked to come again.
  package var connectionShare: Int?

  package init() {}

  /// One processor is left to compile on. Eight threads send more than a network takes.
  static func ioThreads(onProcessors count: Int) -> Int { min(max(1, count - 1), 8) }

  /// Whether this process runs in a pod that may ask its cluster's API server.
  package var isInPod: Bool { ClusterAccess.isInPod }
}

/// Which Kubernetes API server is followed where no files are.
package struct ClusterOptions: Sendable, Equatable {
  /// Nil in a pod, whose service account says all.
  package var kubeconfig: String?
  /// The kubeconfig's own choice unless given.
  package var context: String?
  /// Objects with another `istio.io/rev` are not ours.
  package var revision = "default"
  /// For how long the first snapshot waits for what another cluster of the mesh has (istiod's
  /// PILOT_REMOTE_CLUSTER_TIMEOUT).
  package var remotePatience = Duration.seconds(30)
  /// None unless told: whoever looks at a cluster from outside writes nothing there.
  package var writtenStatuses: [WrittenStatus] = []

  package init() {}
}

/// What is written to the status of objects.
package enum WrittenStatus: String, Sendable, CaseIterable {
  /// Virtual addresses for ServiceEntries without any (istiod's PILOT_ENABLE_IP_AUTOALLOCATE).
  case addresses
  /// What analysis finds, as codes (istiod's PILOT_ENABLE_ANALYSIS).
  case analysis
}

/// Which mesh is compiled, and how: what `serve` and `render` have in common.
package struct MeshOptions: Sendable, Equatable {
  /// Which clusters a gateway is sent.
  package enum GatewayClusters: String, Sendable, CaseIterable {
    /// Those that its routes, filters and policies can reach.
    case referenced
    /// Every service's, as istiod does by default.
    case all
  }

  /// Files and directories, at least one.
  package var configPaths: [String] = []
  package var meshConfigFile: String?
  package var networksConfigFile: String?
  /// The DNS domain of the cluster's services.
  package var domain = "cluster.local"
  package var clusterID = "Kubernetes"
  /// The namespace of a control plane in a cluster; nil where files are the source.
  var systemNamespace: String?
  package var gatewayClusters = GatewayClusters.referenced
  /// Gateways speak HTTP/3 where their Service has the port for UDP.
  package var opensQUIC = false
  package var misdirectedRequests = MeshModel.MisdirectedRequests.auto

  package init() {}

  /// All files and directories that are read.
  var allPaths: [String] { configPaths + [meshConfigFile, networksConfigFile].compactMap { $0 } }
}

/// What `fairlead render` was asked to print.
package struct RenderOptions: Sendable, Equatable {
  package enum ResourceType: String, Sendable, CaseIterable {
    case clusters, endpoints, listeners, routes, secrets, extensions
  }

  package enum Format: String, Sendable, CaseIterable {
    case yaml, json
    /// One JSON object a resource type: name → {"type": type URL, "b64": bytes}.
    case dump
  }

  package var mesh = MeshOptions()
  /// A file that describes proxies (a node's id and metadata), or a node's id.
  package var proxy: String?
  /// Empty for all.
  package var types: [ResourceType] = []
  package var format = Format.yaml

  package init() {}
}
