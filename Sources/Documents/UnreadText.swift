/// A file's bytes that were not read yet: the trees of a large file take ten times its size, and need
/// not all be there at once.
struct UnreadText: Sendable {
  let path: String
  /// Shared by all parts of the file.
  private let bytes: [UInt8]
  private let range: Range<Int>
  private let limits: DocumentLimits
  /// Lines of the file before the range.
  private let firstLine: Int

  init(_ bytes: [UInt8], path: String, limits: DocumentLimits) {
    self.init(bytes, bytes.indices, path: path, limits: limits, firstLine: 0)
  }

  private init(
    _ bytes: [UInt8], _ range: Range<Int>, path: String, limits: DocumentLimits, firstLine: Int
  ) {
    self.bytes = bytes
    self.range = range
    self.path = path
    self.limits = limits
    self.firstLine = firstLine
  }

  var size: Int { range.count }

  var whole: ParsedFile {
    ParsedFile(
      range == bytes.indices ? bytes : Array(bytes[range]), path: path, limits: limits,
      firstLine: firstLine)
  }

  /// What is made of so much stays near the processor while it is read.
  private static let partBytes = 1 << 18

  /// Parts of about that size, each of whole documents. A text that is not YAML, or that comes to a limit, is
  /// one part: what is said of it must not depend on where it was cut.
  var parts: [ParsedFile] {
    guard range == bytes.indices, bytes.count > Self.partBytes, bytes.count <= limits.fileBytes,
      TextCheck.problem(in: bytes, file: path) == nil, !JSONReader.mayRead(bytes), let cuts
    else { return [ParsedFile(unread: self)] }
    let places = [TextLines()] + cuts
    return zip(places, cuts.map(\.offset) + [bytes.count]).map { start, end in
      part(start.offset..<end, firstLine: start.line)
    }
  }

  /// Where parts begin behind the first; nil where there may be too many documents for parts.
  private var cuts: [TextLines]? {
    var cuts: [TextLines] = []
    var lines = TextLines(behindMarkOf: bytes)
    var documents = 0
    while lines.goToNextDocument(in: bytes) {
      documents += 1
      if lines.offset - (cuts.last?.offset ?? 0) >= Self.partBytes { cuts.append(lines) }
    }
    return documents < limits.documents ? cuts : nil
  }

  private func part(_ range: Range<Int>, firstLine: Int) -> ParsedFile {
    // Counting who holds one text would have the threads that read wait for each other all the time.
    let path = String(decoding: Array(path.utf8), as: UTF8.self)
    return ParsedFile(
      unread: UnreadText(bytes, range, path: path, limits: limits, firstLine: firstLine))
  }
}

extension ParsedFile {
  /// A file that is read when it is asked for.
  package static func unread(
    _ bytes: [UInt8], path: String, limits: DocumentLimits = DocumentLimits()
  ) -> ParsedFile {
    ParsedFile(unread: UnreadText(bytes, path: path, limits: limits))
  }
}
