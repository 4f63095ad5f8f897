internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

/// What is found in a Gateway.
struct GatewayAnalysis {
  private let certificates: SharedCertificates
  private let hosts: SharedHosts
  private let workloads: GatewayWorkloads
  private let credentials: CredentialSecrets
  private let merging: GatewayQueries

  init(_ model: MeshModel, _ workloads: Workloads) {
    certificates = SharedCertificates(model.store)
    hosts = SharedHosts(model.store, workloads)
    self.workloads = GatewayWorkloads(model.store, workloads)
    credentials = CredentialSecrets(model.store, workloads)
    merging = model.gateways
  }

  func remarks(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    let dropped = dropped(id, gateway)
    let shared = hosts.remarks(id, gateway).filter { remark in
      !dropped.contains { $0.spot == remark.spot }
    }
    return certificates.remarks(id, gateway) + dropped + shared + workloads.remarks(id, gateway)
      + credentials.remarks(id, gateway)
  }

  /// Servers that give way to earlier ones on proxies with the Gateway's labels and no others.
  private func dropped(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    merging.rejections(gateway.selector).filter { $0.server.gateway == id }.map { rejection in
      Remark(
        .element("servers", rejection.server.reference.index), ".\(rejection.field)",
        rejection.finding, basis: .surroundings)
    }
  }
}
