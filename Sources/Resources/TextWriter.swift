/// Puts a text together of parts: of names that are made by the thousand, each costs one allocation of
/// its own size. See ``Swift/String/written(_:)``.
@safe package struct TextWriter {
  private let start: UnsafeMutablePointer<UInt8>
  private let room: Int
  /// How long the text is, whether there is room for it or not.
  fileprivate private(set) var count = 0

  fileprivate init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
    unsafe start = buffer.baseAddress!
    room = buffer.count
  }

  package mutating func add(_ text: String) {
    let isThere: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { unsafe add($0) }
    if isThere == nil {
      var text = text
      text.withUTF8 { unsafe add($0) }
    }
  }

  private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let first = bytes.baseAddress, bytes.count <= room - count {
      unsafe (start + count).update(from: first, count: bytes.count)
    }
    count += bytes.count
  }

  /// In decimal digits.
  package mutating func add(_ number: Int) {
    guard number >= 0 else { return add(String(number)) }
    var (digits, rest) = (1, number)
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    if digits <= room - count {
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
  /// The parts that `write` adds, one after another. Where they are long it is asked again, and adds
  /// the same.
  package static func written(_ write: (inout TextWriter) -> Void) -> String {
    let (short, count) = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: usualRoom) {
      unsafe written(to: $0, write)
    }
    if let short { return short }
    let (text, sameCount) = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) {
      unsafe written(to: $0, write)
    }
    guard let text else { preconditionFailure("\(sameCount) bytes are added, \(count) were") }
    return text
  }

  /// The text, if there is room for it, and how long it is.
  private static func written(
    to room: UnsafeMutableBufferPointer<UInt8>, _ write: (inout TextWriter) -> Void
  ) -> (text: String?, count: Int) {
    var writer = unsafe TextWriter(room)
    write(&writer)
    guard writer.count <= room.count else { return (nil, writer.count) }
    let bytes = unsafe UnsafeBufferPointer(rebasing: room[..<writer.count])
    return unsafe (String(decoding: bytes, as: UTF8.self), writer.count)
  }

  private static var usualRoom: Int { 256 }
}
