private import CEnvoyAPI
package import Segments

/// A message with a Swift face. Its fields are given to its initialiser and cannot be read back.
package protocol EnvoyMessage {
  static var messageType: MessageType { get }
  var reference: MessageReference { get }
  init(reference: MessageReference)
}

extension EnvoyMessage {
  /// A message that was encoded before, taken as it is: parts made once can stand in many parents.
  /// `bytes` are this type's own encoding, and are not read.
  package init(encoded bytes: [UInt8]) {
    var writer = MessageWriter()
    writer.verbatim(bytes)
    self.init(reference: writer.finish())
  }
}

extension EnvoyMessage {
  /// A message of a form that was made of this type's encodings, with these texts in it.
  package init(_ form: TextForm, _ texts: [String]) {
    var writer = MessageWriter()
    writer.filled(form, texts)
    self.init(reference: writer.finish())
  }
}

extension Envoy {
  /// Whether messages take over a text as it is, which they do with all without a NUL.
  package static func takesAsItIs(_ text: String) -> Bool {
    unsafe text.utf8.withContiguousStorageIfAvailable {
      unsafe cenvoy_has_nul($0.baseAddress, $0.count) == 0
    } ?? false
  }
}

/// Where an encoded message stands in its thread's arena, and in which scope.
@safe package struct MessageReference {
  private let contents: UnsafeRawBufferPointer
  private let scope: UInt32

  init(bytes: UnsafeRawBufferPointer) {
    unsafe contents = unsafe bytes
    scope = cenvoy_scope()
  }

  /// The message, for as long as its scope is open.
  @unsafe var bytes: UnsafeRawBufferPointer {
    precondition(
      scope == cenvoy_scope() || cenvoy_is_open(scope) != 0,
      "a message is used within the scope it was built in, on the same thread")
    return unsafe contents
  }

  func packed() -> [UInt8] { unsafe [UInt8](bytes) }

  func segment() -> Segment { unsafe Segment(copying: bytes) }

  func rope(_ recurring: RecurringBytes) -> Rope { unsafe recurring.rope(of: bytes) }

  /// The message as field `number` of a bigger one, whose other fields, `rest` bytes of them, follow.
  func segment(asField number: Int, before rest: Int = 0) -> Segment {
    let contents = unsafe bytes
    let prefix = FieldPrefix(number: number, length: contents.count + rest)
    return unsafe Segment(count: prefix.count + contents.count) { buffer in
      unsafe prefix.write(to: buffer)
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...])
        .copyMemory(from: contents)
    }
  }
}
