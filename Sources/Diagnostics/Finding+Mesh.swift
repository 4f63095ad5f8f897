/// What the settings of the mesh can get wrong.
extension Finding {
  package static func providerWithoutKind(known: [String]) -> Finding {
    refusal(
      "an extension provider must say what it is",
      evidence: "One of \(known.joined(separator: ", "))")
  }
}
