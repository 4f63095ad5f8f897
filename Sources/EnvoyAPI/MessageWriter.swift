private import CEnvoyAPI
internal import Segments

/// Writes one message's fields, in protobuf's encoding, at the free end of its thread's arena. The
/// generated initialisers call this and nothing else, in order of the fields' numbers.
///
/// The messages within were written before, each once, and are copied here behind their lengths; no
/// other message is begun until ``finish()``. What has its default value is not written, except where it
/// is the choice of a oneof.
@safe struct MessageWriter {
  private var start: UnsafeMutableRawPointer
  private var at: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer

  init() {
    precondition(cenvoy_scope() != 0, "messages are built inside Envoy.encode and its kin")
    unsafe start = UnsafeMutableRawPointer(cenvoy_free())
    unsafe at = unsafe start
    unsafe end = UnsafeMutableRawPointer(cenvoy_end())
  }

  /// The message, in the arena until its scope ends.
  func finish() -> MessageReference {
    unsafe cenvoy_set_free(at.assumingMemoryBound(to: UInt8.self))
    return unsafe MessageReference(bytes: UnsafeRawBufferPointer(start: start, count: at - start))
  }
}

// MARK: - Bytes

extension MessageWriter {
  @inline(__always)
  private mutating func reserve(_ count: Int) {
    if unsafe end - at < count { grow(count) }
  }

  @inline(never)
  private mutating func grow(_ count: Int) {
    let used = unsafe at - start
    let bytes = unsafe start.assumingMemoryBound(to: UInt8.self)
    guard let moved = unsafe cenvoy_move(bytes, used, count) else {
      fatalError("no memory for a message")
    }
    unsafe start = UnsafeMutableRawPointer(moved)
    unsafe at = unsafe start + used
    unsafe end = UnsafeMutableRawPointer(cenvoy_end())
  }

  /// There is room for ten bytes.
  @inline(__always)
  private mutating func varint(_ value: UInt64) { unsafe at.writeVarint(value) }

  @inline(__always)
  private mutating func tag(_ number: Int, _ type: WireType) {
    varint(UInt64(number) << 3 | UInt64(type.rawValue))
  }

  private mutating func varintField(_ number: Int, _ value: UInt64) {
    reserve(20)
    tag(number, .varint)
    varint(value)
  }

  private mutating func fixedField<Value: FixedWidthInteger>(
    _ number: Int, _ type: WireType, _ value: Value
  ) {
    reserve(20)
    tag(number, type)
    fixed(value)
  }

  /// There is room for it.
  private mutating func fixed<Value: FixedWidthInteger>(_ value: Value) {
    unsafe at.storeBytes(of: value.littleEndian, as: Value.self)
    unsafe at += MemoryLayout<Value>.size
  }

  private mutating func contents(_ number: Int, _ bytes: UnsafeRawBufferPointer) {
    reserve(20 + bytes.count)
    tag(number, .lengthDelimited)
    varint(UInt64(bytes.count))
    unsafe copy(bytes)
  }

  /// There is room for them.
  @inline(__always)
  private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    unsafe at.copyMemory(from: base, byteCount: bytes.count)
    unsafe at += bytes.count
  }

  /// A message within that is written here and now. Most are short; a longer one is moved for its length.
  @inline(__always)
  mutating func nested(_ number: Int, _ fill: (inout MessageWriter) -> Void) {
    reserve(20)
    tag(number, .lengthDelimited)
    unsafe at += 1
    let before = unsafe at - start
    fill(&self)
    let length = unsafe at - start - before
    let prefix = FieldPrefix.size(of: length)
    if prefix > 1 {
      reserve(prefix)
      let body = unsafe start + before
      unsafe (body + prefix - 1).copyMemory(from: body, byteCount: length)
    }
    unsafe at = unsafe start + before - 1
    varint(UInt64(length))
    unsafe at += length
  }
}

// MARK: - One value

