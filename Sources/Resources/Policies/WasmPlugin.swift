/// extensions.istio.io WasmPlugin: a WebAssembly module in the filter chains of workloads.
package struct WasmPlugin: ResourceSpec, AttachedSpec {
  package static let kind = Kind.wasmPlugin

  package var attachment: PolicyAttachment

  package init(attachment: PolicyAttachment = PolicyAttachment()) {
    self.attachment = attachment
  }
}

extension WasmPlugin: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init(attachment: PolicyAttachment(&fields))
  }
}
