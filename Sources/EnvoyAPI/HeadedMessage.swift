package import Segments

/// A message that is put together from the inside out: its beginning, which is built in the scope that it
/// is used in, and what follows that by reference.
package struct HeadedMessage {
  private let beginning: MessageReference
  private let rest: Rope

  private init(_ head: MessageReference, then rest: Rope) {
    beginning = head
    self.rest = rest
  }

  /// A message, then `rest` of the same one.
  package init(_ head: some EnvoyMessage, then rest: Rope) {
    self.init(head.reference, then: rest)
  }

  /// The same where the beginning was encoded before.
  package init(encoded head: [UInt8], then rest: Rope) {
    var writer = MessageWriter()
    writer.verbatim(head)
    self.init(writer.finish(), then: rest)
  }

  /// This as the value of field `number` of a bigger message.
  package func field(_ number: Int) -> HeadedMessage {
    var writer = MessageWriter()
    writer.head(number, beginning, before: rest.count)
    return HeadedMessage(writer.finish(), then: rest)
  }

  /// This as the contents of a google.protobuf.Any of type `type`.
  package func any(_ type: MessageType) -> HeadedMessage {
    var writer = MessageWriter()
    writer.url(of: type)
    let isEmpty = unsafe beginning.bytes.isEmpty && rest.count == 0
    if !isEmpty { writer.head(2, beginning, before: rest.count) }
    return HeadedMessage(writer.finish(), then: rest)
  }

  /// This behind other fields of the same message.
  package func after(_ fields: [UInt8]) -> HeadedMessage {
    var writer = MessageWriter()
    writer.verbatim(fields)
    writer.verbatim(beginning)
    return HeadedMessage(writer.finish(), then: rest)
  }

  package func after(_ fields: some EnvoyMessage) -> HeadedMessage {
    var writer = MessageWriter()
    writer.verbatim(fields.reference)
    writer.verbatim(beginning)
    return HeadedMessage(writer.finish(), then: rest)
  }

  /// It leaves its scope.
  package var rope: Rope { Rope(beginning.segment(), then: rest) }

  /// What stands before the rest.
  package var head: [UInt8] { beginning.packed() }
}