extension MessageWriter {
  mutating func double(_ number: Int, _ value: Double, isChosen: Bool = false) {
    if value != 0 || isChosen { fixedField(number, .fixed64, value.bitPattern) }
  }
  mutating func float(_ number: Int, _ value: Float, isChosen: Bool = false) {
    if value != 0 || isChosen { fixedField(number, .fixed32, value.bitPattern) }
  }
  mutating func int64(_ number: Int, _ value: Int64, isChosen: Bool = false) {
    if value != 0 || isChosen { varintField(number, UInt64(bitPattern: value)) }
  }
  mutating func uint64(_ number: Int, _ value: UInt64, isChosen: Bool = false) {
    if value != 0 || isChosen { varintField(number, value) }
  }
  mutating func int32(_ number: Int, _ value: Int32, isChosen: Bool = false) {
    if value != 0 || isChosen { varintField(number, UInt64(bitPattern: Int64(value))) }
  }
  mutating func uint32(_ number: Int, _ value: UInt32, isChosen: Bool = false) {
    if value != 0 || isChosen { varintField(number, UInt64(value)) }
  }
  mutating func sint32(_ number: Int, _ value: Int32, isChosen: Bool = false) {
    uint32(number, UInt32(bitPattern: value << 1 ^ value >> 31), isChosen: isChosen)
  }
  mutating func sint64(_ number: Int, _ value: Int64, isChosen: Bool = false) {
    uint64(number, UInt64(bitPattern: value << 1 ^ value >> 63), isChosen: isChosen)
  }
  mutating func fixed32(_ number: Int, _ value: UInt32, isChosen: Bool = false) {
    if value != 0 || isChosen { fixedField(number, .fixed32, value) }
  }
  mutating func fixed64(_ number: Int, _ value: UInt64, isChosen: Bool = false) {
    if value != 0 || isChosen { fixedField(number, .fixed64, value) }
  }
  mutating func sfixed32(_ number: Int, _ value: Int32, isChosen: Bool = false) {
    fixed32(number, UInt32(bitPattern: value), isChosen: isChosen)
  }
  mutating func sfixed64(_ number: Int, _ value: Int64, isChosen: Bool = false) {
    fixed64(number, UInt64(bitPattern: value), isChosen: isChosen)
  }
  mutating func bool(_ number: Int, _ value: Bool, isChosen: Bool = false) {
    if value || isChosen { varintField(number, value ? 1 : 0) }
  }

  mutating func string(_ number: Int, _ value: String, isChosen: Bool = false) {
    if value.isEmpty && !isChosen { return }
    text(number, value)
  }

  mutating func bytes(_ number: Int, _ value: [UInt8], isChosen: Bool = false) {
    if value.isEmpty && !isChosen { return }
    unsafe value.withUnsafeBytes { unsafe contents(number, $0) }
  }

  mutating func message(_ number: Int, _ value: MessageReference?) {
    if let value { unsafe contents(number, value.bytes) }
  }

