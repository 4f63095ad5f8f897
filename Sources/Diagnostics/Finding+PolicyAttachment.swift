/// What the attachment of a policy to workloads can get wrong.
extension Finding {
  package static func targetNamespace() -> Finding {
    refusal("a target is of the policy's own namespace; none can be named")
  }

  package static func badTargetKind(group: String, kind: String, known: [String]) -> Finding {
    refusal(
      "a policy cannot be attached to a \(group.isEmpty ? kind : "\(kind) of \(group)")",
      evidence: "It can be attached to \(known.joined(separator: ", "))")
  }
}
