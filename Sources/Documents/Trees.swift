package import Diagnostics

/// The documents of a text, YAML or JSON, as trees, whatever they hold.
package struct Trees: Sendable {
  package let roots: [Node]
  /// Whether the bytes are text at all.
  let isText: Bool
  let problems: FileProblems
  private let path: String

  package var diagnostics: [Diagnostic] { problems.listed(for: path) }

  package init(
    _ bytes: [UInt8], path: String, limits: DocumentLimits = DocumentLimits(), firstLine: Int = 0
  ) {
    self.path = path
    var problems = FileProblems(limit: limits.diagnostics)
    if let problem = TextCheck.problem(in: bytes, file: path) {
      problems.add(problem)
      (roots, isText, self.problems) = ([], false, problems)
      return
    }
    isText = true
    if JSONReader.mayRead(bytes), let json = JSONReader(limits: limits),
      let root = json.tree(of: bytes, file: path).root
    {
      (roots, self.problems) = ([root], problems)
      return
    }
    // JSON is YAML (1.2.2 §1.2); what is wrong with a JSON text, libyaml can place.
    let yaml = YAMLReader(bytes, file: path, limits: limits, firstLine: firstLine)
    (roots, self.problems) = (yaml.roots, yaml.problems)
  }
}
