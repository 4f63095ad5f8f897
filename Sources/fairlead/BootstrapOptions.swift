import Flags
import Linux

/// What `fairlead bootstrap` was asked to print: who the proxy is and whom it asks.
struct BootstrapOptions: Sendable, Equatable {
  enum Role: String, Sendable, FlagChoice {
    case router, sidecar
  }

  /// How resources are sent: what changed, or all of a type each time.
  enum Variant: String, Sendable, FlagChoice {
    case delta, sotw
  }

  enum Format: String, Sendable, FlagChoice {
    case yaml, json
  }

  var role = Role.router
  var namespace = "default"
  var name = "envoy"
  var addresses: [String] = []
  var labels: [KeyValue] = []
  var serviceAccount = "default"
  var clusterID = "Kubernetes"
  var domain = "cluster.local"
  var metadata: [KeyValue] = []
  var istioVersion: String?
  var xdsAddress = SocketAddress.tcp(host: "127.0.0.1", port: 15010)
  var adminAddress = SocketAddress.tcp(host: "127.0.0.1", port: 15000)
  /// Where Envoy says whether it is ready, and its statistics; nil for nowhere.
  var statusAddress: SocketAddress?
  var variant = Variant.delta
  var format = Format.yaml
  /// Nil for standard output.
  var output: String?
}

extension BootstrapOptions {
  /// As Istio's agent names a proxy: role, address, pod and namespace, DNS domain.
  var nodeID: String {
    "\(role.rawValue)~\(addresses[0])~\(name).\(namespace)~\(namespace).svc.\(domain)"
  }
}