  /// A NUL would hide the rest of a text from whoever reads the configuration in C, so it becomes
  /// U+FFFD, which Envoy refuses or shows.
  private mutating func text(_ number: Int, _ value: String) {
    let isWritten =
      unsafe value.utf8.withContiguousStorageIfAvailable { unsafe withoutNUL(number, $0) }
    if isWritten == true { return }
    var value = value
    if value.withUTF8({ unsafe withoutNUL(number, $0) }) { return }
    text(number, String(value.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
  }

  /// Answers false, and writes nothing, for a text with a NUL.
  private mutating func withoutNUL(_ number: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard unsafe cenvoy_has_nul(text.baseAddress, text.count) == 0 else { return false }
    unsafe contents(number, UnsafeRawBufferPointer(text))
    return true
  }
}

// MARK: - Lists

extension MessageWriter {
  /// Numbers stand in one field, one after another.
  private mutating func packed<Value>(
    _ number: Int, _ values: [Value], _ write: (inout MessageWriter, Value) -> Void
  ) {
    guard !values.isEmpty else { return }
    nested(number) { writer in
      for value in values {
        writer.reserve(10)
        write(&writer, value)
      }
    }
  }

  mutating func doubles(_ number: Int, _ values: [Double]) {
    packed(number, values) { $0.fixed($1.bitPattern) }
  }
  mutating func floats(_ number: Int, _ values: [Float]) {
    packed(number, values) { $0.fixed($1.bitPattern) }
  }
  mutating func int64s(_ number: Int, _ values: [Int64]) {
    packed(number, values) { $0.varint(UInt64(bitPattern: $1)) }
  }
  mutating func uint64s(_ number: Int, _ values: [UInt64]) {
    packed(number, values) { $0.varint($1) }
  }
  mutating func int32s(_ number: Int, _ values: [Int32]) {
    packed(number, values) { $0.varint(UInt64(bitPattern: Int64($1))) }
  }
  mutating func uint32s(_ number: Int, _ values: [UInt32]) {
    packed(number, values) { $0.varint(UInt64($1)) }
  }
  mutating func fixed32s(_ number: Int, _ values: [UInt32]) {
    packed(number, values) { $0.fixed($1) }
  }
  mutating func fixed64s(_ number: Int, _ values: [UInt64]) {
    packed(number, values) { $0.fixed($1) }
  }
  mutating func bools(_ number: Int, _ values: [Bool]) {
    packed(number, values) { $0.varint($1 ? 1 : 0) }
  }
  mutating func strings(_ number: Int, _ values: [String]) {
    for value in values { text(number, value) }
  }
  mutating func bytess(_ number: Int, _ values: [[UInt8]]) {
    for value in values { bytes(number, value, isChosen: true) }
  }
  mutating func messages(_ number: Int, _ values: [some EnvoyMessage]) {
    for value in values { message(number, value.reference) }
  }

  /// A map is a list of entries, each a message of a key and a value.
  mutating func map<Key, Value>(
    _ number: Int, _ map: Envoy.Map<Key, Value>,
    _ fill: (inout MessageWriter, Key, Value) -> Void
  ) {
    for entry in map.entries {
      nested(number) { fill(&$0, entry.key, entry.value) }
    }
  }
}

// MARK: - Messages that Swift has a plain type for

extension MessageWriter {
  mutating func boolValue(_ number: Int, _ value: Bool?) {
    if let value { nested(number) { $0.bool(1, value) } }
  }
  mutating func bytesValue(_ number: Int, _ value: [UInt8]?) {
    if let value { nested(number) { $0.bytes(1, value) } }
  }
  mutating func doubleValue(_ number: Int, _ value: Double?) {
    if let value { nested(number) { $0.double(1, value) } }
  }
  mutating func floatValue(_ number: Int, _ value: Float?) {
    if let value { nested(number) { $0.float(1, value) } }
  }
  mutating func int32Value(_ number: Int, _ value: Int32?) {
    if let value { nested(number) { $0.int32(1, value) } }
  }
  mutating func int64Value(_ number: Int, _ value: Int64?) {
    if let value { nested(number) { $0.int64(1, value) } }
  }
  mutating func stringValue(_ number: Int, _ value: String?) {
    if let value { nested(number) { $0.string(1, value) } }
  }
  mutating func uint32Value(_ number: Int, _ value: UInt32?) {
    if let value { nested(number) { $0.uint32(1, value) } }
  }
  mutating func uint64Value(_ number: Int, _ value: UInt64?) {
    if let value { nested(number) { $0.uint64(1, value) } }
  }
  mutating func duration(_ number: Int, _ value: Duration?) {
    guard let value else { return }
    let (seconds, attoseconds) = value.components
    nested(number) { writer in
      writer.int64(1, seconds)
      writer.int32(2, Int32(attoseconds / 1_000_000_000))
    }
  }
}

// MARK: - Bytes as they are

extension MessageWriter {
  /// Appends fields that are already encoded.
  mutating func verbatim(_ fields: [UInt8]) {
    reserve(fields.count)
    unsafe fields.withUnsafeBytes { unsafe copy($0) }
  }

  /// The head of a message within, `rest` bytes of which follow this one.
  mutating func head(_ number: Int, _ value: MessageReference, before rest: Int) {
    let bytes = unsafe value.bytes
    reserve(20 + bytes.count)
    tag(number, .lengthDelimited)
    varint(UInt64(bytes.count + rest))
    unsafe copy(bytes)
  }

  /// Appends the fields of a form with these texts in it.
  mutating func filled(_ form: TextForm, _ texts: [String]) {
    reserve(form.count)
    unsafe form.fill(UnsafeMutableRawBufferPointer(start: at, count: form.count), texts)
    unsafe at += form.count
  }

  /// The URL of a type, in an Any.
  mutating func url(of type: MessageType) {
    let url = unsafe cenvoy_message_type(UInt32(type.index)).pointee.type_url!
    unsafe contents(1, UnsafeRawBufferPointer(start: url, count: strlen(url)))
  }

  /// Fields of the same message that were built before.
  mutating func verbatim(_ message: MessageReference) {
    let bytes = unsafe message.bytes
    reserve(bytes.count)
    unsafe copy(bytes)
  }

  /// Makes this message, an Any, hold `message`: its type's URL and its bytes.
  mutating func pack(_ message: MessageReference, of type: MessageType) {
    url(of: type)
    let bytes = unsafe message.bytes
    if unsafe !bytes.isEmpty { unsafe contents(2, bytes) }
  }
}
