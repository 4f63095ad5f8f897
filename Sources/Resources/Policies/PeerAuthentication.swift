/// security.istio.io PeerAuthentication: whether workloads take connections without mutual TLS.
package struct PeerAuthentication: ResourceSpec, AttachedSpec {
  package static let kind = Kind.peerAuthentication

  package var attachment: PolicyAttachment
  /// Nil for what a wider policy says.
  package var mode: Mode?
  /// By the workload's own port; a port without a mode is as the workload.
  package var portModes: [Int: Mode?]

  package init(
    attachment: PolicyAttachment = PolicyAttachment(), mode: Mode? = nil,
    portModes: [Int: Mode?] = [:]
  ) {
    self.attachment = attachment
    self.mode = mode
    self.portModes = portModes
  }

  package enum Mode: String, Hashable, Sendable {
    case disable = "DISABLE"
    case permissive = "PERMISSIVE"
    case strict = "STRICT"
  }
}
