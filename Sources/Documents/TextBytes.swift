private import Glibc

/// A text's bytes where they stand, compared and digested eight at a time.
@safe struct TextBytes: Equatable {
  private let bytes: UnsafeRawBufferPointer
  /// As many as a word holds; texts are mostly told apart by these.
  let beginning: UInt64

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = UnsafeRawBufferPointer(bytes)
    beginning = unsafe Self.word(self.bytes, at: 0)
  }

  var count: Int { unsafe bytes.count }
  var text: String { unsafe String(decoding: bytes, as: UTF8.self) }

  var isASCII: Bool {
    var all = beginning
    if count > 8 {
      var offset = 8
      while offset + 8 < count {
        all |= unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset += 8
      }
      all |= unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    }
    return all & 0x8080_8080_8080_8080 == 0
  }

  /// Its length, seven bits a byte, and then it, behind a byte that says what it is.
  func append(to other: inout [UInt8], behind mark: UInt8?) {
    // Room for all of it is looked for once.
    other.append(addingCapacity: count + 11) { span in
      unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
        var place = initialized
        func add(_ byte: UInt8) {
          unsafe buffer[place] = byte
          place += 1
        }
        if let mark { add(mark) }
        var length = count
        while length > 0x7F {
          add(UInt8(truncatingIfNeeded: length) | 0x80)
          length >>= 7
        }
        add(UInt8(length))
        let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[place...])
        unsafe UnsafeMutableRawBufferPointer(room).copyMemory(from: bytes)
        initialized = place + count
      }
    }
  }

  func isBefore(_ other: TextBytes) -> Bool {
    guard let mine = unsafe bytes.baseAddress, let others = unsafe other.bytes.baseAddress else {
      return count < other.count
    }
    let order = unsafe memcmp(mine, others, min(count, other.count))
    return order == 0 ? count < other.count : order < 0
  }

  static func == (a: TextBytes, b: TextBytes) -> Bool {
    guard a.beginning == b.beginning, a.count == b.count else { return false }
    var offset = 8
    while offset < a.count {
      guard unsafe word(a.bytes, at: offset) == word(b.bytes, at: offset) else { return false }
      offset += 8
    }
    return true
  }

  /// Of equal texts equal; for tables that may forget, which nobody gains from filling badly.
  var digest: UInt64 {
    var digest = UInt64(count)
    var offset = 0
    while offset < count {
      // xxHash's prime: each bit moves half of those above it, and the fold brings them down.
      digest ^= unsafe Self.word(bytes, at: offset)
      digest &*= 0x9E37_79B1_85EB_CA87
      digest ^= digest >> 32
      offset += 8
    }
    return digest
  }

  /// Eight bytes from there on; at the end the last eight, and of a shorter text a word that no other
  /// text of its length has.
  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
    let count = bytes.count
    if count >= 8 {
      return unsafe bytes.loadUnaligned(fromByteOffset: min(offset, count - 8), as: UInt64.self)
    }
    if count >= 4 {
      let (first, last) = unsafe (
        bytes.loadUnaligned(as: UInt32.self),
        bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
      )
      return UInt64(first) | UInt64(last) << 32
    }
    return unsafe bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension [UInt8] {
  /// Where the first line feed is from there on.
  package func lineFeed(from start: Int) -> Int? {
    unsafe withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress else { return nil }
      let found = unsafe memchr(base + start, CInt(UInt8(ascii: "\n")), bytes.count - start)
      return unsafe found.map { unsafe UnsafeRawPointer($0) - base }
    }
  }
}
