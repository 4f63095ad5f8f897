/// telemetry.istio.io Telemetry: the logs, metrics and traces of workloads.
package struct Telemetry: ResourceSpec, AttachedSpec {
  package static let kind = Kind.telemetry

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension Telemetry: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields))
  }
}
