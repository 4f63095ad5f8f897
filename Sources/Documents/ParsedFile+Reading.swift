internal import Diagnostics

extension ParsedFile {
  /// Reads a file's bytes, YAML or JSON, into its objects.
  package init(_ bytes: [UInt8], path: String, limits: DocumentLimits = DocumentLimits()) {
    self.init(bytes, path: path, limits: limits, firstLine: 0)
  }

  /// Reads bytes of a file that so many lines of it come before.
  init(_ bytes: [UInt8], path: String, limits: DocumentLimits, firstLine: Int) {
    if bytes.count > limits.fileBytes {
      self = .tooLarge(path, size: bytes.count, limits: limits)
      return
    }
    let trees = Trees(bytes, path: path, limits: limits, firstLine: firstLine)
    var objects = ObjectList(file: path, limits: limits)
    for root in trees.roots { objects.add(root) }
    var problems = trees.problems
    problems.add(objects.problems)
    self.init(
      path: path, documents: objects.documents,
      extent: trees.isText ? problems.extent : .unreadable,
      diagnostics: problems.listed(for: path))
  }

  /// A file so large that its bytes were not read.
  package static func tooLarge(_ path: String, size: Int, limits: DocumentLimits) -> ParsedFile {
    ParsedFile(
      path: path, documents: [], extent: .unreadable,
      diagnostics: [.fileTooLarge(path, size: size, limit: limits.fileBytes)])
  }
}
