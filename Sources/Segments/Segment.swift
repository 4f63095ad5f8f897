private import CXXHash

/// A 128-bit content hash (XXH3): equal bytes, equal hash, on every machine and run. It is what a
/// resource's version says and what early cutoff compares.
package struct ContentHash: Hashable, Sendable, CustomStringConvertible {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package init(of bytes: UnsafeRawBufferPointer) {
    let hash = unsafe XXH3_128bits(bytes.baseAddress, bytes.count)
    self.init(high: hash.high64, low: hash.low64)
  }

  package init(of bytes: [UInt8]) {
    self = unsafe bytes.withUnsafeBytes { unsafe ContentHash(of: $0) }
  }

  package init(of text: borrowing UTF8Span) {
    self = unsafe text.span.withUnsafeBytes { unsafe ContentHash(of: $0) }
  }

  /// The hash of a sequence of hashes, order included.
  package init(combining hashes: some Collection<ContentHash>) {
    self = unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: hashes.count * 2) {
      words in
      for (position, hash) in hashes.enumerated() {
        unsafe words.initializeElement(at: position * 2, to: hash.high)
        unsafe words.initializeElement(at: position * 2 + 1, to: hash.low)
      }
      return unsafe ContentHash(of: UnsafeRawBufferPointer(words))
    }
  }

  /// The same of two.
  package init(combining first: ContentHash, _ second: ContentHash) {
    self = unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
      unsafe words.initializeElement(at: 0, to: first.high)
      unsafe words.initializeElement(at: 1, to: first.low)
      unsafe words.initializeElement(at: 2, to: second.high)
      unsafe words.initializeElement(at: 3, to: second.low)
      return unsafe ContentHash(of: UnsafeRawBufferPointer(words))
    }
  }

  /// Sums of hashes say what a set holds, whatever the order it was filled in.
  package mutating func add(_ other: ContentHash) {
    self = ContentHash(high: high &+ other.high, low: low &+ other.low)
  }
  package mutating func subtract(_ other: ContentHash) {
    self = ContentHash(high: high &- other.high, low: low &- other.low)
  }
  /// Of the empty set.
  package static let zero = ContentHash(high: 0, low: 0)

  /// 32 hexadecimal digits.
  package var description: String {
    unsafe String(unsafeUninitializedCapacity: 32) { digits in
      for place in 0..<16 {
        unsafe digits[place] = ContentHash.digit(high, at: place)
        unsafe digits[place + 16] = ContentHash.digit(low, at: place)
      }
      return 32
    }
  }

  private static func digit(_ word: UInt64, at place: Int) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(place))) & 15
    return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}

/// Encoded bytes that never change and are shared by everyone who sends them: a virtual host, a
/// filter chain, a cluster. Made once, copied first by the socket buffer.
package struct Segment: Sendable, Hashable {
  /// The bytes and behind them their hash, so that it is one piece of memory.
  private let storage: [UInt8]
  private static let hashSize = 16

  package init(_ bytes: [UInt8]) {
    self = unsafe bytes.withUnsafeBytes { unsafe Segment(copying: $0) }
  }

  /// `fill` writes all `count` bytes.
  package init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    unsafe self.init(count: count, hash: nil, fill)
  }

  /// The same; the hash is that of the bytes where it is not stated.
  init(count: Int, hash stated: ContentHash?, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    // Not by Array's initialiser for memory to fill, which asks for the array's type at run time.
    var storage: [UInt8] = []
    storage.append(addingCapacity: count + Segment.hashSize) { span in
      unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
        let all = UnsafeMutableRawBufferPointer(buffer)
        let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: all[..<count])
        unsafe fill(bytes)
        let hash = unsafe stated ?? ContentHash(of: UnsafeRawBufferPointer(bytes))
        unsafe all.storeBytes(of: hash.high, toByteOffset: count, as: UInt64.self)
        unsafe all.storeBytes(of: hash.low, toByteOffset: count + 8, as: UInt64.self)
        initialized = count + Segment.hashSize
      }
    }
    self.storage = storage
  }

  package init(copying bytes: UnsafeRawBufferPointer) {
    unsafe self.init(count: bytes.count) { unsafe $0.copyMemory(from: bytes) }
  }

  package var count: Int { storage.count - Segment.hashSize }

  package var hash: ContentHash {
    unsafe storage.withUnsafeBytes { all in
      unsafe ContentHash(
        high: all.loadUnaligned(fromByteOffset: count, as: UInt64.self),
        low: all.loadUnaligned(fromByteOffset: count + 8, as: UInt64.self))
    }
  }

  /// Some of its bytes, where they are.
  package func slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
    precondition(range.upperBound <= count, "a segment's hash is none of its bytes")
    return storage[range]
  }

  /// A copy of all of them: for tests.
  package var bytes: [UInt8] { Array(slice(0..<count)) }

  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe storage.withUnsafeBytes { all in
      unsafe body(UnsafeRawBufferPointer(rebasing: all[..<count]))
    }
  }

  package static func == (a: Segment, b: Segment) -> Bool { a.hash == b.hash }
  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
