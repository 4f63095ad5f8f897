private import CEnvoyAPI

/// A message with a Swift face. Its fields are given to its initialiser and cannot be read back.
package protocol EnvoyMessage {
  static var messageType: MessageType { get }
  var reference: MessageReference { get }
  init(reference: MessageReference)
}

extension EnvoyMessage {
  /// A message that was encoded before, taken as it is: parts made once can stand in many parents.
  /// `bytes` are this type's own encoding; they are not read further than field by field.
  package init(encoded bytes: [UInt8]) {
    self.init(reference: MessageReference(encoded: bytes, as: Self.messageType))
  }
}

/// Where a message under construction stands in its thread's arena, and in which scope.
@safe package struct MessageReference {
  fileprivate let address: UnsafeMutableRawPointer
  fileprivate let scope: UInt32

  init(address: UnsafeMutableRawPointer) {
    unsafe self.address = unsafe address
    self.scope = cenvoy_scope()
  }

  /// The message's memory, for as long as its scope is open.
  @unsafe var memory: UnsafeMutableRawPointer {
    precondition(
      scope == cenvoy_scope() || cenvoy_is_open(scope) != 0,
      "a message is used within the scope it was built in, on the same thread")
    return unsafe address
  }

  func packed() -> [UInt8] {
    let message = unsafe memory.assumingMemoryBound(to: ProtobufCMessage.self)
    let size = unsafe protobuf_c_message_get_packed_size(message)
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      if size > 0 { unsafe protobuf_c_message_pack(message, buffer.baseAddress!) }
      count = size
    }
  }

  func packed(asField number: Int) -> [UInt8] {
    let message = unsafe memory.assumingMemoryBound(to: ProtobufCMessage.self)
    let size = unsafe protobuf_c_message_get_packed_size(message)
    let prefix = FieldPrefix(number: number, length: size)
    return unsafe [UInt8](unsafeUninitializedCapacity: prefix.count + size) { buffer, count in
      for (index, byte) in prefix.bytes.enumerated() { unsafe buffer[index] = byte }
      if size > 0 { unsafe protobuf_c_message_pack(message, buffer.baseAddress! + prefix.count) }
      count = prefix.count + size
    }
  }
}

extension MessageReference {
  /// protobuf-c writes fields it does not know as they came; a whole encoded message is that.
  init(encoded bytes: [UInt8], as type: MessageType) {
    let writer = MessageWriter(type)
    var fields: [WireField] = []
    var scan = WireReader(bytes)
    while let field = scan.next() { fields.append(field) }
    precondition(scan.isAtEnd, "parts that are reused were encoded here")
    writer.verbatim(fields, of: bytes)
    self = writer.reference
  }
}
