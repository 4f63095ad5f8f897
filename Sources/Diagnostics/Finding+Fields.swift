/// What any field of any kind can get wrong.
extension Finding {
  /// A value of another sort than the field holds.
  package static func wrongType(found: String, expected: String) -> Finding {
    refusal("expected \(expected), found \(found)")
  }

  package static func outOfRange(_ number: String, lowest: Int, highest: Int) -> Finding {
    refusal("expected a whole number from \(lowest) to \(highest), found \(number)")
  }

  package static func notADuration(_ text: String) -> Finding {
    refusal("expected a duration such as \"5s\", \"1m30s\" or \"250ms\", found \"\(text)\"")
  }

  package static func notATime(_ text: String) -> Finding {
    refusal("expected a time such as \"2024-05-01T12:00:00Z\", found \"\(text)\"")
  }

  package static func notBase64() -> Finding {
    refusal("expected bytes in base64")
  }

  package static func unknownChoice(_ text: String, choices: [String]) -> Finding {
    let meant = nearest(to: text, among: choices).map { "; \"\($0)\" is meant?" } ?? ""
    return refusal(
      "\"\(text)\" is not one of the values it can have\(meant)",
      evidence: "They are \(choices.joined(separator: ", "))")
  }

  /// Fields of which one object can have one only.
  package static func exclusive(_ names: [String]) -> Finding {
    let list = names.dropLast().joined(separator: ", ")
    return refusal("only one of \(list) and \(names.last ?? "") can be given")
  }

  package static func missing(_ field: String) -> Finding {
    refusal("\(field) is required")
  }

  package static func unknownField(
    _ name: String, nearest: String?, belongsIn parent: String?
  ) -> Finding {
    let hint =
      parent.map { "It is a field of \($0)" } ?? nearest.map { "The nearest field is \"\($0)\"" }
    return Finding(
      .warning, "there is no field \"\(name)\" here", evidence: hint,
      effect: "It has no effect, as in istiod")
  }

  package static func annotationNotForUsers(_ name: String) -> Finding {
    refusal("the annotation \(name) may not be set by users")
  }

  package static func annotationNotForKind(_ name: String) -> Finding {
    refusal("the annotation \(name) is not for this kind")
  }
}
