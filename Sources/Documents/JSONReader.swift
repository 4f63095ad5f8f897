private import CSimdjson
package import Diagnostics

/// Reads JSON with simdjson. Made once and used for many texts, it keeps its buffers; not for two threads
/// at once.
@safe package final class JSONReader {
  private let parser: OpaquePointer
  private let limits: DocumentLimits
  private lazy var recurring = RecurringTexts()

  /// What a text holds: its tree, or why there is none.
  package enum Outcome: Sendable {
    case tree(Node)
    case refused(Diagnostic)

    package var root: Node? {
      switch self {
      case .tree(let node): node
      case .refused: nil
      }
    }
  }

  /// Nil without memory.
  package init?(limits: DocumentLimits = DocumentLimits()) {
    // One level more than allowed, so that the walk is what refuses.
    guard let parser = unsafe fairlead_json_create(limits.nesting + 1) else { return nil }
    unsafe self.parser = parser
    self.limits = limits
  }

  deinit { unsafe fairlead_json_destroy(parser) }

  /// The tree of a text without positions: what comes from no file. Of its fields those that are
  /// selected are built. Texts that `recur` are shared with those that were read before, and kept for
  /// that: no secrets.
  package func tree(
    of bytes: [UInt8], named name: String, selecting selection: FieldSelection = .all,
    recur: Bool = false
  ) -> Outcome {
    unsafe parsed(bytes, file: name, selecting: selection, recur: recur) { _ in nil }
  }

  /// The same without a look at what recurs, in two pieces of memory where that can be: for what values are
  /// made of at once.
  package func tapedTree(
    of bytes: [UInt8], named name: String, selecting table: FieldTable
  ) -> Outcome {
    unsafe parsed(
      bytes, file: name, selecting: table.selection, recur: false, onTapeBy: table
    ) { _ in nil }
  }

  /// The tree of a file, with the line and column of every key and value.
  func tree(of bytes: [UInt8], file: String) -> Outcome {
    unsafe parsed(bytes, file: file, selecting: .all, recur: false) {
      unsafe JSONPositions(bytes, offsets: Array($0))
    }
  }

  private func parsed(
    _ bytes: [UInt8], file: String, selecting selection: FieldSelection, recur: Bool,
    onTapeBy table: FieldTable? = nil, positions: (UnsafeBufferPointer<UInt32>) -> JSONPositions?
  ) -> Outcome {
    guard bytes.count <= limits.fileBytes else {
      return .refused(.fileTooLarge(file, size: bytes.count, limit: limits.fileBytes))
    }
    let error = unsafe bytes.withUnsafeBufferPointer {
      unsafe fairlead_json_parse(parser, $0.baseAddress, $0.count)
    }
    guard error == 0 else {
      let message = unsafe String(cString: fairlead_json_message(error))
      return .refused(.notJSON(message, at: Place(file: file)))
    }
    let view = unsafe fairlead_json_parsed(parser)
    let structurals = unsafe UnsafeBufferPointer(
      start: view.structurals, count: view.structural_count)
    let words = unsafe JSONWords(view.tape, strings: view.strings)
    if let table, let root = JSONTapeWriter.root(words, table, limits: limits) {
      return .tree(root)
    }
    var tape = unsafe JSONTape(
      words, positions: positions(structurals), file: file, limits: limits, selection: selection,
      recurring: recur ? recurring : nil)
    return tape.root()
  }

  /// Whether it is worth trying: YAML seldom begins with a brace.
  static func mayRead(_ bytes: [UInt8]) -> Bool {
    bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
  }
}
