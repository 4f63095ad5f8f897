package import Diagnostics
package import Documents

/// What a file of settings says: its value, nil where something in it is wrong (the last good one then
/// stays), and everything to say about it.
package struct Settings<Value: Sendable>: Sendable {
  package let value: Value?
  package let diagnostics: [Diagnostic]
}

extension Settings<MeshConfig> {
  /// Reads the file of `--mesh-config`: a MeshConfig, without apiVersion and kind.
  package init(reading document: Document) { self.init(document) { MeshConfig(&$0) } }
}

extension Settings<MeshNetworks> {
  /// Reads the file of `--networks-config`.
  package init(reading document: Document) { self.init(document) { MeshNetworks(&$0) } }
}

extension Settings {
  fileprivate init(_ document: Document, _ body: (inout Fields) -> Value) {
    let reading = Reading(file: document.file)
    reading.acceptsUnderscores = true
    reading.isOfSettings = true
    let value = Fields.read(document.root, reading, body)
    self.init(value: reading.isRefused ? nil : value, diagnostics: reading.conclude())
  }
}
