private import CEnvoyAPI

/// One of the published message types, all of which the binary knows by their descriptors.
package struct MessageType: Hashable, Sendable {
  /// The place in the list of all types, which is sorted by name.
  let index: Int

  init(index: Int) { self.index = index }

  /// The type called `name`, as `envoy.config.cluster.v3.Cluster`; nil for one never published.
  package init?(named name: some StringProtocol) {
    var name = String(name)
    let index = name.withUTF8 { text in
      unsafe text.withMemoryRebound(to: CChar.self) {
        unsafe cenvoy_index_of_type($0.baseAddress, $0.count)
      }
    }
    guard index >= 0 else { return nil }
    self.index = Int(index)
  }

  /// The type a type URL names: what stands behind its last slash.
  package init?(url: String) {
    guard let slash = url.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    self.init(named: url[url.index(after: slash)...])
  }

  package var name: String { unsafe String(cString: descriptor.pointee.name) }
  /// `type.googleapis.com/` and the name.
  package var url: String { unsafe String(cString: entry.pointee.type_url) }

  package static var count: Int { Int(cenvoy_message_type_count) }
  package static var all: [MessageType] { (0..<count).map(MessageType.init(index:)) }
}

extension MessageType {
  @unsafe private var entry: UnsafePointer<CEnvoyMessageType> {
    unsafe cenvoy_message_type(UInt32(index))
  }
  @unsafe private var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    unsafe entry.pointee.descriptor
  }

  /// Whether this is the pair of key and value that a map's entries are.
  var isMapEntry: Bool { unsafe entry.pointee.is_map_entry != 0 }

  /// The fields in order of number.
  var fields: [FieldType] { (0..<fieldCount).map(field(at:)) }
  var fieldCount: Int { unsafe Int(descriptor.pointee.n_fields) }
  func field(at index: Int) -> FieldType {
    unsafe FieldType(descriptor.pointee.fields + index, index: index)
  }

  func field(numbered number: Int) -> FieldType? {
    var (low, high) = (0, fieldCount)
    while low < high {
      let middle = (low + high) / 2
      let field = field(at: middle)
      if field.number == number { return field }
      if field.number < number { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The field of this name, as in the .proto or as in JSON.
  func field(named name: String) -> FieldType? {
    for index in 0..<fieldCount {
      let field = field(at: index)
      if field.isNamed(name.utf8) { return field }
    }
    return nil
  }

  /// Whether the API annotates the field as one that may not be shown.
  func isSensitive(_ field: FieldType) -> Bool {
    guard var number = unsafe entry.pointee.sensitive else { return false }
    while unsafe number.pointee != 0 {
      if unsafe Int(number.pointee) == field.number { return true }
      unsafe number += 1
    }
    return false
  }
}

/// One field of a message type, read from its descriptor.
@safe struct FieldType {
  enum Kind: UInt32, Sendable {
    // In the order of ProtobufCType.
    case int32, sint32, sfixed32, int64, sint64, sfixed64, uint32, fixed32, uint64, fixed64
    case float, double, bool, enumeration, string, bytes, message
  }

  /// The place among the message's fields.
  let index: Int
  let number: Int
  let kind: Kind
  let isRepeated: Bool
  /// Which of the message's oneofs it belongs to, as a number that only equality is asked of.
  let choice: Int?
  private let descriptor: UnsafePointer<ProtobufCFieldDescriptor>

  fileprivate init(_ descriptor: UnsafePointer<ProtobufCFieldDescriptor>, index: Int) {
    let field = unsafe descriptor.pointee
    unsafe self.descriptor = unsafe descriptor
    self.index = index
    number = unsafe Int(field.id)
    guard let kind = unsafe Kind(rawValue: field.type.rawValue) else {
      preconditionFailure("protobuf-c has seventeen types")
    }
    self.kind = kind
    isRepeated = unsafe field.label == PROTOBUF_C_LABEL_REPEATED
    choice =
      unsafe field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0
      ? Int(field.quantifier_offset) : nil
  }

  /// As in the .proto.
  var name: String { unsafe String(cString: descriptor.pointee.name) }

  /// Whether it is called so in the .proto or in JSON, told without making either text.
  fileprivate func isNamed(_ wanted: String.UTF8View) -> Bool {
    var (snake, camel) = (wanted.makeIterator(), wanted.makeIterator())
    var (isSnake, isCamel, raises) = (true, true, false)
    var next = unsafe descriptor.pointee.name!
    while unsafe next.pointee != 0, isSnake || isCamel {
      let byte = unsafe UInt8(bitPattern: next.pointee)
      isSnake = isSnake && snake.next() == byte
      if byte == UInt8(ascii: "_") {
        raises = true
      } else {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        isCamel = isCamel && camel.next() == (raises && isLetter ? byte - 32 : byte)
        raises = false
      }
      unsafe next += 1
    }
    return (isSnake && snake.next() == nil) || (isCamel && camel.next() == nil)
  }

  /// lowerCamel of the name; no published field has another (protobuf, "JSON Mapping").
  var jsonName: String {
    var text = ""
    var raises = false
    for character in name.unicodeScalars {
      if character == "_" {
        raises = true
      } else {
        text += raises ? character.properties.uppercaseMapping : String(character)
        raises = false
      }
    }
    return text
  }

  /// The type of the message it holds; asked of message fields only.
  var messageType: MessageType {
    precondition(kind == .message, "only message fields have a message type")
    let type = unsafe descriptor.pointee.descriptor.assumingMemoryBound(
      to: ProtobufCMessageDescriptor.self)
    guard let found = unsafe MessageType(named: String(cString: type.pointee.name)) else {
      preconditionFailure("every type a descriptor names is in the list")
    }
    return found
  }

  /// The numbers its enum gives names to; asked of enum fields only.
  var enumeration: EnumType {
    precondition(kind == .enumeration, "only enum fields have an enum")
    return unsafe EnumType(
      descriptor.pointee.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self))
  }

  /// Its type is a map, which is a repeated message of keys and values.
  var isMap: Bool { kind == .message && isRepeated && messageType.isMapEntry }

  /// Zero is not written, because a message without it means the same.
  var hasNoPresence: Bool { choice == nil && kind != .message && !isRepeated }
}

/// An enum's names and numbers.
@safe struct EnumType {
  private let descriptor: UnsafePointer<ProtobufCEnumDescriptor>

  fileprivate init(_ descriptor: UnsafePointer<ProtobufCEnumDescriptor>) {
    unsafe self.descriptor = unsafe descriptor
  }

  var name: String { unsafe String(cString: descriptor.pointee.name) }
  /// All names, aliases too, by name.
  var names: [String] {
    unsafe (0..<Int(descriptor.pointee.n_value_names)).map {
      unsafe String(cString: descriptor.pointee.values_by_name[$0].name)
    }
  }

  func name(of number: Int32) -> String? {
    for index in unsafe 0..<Int(descriptor.pointee.n_values)
    where unsafe descriptor.pointee.values[index].value == number {
      return unsafe String(cString: descriptor.pointee.values[index].name)
    }
    return nil
  }

  func number(of name: String) -> Int32? {
    for index in unsafe 0..<Int(descriptor.pointee.n_value_names) {
      let value = unsafe descriptor.pointee.values_by_name[index]
      if unsafe String(cString: value.name) == name {
        return unsafe descriptor.pointee.values[Int(value.index)].value
      }
    }
    return nil
  }
}
