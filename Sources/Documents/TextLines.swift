/// A place in a text, found by going through it line by line as libyaml counts them.
struct TextLines {
  /// Lines of the file before the place.
  private(set) var line = 0
  /// Bytes before the place.
  private(set) var offset = 0

  init(line: Int = 0, offset: Int = 0) {
    self.line = line
    self.offset = offset
  }

  /// The beginning of a text, behind the byte order mark it may have; so many lines of its file come
  /// before it.
  init(behindMarkOf text: [UInt8], firstLine: Int = 0) {
    line = firstLine
    offset = text.starts(with: TextCheck.byteOrderMark) ? TextCheck.byteOrderMark.count : 0
  }

  /// Goes on to the beginning of the line that has so many before it, or to the end of the text.
  mutating func go(toLine wanted: Int, in text: [UInt8]) {
    while line < wanted && offset < text.count { goToNextLine(in: text) }
  }

  mutating func go(to position: Node.Position, in text: [UInt8]) {
    go(toLine: Int(position.line) - 1, in: text)
    var column = 1
    while column < position.column && offset < text.count {
      offset += 1
      while offset < text.count && text[offset] & 0xC0 == 0x80 { offset += 1 }
      column += 1
    }
  }

  /// Goes on to a line behind this one that begins a document; false where there is none.
  mutating func goToNextDocument(in text: [UInt8]) -> Bool {
    goToNextLine(in: text)
    return goToDocumentStart(in: text)
  }

  /// Goes on to the next line that begins a document; false where there is none.
  mutating func goToDocumentStart(in text: [UInt8]) -> Bool {
    while offset < text.count {
      if isDocumentStart(in: text) { return true }
      goToNextLine(in: text)
    }
    return false
  }

  /// What stands at the place.
  func surroundings(in text: [UInt8]) -> YAMLFailure.Surroundings {
    if offset >= text.count || isDocumentStart(in: text) { return .endOfDocument }
    let before = text[..<offset].suffix(80).suffix { $0 != UInt8(ascii: "\n") }
    let after = text[offset...].prefix { $0 != UInt8(ascii: "\n") }
    let line = String(decoding: before + after.prefix(80), as: UTF8.self)
    if line.contains("{{") { return .template }
    return String(decoding: after.prefix(4), as: UTF8.self).first.map { .character($0) }
      ?? .endOfLine
  }

  /// Whether a line stands here that begins a document.
  func isDocumentStart(in text: [UInt8]) -> Bool {
    // Nearly all lines begin otherwise.
    guard offset + 3 <= text.count, text[offset] == UInt8(ascii: "-"),
      text[offset..<offset + 3].elementsEqual("---".utf8)
    else { return false }
    guard offset + 3 < text.count else { return true }
    return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
      .contains(text[offset + 3])
  }

  /// YAML 1.1 §4.1.4: CR LF, CR, LF, and the separators U+0085, U+2028, U+2029.
  private mutating func goToNextLine(in text: [UInt8]) {
    while offset < text.count {
      if let word = TextWord(text, at: offset), word.isPlain {
        guard word.lineFeeds != 0 else {
          offset += 8
          continue
        }
        offset += word.lineFeeds.trailingZeroBitCount / 8 + 1
        line += 1
        return
      }
      let byte = text[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\n"): break
      case UInt8(ascii: "\r"):
        if offset < text.count && text[offset] == UInt8(ascii: "\n") { offset += 1 }
      case 0xC2:
        guard offset < text.count && text[offset] == 0x85 else { continue }
        offset += 1
      case 0xE2:
        guard offset + 1 < text.count && text[offset] == 0x80 && text[offset + 1] & 0xFE == 0xA8
        else { continue }
        offset += 2
      default: continue
      }
      line += 1
      return
    }
  }
}

extension BidirectionalCollection {
  /// The longest end of which all elements fit.
  fileprivate func suffix(while fits: (Element) -> Bool) -> SubSequence {
    var start = endIndex
    while start > startIndex, fits(self[index(before: start)]) { start = index(before: start) }
    return self[start...]
  }
}
