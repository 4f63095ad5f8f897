/// networking.istio.io EnvoyFilter: patches to what is generated for proxies.
package struct EnvoyFilter: ResourceSpec, AttachedSpec {
  package static let kind = Kind.envoyFilter

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension EnvoyFilter: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields, selector: "workloadSelector", labels: "labels"))
  }
}
