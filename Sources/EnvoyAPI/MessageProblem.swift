private import Diagnostics
package import Documents

/// Why bytes are no message of their type, or a value cannot be written as one.
package struct MessageProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// The bytes end early, or are not laid out as protobuf at all.
    case malformed
    case notUTF8
    /// Messages within messages, more than ``MessageLimits/depth``.
    case tooDeep
    case unknownField(String, of: String, nearest: String?)
    case unknownType(url: String)
    case unknownEnumValue(String, of: String, nearest: String?)
    case wrongType(expected: String, found: String)
    /// The value has the right type and is none that the field can hold.
    case notAllowed(String, expected: String)
    /// Two fields of one oneof, or one field by both its names.
    case setTwice(String, and: String)
  }

  /// As `filterChains[0].filters[2].typedConfig`; empty for the message itself.
  package let path: String
  /// Where the value stands in its file; unknown for bytes.
  package let position: Node.Position
  package let reason: Reason

  package var description: String { path.isEmpty ? sentence : "\(path): \(sentence)" }

  /// What is wrong, without where.
  package var sentence: String {
    switch reason {
    case .malformed: return "the bytes are not a message of this type"
    case .notUTF8: return "the text is not UTF-8"
    case .tooDeep: return "nested more than \(MessageLimits.depth) messages deep"
    case .unknownField(let field, let type, let nearest):
      return "\(type) has no field \"\(field)\"" + suggestion(nearest)
    case .unknownType(let url): return "\"\(url)\" is no published message type"
    case .unknownEnumValue(let value, let type, let nearest):
      return "\"\(value)\" is no value of \(type)" + suggestion(nearest)
    case .wrongType(let expected, let found): return "expected \(expected), found \(found)"
    case .notAllowed(let value, let expected): return "expected \(expected), found \"\(value)\""
    case .setTwice(let field, let other):
      return field == other ? "\"\(field)\" is set twice" : "\"\(field)\" excludes \"\(other)\""
    }
  }

  private func suggestion(_ name: String?) -> String { name.map { "; nearest: \"\($0)\"" } ?? "" }
}

extension MessageProblem.Reason {
  /// Without what was found.
  var redacted: Self {
    switch self {
    case .notAllowed(_, let expected): .notAllowed("[redacted]", expected: expected)
    case .unknownEnumValue(_, let type, _): .unknownEnumValue("[redacted]", of: type, nearest: nil)
    case .unknownType: .unknownType(url: "[redacted]")
    case .malformed, .notUTF8, .tooDeep, .unknownField, .wrongType, .setTwice: self
    }
  }

  static func unknownField(_ name: String, in type: MessageType) -> Self {
    .unknownField(
      name, of: type.name, nearest: nearest(to: name, among: type.fields.map(\.jsonName)))
  }

  static func unknownEnumValue(_ name: String, in type: EnumType) -> Self {
    .unknownEnumValue(name, of: type.name, nearest: nearest(to: name, among: type.names))
  }
}

/// What a message that is read may grow to. Its size is limited by whoever received it.
package enum MessageLimits {
  /// As in protobuf's own readers.
  package static let depth = 100
}
