private import CEnvoyAPI

/// Fills one protobuf-c struct through its descriptor. The generated initialisers call this and
/// nothing else; a field is given by its place among the message's fields in order of number.
///
/// Presence, oneof cases and counts are set here, so that nobody sets them by hand: a nil or an empty
/// list leaves the field unset, and ``choose(_:)`` precedes a oneof's value.
@safe struct MessageWriter {
  private let memory: UnsafeMutableRawPointer
  /// Null for a message without fields.
  private let fields: UnsafePointer<ProtobufCFieldDescriptor>!

  init(_ type: MessageType) {
    unsafe self.init(unsafe cenvoy_message_type(UInt32(type.index)).pointee.descriptor)
  }

  private init(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) {
    precondition(cenvoy_scope() != 0, "messages are built inside Envoy.encode and its kin")
    unsafe memory = take(descriptor.pointee.sizeof_message)
    unsafe descriptor.pointee.message_init(
      memory.assumingMemoryBound(to: ProtobufCMessage.self))
    unsafe fields = unsafe descriptor.pointee.fields
  }

  var reference: MessageReference { unsafe MessageReference(address: memory) }

  private func place<T>(_ index: Int, _: T.Type) -> UnsafeMutablePointer<T> {
    unsafe (memory + Int(fields[index].offset)).assumingMemoryBound(to: T.self)
  }

  private func setCount(_ index: Int, _ count: Int) {
    unsafe (memory + Int(fields[index].quantifier_offset)).storeBytes(of: count, as: Int.self)
  }

  private func isChoice(_ index: Int) -> Bool {
    unsafe fields[index].flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0
  }

  /// Makes this field the one that is set of its oneof.
  func choose(_ index: Int) {
    let field = unsafe fields[index]
    unsafe (memory + Int(field.quantifier_offset)).storeBytes(of: field.id, as: UInt32.self)
  }
}

// MARK: - One value

extension MessageWriter {
  func double(_ index: Int, _ value: Double) { unsafe place(index, Double.self).pointee = value }
  func float(_ index: Int, _ value: Float) { unsafe place(index, Float.self).pointee = value }
  func int64(_ index: Int, _ value: Int64) { unsafe place(index, Int64.self).pointee = value }
  func uint64(_ index: Int, _ value: UInt64) { unsafe place(index, UInt64.self).pointee = value }
  func int32(_ index: Int, _ value: Int32) { unsafe place(index, Int32.self).pointee = value }
  func uint32(_ index: Int, _ value: UInt32) { unsafe place(index, UInt32.self).pointee = value }
  func bool(_ index: Int, _ value: Bool) {
    unsafe place(index, protobuf_c_boolean.self).pointee = value ? 1 : 0
  }

  func string(_ index: Int, _ value: String) {
    // An empty string that is a choice must be told from none: any place but the default's does.
    if value.isEmpty && !isChoice(index) { return }
    unsafe place(index, UnsafeMutablePointer<CChar>.self).pointee = copied(value)
  }

  func bytes(_ index: Int, _ value: [UInt8]) {
    unsafe place(index, ProtobufCBinaryData.self).pointee = copied(value)
  }

  func message(_ index: Int, _ value: MessageReference?) {
    guard let value else { return }
    unsafe place(index, UnsafeMutableRawPointer.self).pointee = value.memory
  }
}

// MARK: - Lists

extension MessageWriter {
  private func list<Value, Stored>(
    _ index: Int, _ values: [Value], as: Stored.Type, _ stored: (Value) -> Stored
  ) {
    guard !values.isEmpty else { return }
    let start = unsafe take(values.count * MemoryLayout<Stored>.stride)
      .assumingMemoryBound(to: Stored.self)
    for (position, value) in values.enumerated() {
      unsafe (start + position).initialize(to: stored(value))
    }
    unsafe place(index, UnsafeMutablePointer<Stored>.self).pointee = start
    setCount(index, values.count)
  }

  func doubles(_ index: Int, _ values: [Double]) { list(index, values, as: Double.self) { $0 } }
  func floats(_ index: Int, _ values: [Float]) { list(index, values, as: Float.self) { $0 } }
  func int64s(_ index: Int, _ values: [Int64]) { list(index, values, as: Int64.self) { $0 } }
  func uint64s(_ index: Int, _ values: [UInt64]) { list(index, values, as: UInt64.self) { $0 } }
  func int32s(_ index: Int, _ values: [Int32]) { list(index, values, as: Int32.self) { $0 } }
  func uint32s(_ index: Int, _ values: [UInt32]) { list(index, values, as: UInt32.self) { $0 } }
  func enums(_ index: Int, _ values: [Int32]) { list(index, values, as: Int32.self) { $0 } }
  func bools(_ index: Int, _ values: [Bool]) {
    list(index, values, as: protobuf_c_boolean.self) { $0 ? 1 : 0 }
  }
  func strings(_ index: Int, _ values: [String]) {
    unsafe list(index, values, as: UnsafeMutablePointer<CChar>.self) { unsafe copied($0) }
  }
  func bytess(_ index: Int, _ values: [[UInt8]]) {
    unsafe list(index, values, as: ProtobufCBinaryData.self) { unsafe copied($0) }
  }
  func messages(_ index: Int, _ values: [some EnvoyMessage]) {
    unsafe list(index, values, as: UnsafeMutableRawPointer.self) { unsafe $0.reference.memory }
  }

