package import Diagnostics

/// One object of a file: a YAML document, a JSON text, or one item of a `List` object.
package struct Document: Sendable {
  package let file: String
  package let root: Node

  package init(file: String, root: Node) {
    self.file = file
    self.root = root
  }
}

/// What one file says, as far as it could be read.
///
/// A file is the unit of replacement: what it defined before gives way to `documents`, and
/// `extent` says whether what is missing from them was taken out by the user or could not be read.
package struct ParsedFile: Sendable {
  package enum Extent: Hashable, Sendable {
    /// Everything the file holds is in `documents`; what is not there, the file no longer defines.
    case whole
    /// The documents that begin at these places could not be read; the others are in `documents`.
    case partial(broken: [Place])
    /// Nothing could be read: too large, not text.
    case unreadable
  }

  package let path: String
  package let documents: [Document]
  package let extent: Extent
  package let diagnostics: [Diagnostic]

  package init(path: String, documents: [Document], extent: Extent, diagnostics: [Diagnostic]) {
    self.path = path
    self.documents = documents
    self.extent = extent
    self.diagnostics = diagnostics
  }
}
