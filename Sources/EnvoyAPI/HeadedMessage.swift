private import CEnvoyAPI
package import Segments

/// A message that is put together from the inside out: bytes of its own, still being written, and what
/// follows them by reference.
package struct HeadedMessage {
  /// The bytes stand at the end, with room for those that come before them.
  private var buffer: [UInt8]
  private var start: Int
  private let rest: Rope

  package init(_ head: [UInt8], then rest: Rope) {
    self = unsafe head.withUnsafeBytes { unsafe HeadedMessage(copying: $0, then: rest) }
  }

  /// What `build` makes, then `rest` of the same message.
  package init(then rest: Rope, _ build: () -> some EnvoyMessage) {
    self = Envoy.inScope { unsafe HeadedMessage(copying: build().reference.bytes, then: rest) }
  }

  private init(copying head: UnsafeRawBufferPointer, then rest: Rope) {
    self.rest = rest
    let room = 192
    start = room
    buffer = unsafe [UInt8](unsafeUninitializedCapacity: room + head.count) { bytes, count in
      let all = UnsafeMutableRawBufferPointer(bytes)
      unsafe all.initializeMemory(as: UInt8.self, repeating: 0)
      unsafe UnsafeMutableRawBufferPointer(rebasing: all[room...]).copyMemory(from: head)
      count = room + head.count
    }
  }

  private var count: Int { buffer.count - start }

  /// This as the value of field `number` of a bigger message.
  package consuming func field(_ number: Int) -> HeadedMessage {
    let prefix = FieldPrefix(number: number, length: count + rest.count)
    return unsafe prepending(prefix.count) { unsafe prefix.write(to: $0) }
  }

  /// This as the contents of a google.protobuf.Any of type `type`.
  package consuming func any(_ type: MessageType) -> HeadedMessage {
    let isEmpty = count + rest.count == 0
    let contents = isEmpty ? self : field(2)
    let url = unsafe cenvoy_message_type(UInt32(type.index)).pointee.type_url!
    let name = unsafe UnsafeRawBufferPointer(start: url, count: strlen(url))
    let prefix = FieldPrefix(number: 1, length: name.count)
    return unsafe contents.prepending(prefix.count + name.count) { free in
      unsafe prefix.write(to: free)
      unsafe UnsafeMutableRawBufferPointer(rebasing: free[prefix.count...]).copyMemory(from: name)
    }
  }

  /// This behind other fields of the same message.
  package consuming func after(_ fields: [UInt8]) -> HeadedMessage {
    unsafe prepending(fields.count) { unsafe $0.copyBytes(from: fields) }
  }

  package var rope: Rope {
    let head = unsafe buffer.withUnsafeBytes {
      unsafe Segment(copying: UnsafeRawBufferPointer(rebasing: $0[start...]))
    }
    return Rope(head, then: rest)
  }

  /// `write` is given `count` bytes right before those that are there.
  private consuming func prepending(
    _ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void
  ) -> HeadedMessage {
    var message = self
    message.makeRoom(count)
    message.start -= count
    let place = message.start..<(message.start + count)
    unsafe message.buffer.withUnsafeMutableBytes {
      unsafe write(UnsafeMutableRawBufferPointer(rebasing: $0[place]))
    }
    return message
  }

  private mutating func makeRoom(_ count: Int) {
    guard count > start else { return }
    let more = count + buffer.count
    buffer.insert(contentsOf: repeatElement(0, count: more), at: 0)
    start += more
  }
}
