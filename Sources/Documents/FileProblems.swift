internal import Diagnostics

/// What is wrong with one file: so many messages, and the count of the rest.
struct FileProblems {
  private let limit: Int
  /// Where the documents begin that could not be read; no more of them than messages.
  private(set) var broken: [Place] = []
  private(set) var diagnostics: [Diagnostic] = []
  private var unlisted = 0

  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { diagnostics.isEmpty && unlisted == 0 }

  mutating func add(_ diagnostic: Diagnostic) {
    if diagnostics.count < limit { diagnostics.append(diagnostic) } else { unlisted += 1 }
  }

  mutating func add(brokenAt place: Place) {
    if broken.count < limit { broken.append(place) }
  }

  mutating func add(_ others: FileProblems) {
    for place in others.broken { add(brokenAt: place) }
    for diagnostic in others.diagnostics { add(diagnostic) }
    unlisted += others.unlisted
  }

  var extent: ParsedFile.Extent { broken.isEmpty ? .whole : .partial(broken: broken.sorted()) }

  /// All messages in the order of their places, with one that says how many more there are.
  func listed(for file: String) -> [Diagnostic] {
    diagnostics.sorted() + (unlisted > 0 ? [.moreProblems(unlisted, file: file)] : [])
  }
}
