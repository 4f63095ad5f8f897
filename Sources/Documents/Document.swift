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
  private let contents: Contents

  private enum Contents: Sendable {
    case read(documents: [Document], extent: Extent, diagnostics: [Diagnostic])
    /// Read whenever it is asked for.
    case unread(UnreadText)
  }

  package init(path: String, documents: [Document], extent: Extent, diagnostics: [Diagnostic]) {
    self.path = path
    contents = .read(documents: documents, extent: extent, diagnostics: diagnostics)
  }

  init(unread text: UnreadText) {
    path = text.path
    contents = .unread(text)
  }

  package var documents: [Document] {
    switch contents {
    case .read(let documents, _, _): documents
    case .unread(let text): text.whole.documents
    }
  }
  package var extent: Extent {
    switch contents {
    case .read(_, let extent, _): extent
    case .unread(let text): text.whole.extent
    }
  }
  package var diagnostics: [Diagnostic] {
    switch contents {
    case .read(_, _, let diagnostics): diagnostics
    case .unread(let text): text.whole.diagnostics
    }
  }

  /// The file with its text read, for who asks for more than one thing of it.
  package var read: ParsedFile {
    switch contents {
    case .read: self
    case .unread(let text): text.whole
    }
  }

  /// How much work there is in it, in bytes of text as far as they are not read.
  package var size: Int {
    switch contents {
    case .read(let documents, _, _): documents.count << 10
    case .unread(let text): text.size
    }
  }

  /// The file in parts of whole documents, none of them read yet if the file is not; each can be read on
  /// any thread. Read and joined they are the file.
  package var parts: [ParsedFile] {
    switch contents {
    case .read: [self]
    case .unread(let text): text.parts
    }
  }

  /// What parts of a file that were read say of it together.
  package static func joined(
    _ parts: [(extent: Extent, diagnostics: [Diagnostic])], limits: DocumentLimits = .init()
  ) -> (extent: Extent, diagnostics: [Diagnostic]) {
    guard parts.count != 1 else { return parts[0] }
    var broken: [Place] = []
    for part in parts {
      switch part.extent {
      case .whole: break
      case .partial(let places): broken += places
      case .unreadable: return (.unreadable, part.diagnostics)
      }
    }
    let all = parts.flatMap(\.diagnostics)
    let unlisted = all.count - limits.diagnostics
    return (
      broken.isEmpty ? .whole : .partial(broken: Array(broken.prefix(limits.diagnostics))),
      unlisted > 0
        ? all.dropLast(unlisted) + [.moreProblems(unlisted, file: all[0].place.file)] : all
    )
  }
}
