internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Ports of Services whose names say no protocol (istioctl's service.PortNameAnalyzer).
struct ServicePortAnalysis {
  private let services: ServiceQueries
  private let domain: String

  init(_ model: MeshModel) {
    services = model.services
    domain = model.options.clusterDomain
  }

  /// Labels of Services that users did not write: the control plane's own, and those of gateways that
  /// a controller deploys.
  private static let foreign = ["istio", "gateway.istio.io/managed"]

  /// Namespaces of the cluster's own, which istioctl leaves out.
  private static let system: Set = ["kube-system", "kube-public", "kube-node-lease"]

  func remarks(_ id: NamespacedName, _ service: Object<Service>) -> [Remark] {
    let labels = service.metadata.labels
    guard !Self.system.contains(id.namespace), !Self.foreign.contains(where: { labels[$0] != nil }),
      labels["release"] != "istio"
    else {
      return []
    }
    let key = ServiceKey(host: "\(id.name).\(id.namespace).svc.\(domain)", namespace: id.namespace)
    let ports = services.service(key)?.ports ?? []
    return service.spec.ports.enumerated().compactMap { index, port in
      let spoken = ports.first { $0.number == port.port && $0.name == port.name ?? "" }
      let isAlias = service.spec.type == .externalName
      guard
        (port.transport == .tcp && spoken?.portProtocol == .unsupported)
          || (isAlias && port.name == "tcp")
      else { return nil }
      return Remark(
        .element("ports", index),
        isAlias
          ? .aliasPortWithoutProtocol(port.port)
          : .portWithoutProtocol(port.name ?? "", port: port.port), basis: .surroundings)
    }
  }
}
