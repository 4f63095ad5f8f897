/// What the bytes of one message say of one field: several occurrences for a list, or where
/// messages were concatenated.
struct FieldGroup {
  let field: FieldType
  var occurrences: [WireField]

  var last: WireField { occurrences[occurrences.count - 1] }

  /// A zero that was written where no zero need be: the same as nothing.
  var saysNothing: Bool {
    field.hasNoPresence
      && (field.isPackable ? last.bits == 0 : last.contents.isEmpty)
  }
}

/// A message's bytes sorted by field, as a reader must take them (protobuf encoding, "Last One
/// Wins"): of a oneof only the member that came last is left.
struct FieldGroups {
  /// In order of number.
  let known: [FieldGroup]
  /// Fields that the type does not have, or that are laid out as another type.
  let unknown: [WireField]

  /// Nil if the bytes are no message.
  init?(_ bytes: [UInt8], in range: Range<Int>, of type: MessageType) {
    var groups: [FieldGroup] = []
    var unknown: [WireField] = []
    var scan = WireReader(bytes, in: range)
    while let found = scan.next() {
      guard let field = type.field(numbered: found.number), field.accepts(found.wireType) else {
        unknown.append(found)
        continue
      }
      if let choice = field.choice {
        groups.removeAll { $0.field.choice == choice && $0.field.index != field.index }
      }
      if let at = groups.lastIndex(where: { $0.field.index == field.index }) {
        groups[at].occurrences.append(found)
      } else {
        groups.append(FieldGroup(field: field, occurrences: [found]))
      }
    }
    guard scan.isAtEnd else { return nil }
    known = groups.sorted { $0.field.index < $1.field.index }
    self.unknown = unknown
  }
}

extension FieldType {
  var wireType: WireType {
    switch kind {
    case .int32, .sint32, .int64, .sint64, .uint32, .uint64, .bool, .enumeration: .varint
    case .sfixed32, .fixed32, .float: .fixed32
    case .sfixed64, .fixed64, .double: .fixed64
    case .string, .bytes, .message: .lengthDelimited
    }
  }

  /// Lists of numbers may come packed or one by one, whatever the type says.
  fileprivate func accepts(_ found: WireType) -> Bool {
    found == wireType || (isRepeated && found == .lengthDelimited)
  }

  var isPackable: Bool { wireType != .lengthDelimited }
}

extension FieldGroup {
  /// The numbers of a list's occurrences, packed and single ones in the order they came; for any other
  /// number its last. Nil if a packed list ends within a number.
  func numbers(_ bytes: [UInt8]) -> [UInt64]? {
    guard field.isRepeated else { return [last.bits] }
    var numbers: [UInt64] = []
    for occurrence in occurrences {
      guard occurrence.wireType == .lengthDelimited else {
        numbers.append(occurrence.bits)
        continue
      }
      var scan = WireReader(bytes, in: occurrence.contents)
      while !scan.isAtEnd {
        guard let number = scan.number(field.wireType) else { return nil }
        numbers.append(number)
      }
    }
    return numbers
  }
}
