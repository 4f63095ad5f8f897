/// extensions.istio.io TrafficExtension: a WebAssembly module or a Lua script in filter chains.
package struct TrafficExtension: ResourceSpec, AttachedSpec {
  package static let kind = Kind.trafficExtension

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension TrafficExtension: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields))
  }
}
