/// Keys that policies verify tokens with, and that are fetched.
extension Diagnostic {
  package static func keysLeftUnfetched(of policy: ObjectName, rule: Int, at place: Place) -> Self {
    Diagnostic(
      severity: .info, place: place, object: policy, field: "jwtRules[\(rule)]",
      problem: "keys are not fetched here, only by serve",
      effect: "A key that no token fits stands in for them")
  }

  /// `hasKeys`: some that were fetched before.
  package static func keysNotFetched(
    from server: String, answer: String, of policy: ObjectName, rule: Int, at place: Place,
    hasKeys: Bool
  ) -> Self {
    Diagnostic(
      severity: .warning, place: place, object: policy, field: "jwtRules[\(rule)]",
      problem: "keys cannot be fetched from \(server): \(answer)",
      effect: hasKeys
        ? "Those fetched before go on verifying tokens; it is tried again"
        : "Every token they should verify is refused until they can; it is tried again")
  }
}
