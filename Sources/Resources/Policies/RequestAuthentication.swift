/// security.istio.io RequestAuthentication: whose tokens the workloads it is attached to accept.
package struct RequestAuthentication: ResourceSpec, AttachedSpec {
  package static let kind = Kind.requestAuthentication

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension RequestAuthentication: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields))
  }
}
