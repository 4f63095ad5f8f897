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
  package var description: String { ContentHash.digits(high) + ContentHash.digits(low) }

  private static func digits(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

/// Encoded bytes that never change and are shared by everyone who sends them: a virtual host, a
/// filter chain, a cluster. Made once, in one piece of memory, copied first by the socket buffer.
@safe package struct Segment: @unchecked Sendable, Hashable {
  private let storage: Storage

  private struct Header {
    let count: Int
    var hash: ContentHash
  }
  private final class Storage: ManagedBuffer<Header, UInt8> {}

  /// `fill` writes all `count` bytes.
  package init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    let made = Storage.create(minimumCapacity: count) { _ in
      Header(count: count, hash: .zero)
    }
    unsafe made.withUnsafeMutablePointers { header, bytes in
      let buffer = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: count)
      unsafe fill(buffer)
      unsafe header.pointee.hash = unsafe ContentHash(of: UnsafeRawBufferPointer(buffer))
    }
    storage = unsafe unsafeDowncast(made, to: Storage.self)
  }

  package init(copying bytes: UnsafeRawBufferPointer) {
    unsafe self.init(count: bytes.count) { unsafe $0.copyMemory(from: bytes) }
  }

  package init(_ bytes: [UInt8]) {
    self = unsafe bytes.withUnsafeBytes { unsafe Segment(copying: $0) }
  }

  package var count: Int { storage.header.count }
  package var hash: ContentHash { storage.header.hash }

  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    unsafe storage.withUnsafeMutablePointers { header, bytes in
      unsafe body(UnsafeRawBufferPointer(start: bytes, count: header.pointee.count))
    }
  }

  /// The bytes in an array of their own.
  package var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

  package static func == (a: Segment, b: Segment) -> Bool {
    a.storage === b.storage || a.hash == b.hash
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
