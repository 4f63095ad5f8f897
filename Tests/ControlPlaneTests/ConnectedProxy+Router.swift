import Documents
import Mesh
import Resources

@testable import ControlPlane

extension ConnectedProxy {
  /// A gateway's pod with an agent of Istio's, at 10.3.0.`address`, that may have secrets.
  static func router(
    _ pod: String, in namespace: String, address: Int, label: (name: String, value: String),
    takesVirtualHosts: Bool = false
  ) throws -> ConnectedProxy {
    let read = ProxyNode.read(
      id: "router~10.3.0.\(address)~\(pod).\(namespace)~\(namespace).svc.cluster.local",
      metadata: Node(
        .mapping([
          .init(key: "NAMESPACE", value: Node(.string(namespace))),
          .init(key: "ISTIO_VERSION", value: Node(.string("1.31.0"))),
          .init(
            key: "LABELS",
            value: Node(.mapping([.init(key: label.name, value: Node(.string(label.value)))]))),
        ])))
    return ConnectedProxy(
      try read.get(), mayHaveSecrets: true, takesVirtualHosts: takesVirtualHosts)
  }
}
