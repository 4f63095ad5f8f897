package import Diagnostics

/// The documents of a text, YAML or JSON, as trees, whatever they hold.
package struct Trees: Sendable {
  package let roots: [Node]
  package let diagnostics: [Diagnostic]
  /// Where a document could not be read; the others could.
  let broken: [Place]
  /// Whether the bytes are text at all.
  let isText: Bool

  package init(_ bytes: [UInt8], path: String, limits: DocumentLimits = DocumentLimits()) {
    if let problem = TextCheck.problem(in: bytes, file: path) {
      (roots, diagnostics, broken, isText) = ([], [problem], [], false)
      return
    }
    isText = true
    if JSONReader.mayRead(bytes), let json = JSONReader(limits: limits),
      let root = json.tree(of: bytes, file: path).root
    {
      (roots, diagnostics, broken) = ([root], [], [])
      return
    }
    // JSON is YAML (1.2.2 §1.2); what is wrong with a JSON text, libyaml can place.
    let yaml = YAMLReader(bytes, file: path, limits: limits)
    (roots, diagnostics, broken) = (yaml.roots, yaml.diagnostics, yaml.broken)
  }
}
