/// Puts a text together of parts: of names that are made by the thousand, each costs one allocation of
/// its own size. See ``Swift/String/written(_:)``.
@safe package struct TextWriter {
  /// Nil where the parts are measured only.
  private let start: UnsafeMutablePointer<UInt8>?
  private let room: Int
  fileprivate private(set) var count = 0

  fileprivate init(measuring: Void) {
    unsafe start = nil
    room = .max
  }

  fileprivate init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    unsafe start = buffer.baseAddress
    room = buffer.count
  }

  package mutating func add(_ text: String) {
    if let start = unsafe start {
      let (place, room) = (unsafe start + count, room - count)
      let copy = { (source: UnsafeBufferPointer<UInt8>) in
        precondition(source.count <= room, "a text is as long as it was measured")
        guard let first = source.baseAddress else { return }
        unsafe place.update(from: first, count: source.count)
      }
      var text = text
      text.withUTF8(copy)
    }
    count += text.utf8.count
  }

  /// In decimal digits.
  package mutating func add(_ number: Int) {
    guard number >= 0 else { return add(String(number)) }
    var (digits, rest) = (1, number)
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    if let start = unsafe start {
      precondition(count + digits <= room, "a text is as long as it was measured")
      rest = number
      for place in (count..<(count + digits)).reversed() {
        unsafe start[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
    }
    count += digits
  }
}

extension String {
  /// The parts that `write` adds, one after another. It is asked twice, to measure and to write, and
  /// adds the same.
  package static func written(_ write: (inout TextWriter) -> Void) -> String {
    var measuring = TextWriter(measuring: ())
    write(&measuring)
    return unsafe String(unsafeUninitializedCapacity: measuring.count) { buffer in
      var writer = unsafe TextWriter(buffer)
      write(&writer)
      return writer.count
    }
  }
}
