internal import Mesh

/// A pattern of statistics names, as `%SERVICE%_%SERVICE_PORT%` (MeshConfig.outboundClusterStatName).
struct StatName {
  private let pattern: String

  init(_ pattern: String) { self.pattern = pattern }

  /// istiod leaves a target port of 0 in outbound names, and names what is not Kubernetes' by its host.
  func text(_ service: MeshService, port: Int, portName: String, subset: String) -> String {
    let name =
      switch service.source {
      case .kubernetes: (short: service.name, full: "\(service.name).\(service.namespace)")
      case .serviceEntry: (short: service.host, full: service.host)
      }
    return [
      ("%SERVICE%", name.full), ("%SERVICE_NAME%", name.short),
      ("%SERVICE_FQDN%", service.host), ("%SERVICE_PORT%", "\(port)"),
      ("%SERVICE_PORT_NAME%", portName), ("%SUBSET_NAME%", subset), ("%TARGET_PORT%", "0"),
    ].reduce(pattern) { $0.replacing($1.0, with: $1.1) }
  }
}
