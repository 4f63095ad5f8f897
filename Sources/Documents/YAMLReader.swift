internal import Diagnostics

/// Reads all documents of a YAML file, and goes on behind one that cannot be read.
///
/// A line that begins with `---` begins a document wherever it stands (YAML 1.2.2 §9.1.2 forbids it
/// inside any value), so a broken document ends at the next such line, whatever it left open.
struct YAMLReader {
  private let text: [UInt8]
  /// The text with its last line ended.
  private let lines: [UInt8]
  private let file: String
  private let limits: DocumentLimits
  private(set) var roots: [Node] = []
  private(set) var problems: FileProblems
  private var brokenDocuments = 0

  /// `firstLine`: how many lines of the file come before the text.
  init(_ text: [UInt8], file: String, limits: DocumentLimits, firstLine: Int = 0) {
    self.text = text
    let newline = UInt8(ascii: "\n")
    lines = text.last == newline ? text : text + [newline]
    self.file = file
    self.limits = limits
    problems = FileProblems(limit: limits.diagnostics)
    var start: TextLines? = TextLines(behindMarkOf: text, firstLine: firstLine)
    var declined = 0
    while let from = start {
      let plain = readPlain(from: from)
      guard let next = plain.next else { return }
      // Where few documents are plain, fewer are tried: each costs libyaml a new start.
      declined = plain.count > 0 ? 1 : max(1, min(declined * 2, 1 << 10))
      start = readStretch(from: next, upTo: declined)
    }
  }

  /// Reads documents for as long as they are plain: how many those are, and where the first begins that
  /// is not.
  private mutating func readPlain(from start: TextLines) -> (count: Int, next: TextLines?) {
    let (items, read, next) = unsafe lines.withUnsafeBufferPointer {
      [limits] text -> ([Tape.Item], [Int], TextLines?) in
      var plain = unsafe PlainYAML(text, from: start, limits: limits)
      var read: [Int] = []
      while !plain.isAtEnd {
        let place = plain.place
        guard let root = plain.document() else { return (plain.items, read, place) }
        read.append(root)
      }
      return (plain.items, read, nil)
    }
    if !read.isEmpty {
      let tape = Tape(items, of: lines)
      roots += read.map { tape.node($0) }
    }
    return (read.count, next)
  }

  /// Reads so many documents, or until one fails or none is left; where to go on.
  private mutating func readStretch(from start: TextLines, upTo count: Int) -> TextLines? {
    let events = YAMLEvents(text[start.offset...], lineOffset: start.line)
    var beginning = Node.Position(line: Int32(start.line + 1), column: 1)
    var read = 0
    while true {
      switch events.advance() {
      case .streamEnd: return nil
      case .streamStart, .documentEnd: continue
      case .documentStart:
        beginning = events.position
        if read >= count, let next = mark(at: beginning, from: start) { return next }
        read += 1
        events.advance()
        var tree = YAMLTree(events, file: file, limits: limits)
        if let root = tree.root() {
          roots.append(root)
        } else {
          problems.add(tree.problems)
          return skip(documentAt: beginning, events, from: start)
        }
      case .failure:
        // Between documents: what follows the last one, or a directive.
        let failed = events.failure.earliestPosition
        return skip(documentAt: max(beginning, failed), events, from: start)
      case .scalar, .alias, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd:
        preconditionFailure("libyaml ends a document after its root")
      }
    }
  }

  /// The place of a document's mark; nil where directives come before it.
  private func mark(at position: Node.Position, from start: TextLines) -> TextLines? {
    var lines = start
    lines.go(toLine: Int(position.line) - 1, in: text)
    return position.column == 1 && lines.isDocumentStart(in: text) ? lines : nil
  }

  /// Reports the document that begins there as broken; the beginning of the next.
  private mutating func skip(
    documentAt beginning: Node.Position, _ events: YAMLEvents, from start: TextLines
  ) -> TextLines? {
    problems.add(brokenAt: beginning.place(in: file))
    if events.kind == .failure {
      let failure = events.failure
      var lines = start
      lines.go(to: failure.position, in: text)
      let problem = failure.syntaxProblem(at: lines.surroundings(in: text))
      problems.add(.notYAML(problem, at: failure.reportedPosition.place(in: file)))
    }
    var lines = start
    lines.go(toLine: Int(beginning.line), in: text)
    guard lines.goToDocumentStart(in: text) else { return nil }
    brokenDocuments += 1
    // Each costs libyaml a new start.
    guard brokenDocuments < limits.brokenDocuments else {
      let place = Place(file: file, line: lines.line + 1, column: 1)
      problems.add(.tooManyBroken(limits.brokenDocuments, at: place))
      return nil
    }
    return lines
  }
}
