/// extensions.istio.io WasmPlugin: a WebAssembly module in the filter chains of workloads. It means
/// what a TrafficExtension with that module means.
package struct WasmPlugin: ResourceSpec, AttachedSpec {
  package static let kind = Kind.wasmPlugin

  package var meaning: TrafficExtension

  package var attachment: PolicyAttachment { meaning.attachment }

  package init(meaning: TrafficExtension) {
    self.meaning = meaning
  }
}
