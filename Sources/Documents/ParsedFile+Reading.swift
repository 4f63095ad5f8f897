internal import Diagnostics

extension ParsedFile {
  /// Reads a file's bytes, YAML or JSON, into its objects.
  package init(_ bytes: [UInt8], path: String, limits: DocumentLimits = DocumentLimits()) {
    if bytes.count > limits.fileBytes {
      self = .tooLarge(path, size: bytes.count, limits: limits)
      return
    }
    if let problem = TextCheck.problem(in: bytes, file: path) {
      self.init(path: path, documents: [], extent: .unreadable, diagnostics: [problem])
      return
    }
    if JSONReader.mayRead(bytes), let json = JSONReader(limits: limits),
      let root = json.tree(of: bytes, file: path).root
    {
      self.init(roots: [root], broken: [], diagnostics: [], path: path, limits: limits)
      return
    }
    // JSON is YAML (1.2.2 §1.2); what is wrong with a JSON text, libyaml can place.
    let yaml = YAMLReader(bytes, file: path, limits: limits)
    self.init(
      roots: yaml.roots, broken: yaml.broken, diagnostics: yaml.diagnostics, path: path,
      limits: limits)
  }

  /// A file so large that its bytes were not read.
  package static func tooLarge(_ path: String, size: Int, limits: DocumentLimits) -> ParsedFile {
    ParsedFile(
      path: path, documents: [], extent: .unreadable,
      diagnostics: [.fileTooLarge(path, size: size, limit: limits.fileBytes)])
  }

  private init(
    roots: [Node], broken: [Place], diagnostics: [Diagnostic], path: String,
    limits: DocumentLimits
  ) {
    var objects = ObjectList(file: path, limits: limits)
    for root in roots { objects.add(root) }
    let broken = broken + objects.broken
    self.init(
      path: path, documents: objects.documents,
      extent: broken.isEmpty ? .whole : .partial(broken: broken.sorted()),
      diagnostics: (diagnostics + objects.diagnostics).sorted().limited(to: limits, of: path))
  }
}

extension [Diagnostic] {
  fileprivate func limited(to limits: DocumentLimits, of file: String) -> [Diagnostic] {
    guard count > limits.diagnostics else { return self }
    return prefix(limits.diagnostics) + [
      .moreProblems(count - limits.diagnostics, file: file)
    ]
  }
}