  /// A map is a list of entries, each a message of a key and a value.
  func map<Key, Value>(
    _ index: Int, _ map: Envoy.Map<Key, Value>, _ fill: (MessageWriter, Key, Value) -> Void
  ) {
    guard !map.entries.isEmpty else { return }
    let type = unsafe fields[index].descriptor.assumingMemoryBound(
      to: ProtobufCMessageDescriptor.self)
    unsafe list(index, map.entries, as: UnsafeMutableRawPointer.self) { entry in
      let writer = unsafe MessageWriter(type)
      fill(writer, entry.key, entry.value)
      return unsafe writer.memory
    }
  }
}

// MARK: - Messages that Swift has a plain type for

extension MessageWriter {
  /// A writer of the message that the field holds.
  private func child(_ index: Int) -> MessageWriter {
    let writer = unsafe MessageWriter(
      fields[index].descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
    unsafe place(index, UnsafeMutableRawPointer.self).pointee = unsafe writer.memory
    return writer
  }

  func boolValue(_ index: Int, _ value: Bool?) {
    if let value { child(index).bool(0, value) }
  }
  func bytesValue(_ index: Int, _ value: [UInt8]?) {
    if let value { child(index).bytes(0, value) }
  }
  func doubleValue(_ index: Int, _ value: Double?) {
    if let value { child(index).double(0, value) }
  }
  func floatValue(_ index: Int, _ value: Float?) {
    if let value { child(index).float(0, value) }
  }
  func int32Value(_ index: Int, _ value: Int32?) {
    if let value { child(index).int32(0, value) }
  }
  func int64Value(_ index: Int, _ value: Int64?) {
    if let value { child(index).int64(0, value) }
  }
  func stringValue(_ index: Int, _ value: String?) {
    if let value { child(index).string(0, value) }
  }
  func uint32Value(_ index: Int, _ value: UInt32?) {
    if let value { child(index).uint32(0, value) }
  }
  func uint64Value(_ index: Int, _ value: UInt64?) {
    if let value { child(index).uint64(0, value) }
  }
  func duration(_ index: Int, _ value: Duration?) {
    guard let value else { return }
    let writer = child(index)
    writer.int64(0, value.components.seconds)
    writer.int32(1, Int32(value.components.attoseconds / 1_000_000_000))
  }
}

// MARK: - Bytes as they are

extension MessageWriter {
  /// Appends fields that are already encoded.
  func verbatim(_ encoded: [WireField], of bytes: [UInt8]) {
    guard !encoded.isEmpty else { return }
    let copy = unsafe copied(bytes)
    let size = unsafe encoded.count * MemoryLayout<ProtobufCMessageUnknownField>.stride
    let start = unsafe take(size).assumingMemoryBound(to: ProtobufCMessageUnknownField.self)
    for (position, field) in encoded.enumerated() {
      let unknown = unsafe ProtobufCMessageUnknownField(
        tag: UInt32(field.number), wire_type: ProtobufCWireType(UInt32(field.wireType.rawValue)),
        len: field.raw.count, data: copy.data + field.raw.lowerBound)
      unsafe (start + position).initialize(to: unknown)
    }
    let message = unsafe memory.assumingMemoryBound(to: ProtobufCMessage.self)
    unsafe message.pointee.unknown_fields = start
    unsafe message.pointee.n_unknown_fields = UInt32(encoded.count)
  }

  /// Makes this message, an Any, hold `message`: its type's URL and its bytes.
  func pack(_ message: MessageReference, of type: MessageType) {
    let url = unsafe UnsafeMutablePointer(
      mutating: cenvoy_message_type(UInt32(type.index)).pointee.type_url!)
    unsafe place(0, UnsafeMutablePointer<CChar>.self).pointee = url
    let body = unsafe message.memory.assumingMemoryBound(to: ProtobufCMessage.self)
    let size = unsafe protobuf_c_message_get_packed_size(body)
    let start = unsafe take(size).assumingMemoryBound(to: UInt8.self)
    unsafe protobuf_c_message_pack(body, start)
    unsafe place(1, ProtobufCBinaryData.self).pointee = unsafe ProtobufCBinaryData(
      len: size, data: start)
  }
}

// MARK: - Memory

private func take(_ size: Int) -> UnsafeMutableRawPointer {
  guard let memory = unsafe cenvoy_take(size) else { fatalError("no memory for a message") }
  return unsafe memory
}

/// The text in C's form. A NUL would end it early and hide the rest from whoever reads the
/// configuration, so it becomes U+FFFD, which Envoy refuses or shows.
private func copied(_ text: String) -> UnsafeMutablePointer<CChar> {
  var text = text
  let endsEarly = text.withUTF8 { unsafe cenvoy_has_nul($0.baseAddress, $0.count) != 0 }
  if endsEarly { text = String(text.map { $0 == "\0" ? "\u{FFFD}" : $0 }) }
  return text.withUTF8 { source in
    let start = unsafe take(source.count + 1)
    if let base = source.baseAddress {
      unsafe start.copyMemory(from: base, byteCount: source.count)
    }
    unsafe start.storeBytes(of: 0, toByteOffset: source.count, as: UInt8.self)
    return unsafe start.assumingMemoryBound(to: CChar.self)
  }
}

private func copied(_ bytes: [UInt8]) -> ProtobufCBinaryData {
  let start = unsafe take(bytes.count)
  unsafe bytes.withUnsafeBytes { source in
    if let base = source.baseAddress {
      unsafe start.copyMemory(from: base, byteCount: source.count)
    }
  }
  return unsafe ProtobufCBinaryData(
    len: bytes.count, data: start.assumingMemoryBound(to: UInt8.self))
}
