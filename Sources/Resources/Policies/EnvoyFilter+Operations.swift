internal import Diagnostics
internal import Documents

/// Operations of patches that do nothing to what they apply to, or depend on the order in which
/// EnvoyFilters are applied where no priority settles it (istioctl's envoyfilter.EnvoyPatchAnalyzer).
extension EnvoyFilter {
  /// Looks at the patches as they are written, up to the first that changes nothing.
  func checkOperations(_ fields: inout Fields) {
    guard case .sequence(let patches)? = fields.node(at: ["configPatches"])?.content else { return }
    var namesOfVersions: Set<WrittenPatch.Name> = []
    for (index, node) in patches.enumerated() {
      guard let patch = WrittenPatch(node) else { return }
      if let finding = finding(patch, namesOfVersions) {
        fields.report(finding, at: "configPatches", .index(index), "patch", "operation")
      }
      if patch.hasVersion { namesOfVersions.insert(patch.name) }
    }
  }

  private func finding(_ patch: WrittenPatch, _ namesOfVersions: Set<WrittenPatch.Name>) -> Finding?
  {
    let isOfRoutes = patch.applyTo == "ROUTE_CONFIGURATION" || patch.applyTo == "HTTP_ROUTE"
    switch patch.operation {
    case "ADD": return isOfRoutes ? .addWithoutEffect(patch.applyTo) : nil
    case "REMOVE" where isOfRoutes: return .removeWithoutEffect(patch.applyTo)
    case "REPLACE"
    where !["NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST"].contains(patch.applyTo):
      return .replaceWithoutEffect(patch.applyTo)
    case "REMOVE", "REPLACE", "INSERT_BEFORE", "INSERT_AFTER":
      guard priority == 0 else { return nil }
      return namesOfVersions.contains(patch.name)
        ? .relativeWithoutPriorityOfVersion(patch.operation)
        : .relativeWithoutPriority(patch.operation)
    case _: return nil
    }
  }
}

/// An entry of `configPatches`, as far as its operation can be judged.
private struct WrittenPatch {
  let applyTo: String
  let operation: String
  let name: Name
  let hasVersion: Bool

  /// What the value is called; where it has no name, the filter that the match is about. To istioctl
  /// the two are never the same.
  enum Name: Hashable {
    case value(String)
    case filter(String)
    case none
  }

  /// Nil for one without `patch`.
  init?(_ node: Node) {
    guard let patch = node["patch"], patch.content != .null else { return nil }
    let match = node["match"]
    applyTo = node["applyTo"]?.text ?? ""
    operation = patch["operation"]?.text ?? ""
    if let value = patch["value"], value.content != .null {
      let filter = match?["listener"]?["filterChain"]?["filter"]
      name =
        value["name"]?.text.map { .value($0) } ?? filter?["name"]?.text.map { .filter($0) } ?? .none
    } else {
      name = .none
    }
    hasVersion = match?["proxy"]?["proxyVersion"]?.text?.isEmpty == false
  }
}
