/// Makes ropes of messages of few kinds, those that are alike by way of a few that all are told by: a
/// message takes as much memory as it has bytes of its own. What a rope holds, its length and its hash
/// do not depend on what came before it, only how it is kept does.
///
/// Not here, on purpose: what messages mean. Whatever bytes stand in one of the last kinds are found.
package final class RecurringBytes {
  /// What messages are told by, the one that served last at the front.
  private var patterns: [Pattern] = []
  private var comparison = Comparison()

  /// So many kinds of messages, and bytes of one; others are kept as they are.
  private static let limits = (patterns: 8, bytes: 8192, fewest: 96)

  package init() {}

  package func rope(of message: UnsafeRawBufferPointer) -> Rope {
    guard message.count >= Self.limits.fewest, message.count <= Self.limits.bytes else {
      return unsafe Rope(Segment(copying: message))
    }
    for (place, pattern) in patterns.enumerated() {
      unsafe comparison.compare(message, with: pattern)
      guard comparison.size * 4 < message.count * 3 else { continue }
      if place > 0 { patterns.swapAt(0, place) }
      return unsafe Rope(
        PatternedBytes(
          pattern: pattern.bytes, own: comparison.own, stretches: comparison.stretches,
          count: message.count, hash: ContentHash(of: message)))
    }
    let segment = unsafe Segment(copying: message)
    if patterns.count < Self.limits.patterns { patterns.append(Pattern(segment)) }
    return Rope(segment)
  }
}

/// A message and where in it words begin.
private struct Pattern {
  let bytes: Segment
  let words: WordPlaces

  init(_ bytes: Segment) {
    self.bytes = bytes
    var words = WordPlaces(bits: 11)
    unsafe bytes.withUnsafeBytes { all in
      for place in 0..<max(0, all.count - WordPlaces.length + 1) {
        unsafe words.note(word(at: place, of: all), at: place)
      }
    }
    self.words = words
  }
}

/// Where words of eight bytes were seen last.
private struct WordPlaces {
  /// Behind a place is 0, which stands for none.
  private var places: [UInt16]
  private let shift: UInt64

  static let length = 8

  init(bits: Int) {
    places = Array(repeating: 0, count: 1 << bits)
    shift = UInt64(64 - bits)
  }

  private func slot(_ word: UInt64) -> Int { Int((word &* 0x9E37_79B9_7F4A_7C15) >> shift) }

  mutating func note(_ word: UInt64, at place: Int) { places[slot(word)] = UInt16(place + 1) }
  /// Where the word may stand.
  func place(of word: UInt64) -> Int? {
    let found = places[slot(word)]
    return found == 0 ? nil : Int(found) - 1
  }
  mutating func forget() { for slot in places.indices { places[slot] = 0 } }
}

private func word(at place: Int, of bytes: UnsafeRawBufferPointer) -> UInt64 {
  unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
}

/// What a message has of its own, beside another. Used again and again for its memory.
private struct Comparison {
  private(set) var own: [UInt8] = []
  private(set) var stretches: [PatternedBytes.Stretch] = []
  private var ownWords = WordPlaces(bits: 8)
  /// How many words of its own were noted.
  private var noted = 0

  /// What it would take to keep.
  var size: Int { own.count + stretches.count * PatternedBytes.Stretch.size }

  mutating func compare(_ message: UnsafeRawBufferPointer, with pattern: Pattern) {
    own.removeAll(keepingCapacity: true)
    stretches.removeAll(keepingCapacity: true)
    ownWords.forget()
    noted = 0
    unsafe pattern.bytes.withUnsafeBytes { unsafe compare(message, $0, pattern.words) }
  }

  private mutating func compare(
    _ message: UnsafeRawBufferPointer, _ pattern: UnsafeRawBufferPointer, _ words: WordPlaces
  ) {
    var (place, taken) = (0, 0)
    while place + WordPlaces.length <= message.count {
      let word = unsafe word(at: place, of: message)
      var (length, source) = (0, 0)
      if let found = words.place(of: word) {
        length = unsafe common(message, place, pattern, found)
        source = found
      }
      if length < WordPlaces.length, let found = ownWords.place(of: word) {
        length = unsafe own.withUnsafeBytes { unsafe common(message, place, $0, found) }
        source = pattern.count + found
      }
      guard length >= WordPlaces.length else {
        place += 1
        continue
      }
      unsafe take(message, taken..<place, then: source, length)
      place += length
      taken = place
    }
    unsafe take(message, taken..<message.count, then: 0, 0)
  }

  /// How many bytes two have in common from these places on.
  private func common(
    _ a: UnsafeRawBufferPointer, _ placeOfA: Int, _ b: UnsafeRawBufferPointer, _ placeOfB: Int
  ) -> Int {
    let most = min(a.count - placeOfA, b.count - placeOfB)
    var length = 0
    while length + WordPlaces.length <= most {
      let mine = unsafe word(at: placeOfA + length, of: a)
      let difference = unsafe mine ^ word(at: placeOfB + length, of: b)
      guard difference == 0 else {
        return length + UInt64(littleEndian: difference).trailingZeroBitCount / 8
      }
      length += WordPlaces.length
    }
    while length < most, unsafe a[placeOfA + length] == b[placeOfB + length] { length += 1 }
    return length
  }

  private mutating func take(
    _ message: UnsafeRawBufferPointer, _ range: Range<Int>, then place: Int, _ length: Int
  ) {
    let longest = PatternedBytes.Stretch.longest
    unsafe own.append(contentsOf: message[range])
    noteOwn()
    var rest = range.count
    while rest > longest {
      stretches.append(.init(ownCount: UInt8(longest), length: 0, place: 0))
      rest -= longest
    }
    var (place, length) = (place, length)
    repeat {
      let part = min(length, longest)
      if rest + part > 0 {
        stretches.append(
          .init(ownCount: UInt8(rest), length: UInt8(part), place: UInt16(place)))
      }
      rest = 0
      place += part
      length -= part
    } while length > 0
  }

  private mutating func noteOwn() {
    unsafe own.withUnsafeBytes { all in
      while noted + WordPlaces.length <= all.count {
        unsafe ownWords.note(word(at: noted, of: all), at: noted)
        noted += 1
      }
    }
  }
}
