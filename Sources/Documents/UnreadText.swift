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
      !JSONReader.mayRead(bytes), let cuts = plainCuts ?? cuts
    else { return [ParsedFile(unread: self)] }
    let places = [TextLines()] + cuts
    return zip(places, cuts.map(\.offset) + [bytes.count]).map { start, end in
      part(start.offset..<end, firstLine: start.line)
    }
  }

  /// Where parts begin behind the first; nil for what is no text, and where there may be too many documents
  /// for parts.
  private var cuts: [TextLines]? {
    guard TextCheck.problem(in: bytes, file: path) == nil else { return nil }
    var cuts: [TextLines] = []
    var lines = TextLines(behindMarkOf: bytes)
    var documents = 0
    while lines.goToNextDocument(in: bytes) {
      documents += 1
      if lines.offset - (cuts.last?.offset ?? 0) >= Self.partBytes { cuts.append(lines) }
    }
    return documents < limits.documents ? cuts : nil
  }

  /// The same of a text of nothing but ASCII; nil for others too.
  private var plainCuts: [TextLines]? {
    unsafe bytes.withUnsafeBytes { text in
      var cuts: [TextLines] = []
      var (line, documents, next) = (0, 0, Self.partBytes)
      /// A line begins there.
      func note(_ offset: Int) {
        line += 1
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "-") else { return }
        let place = TextLines(line: line, offset: offset)
        guard place.isDocumentStart(in: bytes) else { return }
        documents += 1
        guard offset >= next else { return }
        cuts.append(place)
        next = offset + Self.partBytes
      }
      var offset = 0
      while offset + 8 <= text.count {
        let word = unsafe TextWord(text, at: offset)
        guard word.isPlain else { return nil }
        var feeds = word.lineFeeds
        while feeds != 0 {
          note(offset + feeds.trailingZeroBitCount / 8 + 1)
          feeds &= feeds - 1
        }
        offset += 8
      }
      for end in offset..<text.count {
        let byte = unsafe text[end]
        guard byte >= 0x20 && byte < 0x7F || byte == 0x0A || byte == 0x09 else { return nil }
        if byte == 0x0A { note(end + 1) }
      }
      return documents < limits.documents ? cuts : nil
    }
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
