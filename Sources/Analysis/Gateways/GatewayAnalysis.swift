internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

/// What is found in a Gateway.
struct GatewayAnalysis {
  private let certificates: SharedCertificates

  init(_ model: MeshModel) { certificates = SharedCertificates(model.store) }

  func remarks(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    certificates.remarks(id, gateway)
  }
}
