/// security.istio.io PeerAuthentication: whether workloads take connections without mutual TLS.
package struct PeerAuthentication: ResourceSpec, AttachedSpec {
  package static let kind = Kind.peerAuthentication

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension PeerAuthentication: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields))
  }
}
