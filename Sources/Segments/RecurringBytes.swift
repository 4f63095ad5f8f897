/// Makes ropes of messages of few kinds, those that are alike by way of a few that all are told by: a
/// message takes as much memory as it has bytes of its own. What a rope holds, its length and its hash
/// do not depend on what came before it, only how it is kept does.
///
/// Not here, on purpose: what messages mean. Whatever bytes stand in one of the last kinds are found.
package final class RecurringBytes {
  /// What messages are told by, the one that served last at the front.
  private var patterns: [Pattern] = []
  private let comparison = Comparison(upTo: RecurringBytes.limits.bytes)

  /// So many kinds of messages, and bytes of one; others are kept as they are.
  private static let limits = (patterns: 8, bytes: 8192, fewest: 96)

  package init() {}

  package func rope(of message: UnsafeRawBufferPointer) -> Rope {
    guard message.count >= Self.limits.fewest, message.count <= Self.limits.bytes else {
      return unsafe Rope(Segment(copying: message))
    }
    for (place, pattern) in patterns.enumerated()
    where unsafe comparison.compare(message, with: pattern, below: (message.count * 3 + 3) / 4) {
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
    let words = WordPlaces(bits: 11)
    unsafe bytes.withUnsafeBytes { all in
      for place in 0..<max(0, all.count - WordPlaces.length + 1) {
        unsafe words.note(eightBytes(at: place, of: all), at: place)
      }
    }
    self.words = words
  }
}

/// Where words of eight bytes were seen last.
@safe private final class WordPlaces {
  /// Behind a place is 0, which stands for none.
  private let places: UnsafeMutableBufferPointer<UInt16>
  private let shift: UInt64

  static let length = 8

  init(bits: Int) {
    unsafe places = .allocate(capacity: 1 << bits)
    unsafe places.initialize(repeating: 0)
    shift = UInt64(64 - bits)
  }

  deinit { unsafe places.deallocate() }

  /// Of all words; the highest bits of it are a slot.
  @inline(__always)
  static func digest(_ word: UInt64) -> UInt64 { word &* 0x9E37_79B9_7F4A_7C15 }

  func note(_ word: UInt64, at place: Int) {
    unsafe places[Int(Self.digest(word) >> shift)] = UInt16(truncatingIfNeeded: place + 1)
  }

  /// Where the word of that digest may stand; -1 where it was not seen.
  @inline(__always)
  func place(of digest: UInt64) -> Int { unsafe Int(places[Int(digest >> shift)]) - 1 }

  func forget() { unsafe places.update(repeating: 0) }
}

@inline(__always)
private func eightBytes(at place: Int, of bytes: UnsafeRawBufferPointer) -> UInt64 {
  unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
}

/// What a message has of its own, beside another. Used again and again for its memory.
@safe private final class Comparison {
  private let room: UnsafeMutableRawBufferPointer
  private var ownCount = 0
  private var writer = StretchWriter()
  private let ownWords = WordPlaces(bits: 8)
  /// How many words of its own were noted.
  private var noted = 0

  /// For messages of so many bytes at most.
  init(upTo bytes: Int) { unsafe room = .allocate(byteCount: bytes, alignment: 8) }

  deinit { unsafe room.deallocate() }

  /// The bytes that stand nowhere else, good until the next comparison.
  var own: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: room[..<ownCount])
  }

  var stretches: [PatternedBytes.Stretch] { writer.stretches }

  /// What it would take to keep.
  private var size: Int { ownCount + stretches.count * PatternedBytes.Stretch.size }

  /// Whether it takes less than that to keep; else it was not compared to the end.
  func compare(
    _ message: UnsafeRawBufferPointer, with pattern: Pattern, below limit: Int
  ) -> Bool {
    ownCount = 0
    writer.begin()
    ownWords.forget()
    noted = 0
    return unsafe pattern.bytes.withUnsafeBytes {
      unsafe compare(message, $0, pattern.words, below: limit)
    }
  }

  private func compare(
    _ message: UnsafeRawBufferPointer, _ pattern: UnsafeRawBufferPointer, _ words: WordPlaces,
    below limit: Int
  ) -> Bool {
    var (place, taken) = (0, 0)
    while place + WordPlaces.length <= message.count {
      let word = unsafe eightBytes(at: place, of: message)
      let digest = WordPlaces.digest(word)
      let (length, source): (Int, Int)
      let found = words.place(of: digest)
      let ownFound = ownWords.place(of: digest)
      if found >= 0, unsafe eightBytes(at: found, of: pattern) == word {
        length = unsafe common(message, place, pattern, found)
        source = found
      } else if ownFound >= 0, unsafe eightBytes(at: ownFound, of: own) == word {
        length = unsafe common(message, place, own, ownFound)
        source = pattern.count + ownFound
      } else {
        place += 1
        continue
      }
      unsafe takeOwn(message, taken..<place)
      writer.take(length, at: source)
      guard size < limit else { return false }
      place += length
      taken = place
    }
    unsafe takeOwn(message, taken..<message.count)
    writer.finish()
    return size < limit
  }

  /// How many bytes two have in common from these places on, where each has a word.
  private func common(
    _ a: UnsafeRawBufferPointer, _ placeOfA: Int, _ b: UnsafeRawBufferPointer, _ placeOfB: Int
  ) -> Int {
    let most = min(a.count - placeOfA, b.count - placeOfB)
    var length = WordPlaces.length
    while length + WordPlaces.length <= most {
      let mine = unsafe eightBytes(at: placeOfA + length, of: a)
      let difference = unsafe mine ^ eightBytes(at: placeOfB + length, of: b)
      guard difference == 0 else {
        return length + UInt64(littleEndian: difference).trailingZeroBitCount / 8
      }
      length += WordPlaces.length
    }
    while length < most, unsafe a[placeOfA + length] == b[placeOfB + length] { length += 1 }
    return length
  }

  private func takeOwn(_ message: UnsafeRawBufferPointer, _ range: Range<Int>) {
    unsafe UnsafeMutableRawBufferPointer(rebasing: room[ownCount...])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: message[range]))
    ownCount += range.count
    noteOwn()
    writer.takeOwn(range.count)
  }

  private func noteOwn() {
    while noted + WordPlaces.length <= ownCount {
      unsafe ownWords.note(eightBytes(at: noted, of: own), at: noted)
      noted += 1
    }
  }
}
