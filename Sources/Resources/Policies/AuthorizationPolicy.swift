/// security.istio.io AuthorizationPolicy: who may ask what of the workloads it is attached to.
package struct AuthorizationPolicy: ResourceSpec, AttachedSpec {
  package static let kind = Kind.authorizationPolicy

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension AuthorizationPolicy: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields))
  }
}
