/// A message that is told by another of its kind: stretches of that one's bytes, of its own, and of its
/// own once more where it repeats itself. Clusters by the ten thousand differ in a few names.
///
/// ``RecurringBytes`` makes them.
final class PatternedBytes: Sendable {
  /// What others are told by, too.
  private let pattern: Segment
  /// The bytes that stand nowhere else, and behind them the stretches; its hash is the message's.
  private let own: Segment
  private let ownCount: UInt32
  private let shortCount: UInt32

  /// Bytes of its own, as many as stated, and then others: of the pattern where the place lies in that,
  /// else of its own from the place behind the pattern's end on.
  struct Stretch {
    let ownCount: UInt8
    let length: UInt8
    let place: UInt16

    static let size = 4
    /// Of either count.
    static let longest = Int(UInt8.max)

    var bytes: [UInt8] {
      [
        ownCount, length, UInt8(truncatingIfNeeded: place), UInt8(truncatingIfNeeded: place >> 8),
      ]
    }
  }

  /// `own`: its bytes of its own, the stretches, and its hash.
  init(pattern: Segment, own: Segment, ownCount: Int, count: Int) {
    self.pattern = pattern
    self.own = own
    self.ownCount = UInt32(ownCount)
    shortCount = UInt32(count)
  }

  init(
    pattern: Segment, own bytes: UnsafeRawBufferPointer, stretches: [Stretch], count: Int,
    hash: ContentHash
  ) {
    self.pattern = pattern
    ownCount = UInt32(bytes.count)
    shortCount = UInt32(count)
    own = unsafe Segment(count: bytes.count + stretches.count * Stretch.size, hash: hash) { all in
      unsafe all.copyMemory(from: bytes)
      for (number, stretch) in stretches.enumerated() {
        let offset = bytes.count + number * Stretch.size
        unsafe all[offset] = stretch.ownCount
        unsafe all[offset + 1] = stretch.length
        unsafe all[offset + 2] = UInt8(truncatingIfNeeded: stretch.place)
        unsafe all[offset + 3] = UInt8(truncatingIfNeeded: stretch.place >> 8)
      }
    }
  }

  var count: Int { Int(shortCount) }
  var hash: ContentHash { own.hash }
  /// Bytes of memory that are its own.
  var size: Int { own.count }

  /// All of it as one piece of memory.
  var whole: Segment {
    unsafe Segment(count: count, hash: hash) { buffer in
      unsafe own.withUnsafeBytes { own in
        unsafe pattern.withUnsafeBytes { unsafe fill(buffer, own, $0) }
      }
    }
  }

  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, _ own: UnsafeRawBufferPointer,
    _ pattern: UnsafeRawBufferPointer
  ) {
    var (filled, taken) = (0, 0)
    func add(_ bytes: UnsafeRawBufferPointer, _ place: Int, _ length: Int) {
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<(filled + length)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place..<(place + length)]))
      filled += length
    }
    var offset = Int(ownCount)
    while offset < own.count {
      let (ownLength, length) = unsafe (Int(own[offset]), Int(own[offset + 1]))
      let place = unsafe Int(own[offset + 2]) | Int(own[offset + 3]) << 8
      unsafe add(own, taken, ownLength)
      taken += ownLength
      if place < pattern.count {
        unsafe add(pattern, place, length)
      } else {
        unsafe add(own, place - pattern.count, length)
      }
      offset += Stretch.size
    }
  }
}

/// Puts stretches together.
struct StretchWriter {
  private(set) var stretches: [PatternedBytes.Stretch] = []
  /// Bytes of its own that no stretch has yet.
  private var ownCount = 0

  /// For another message, in the memory of this one.
  mutating func begin() {
    stretches.removeAll(keepingCapacity: true)
    ownCount = 0
  }

  mutating func takeOwn(_ count: Int) { ownCount += count }

  /// `length` bytes from a place on.
  mutating func take(_ length: Int, at place: Int) {
    let longest = PatternedBytes.Stretch.longest
    while ownCount > longest {
      stretches.append(.init(ownCount: UInt8(longest), length: 0, place: 0))
      ownCount -= longest
    }
    var (place, length) = (place, length)
    while length > 0 {
      let part = min(length, longest)
      stretches.append(
        .init(ownCount: UInt8(ownCount), length: UInt8(part), place: UInt16(place)))
      ownCount = 0
      place += part
      length -= part
    }
  }

  mutating func finish() {
    guard ownCount > 0 else { return }
    take(0, at: 0)
    stretches.append(.init(ownCount: UInt8(ownCount), length: 0, place: 0))
    ownCount = 0
  }
}
