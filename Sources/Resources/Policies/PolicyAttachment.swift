/// What a policy is attached to: the workloads that a selector matches, or what it names.
package struct PolicyAttachment: Hashable, Sendable {
  /// Labels that a workload must have; empty for all of the namespace, nil where none is written,
  /// which means the same to workloads and not to validation.
  package var selector: [String: String]?
  /// `targetRefs`, or the older `targetRef` where there are none.
  package var targets: [Target]

  package init(selector: [String: String]? = nil, targets: [Target] = []) {
    self.selector = selector
    self.targets = targets
  }

  /// A Gateway, a Service or the like, by its name in the policy's own namespace.
  package struct Target: Hashable, Sendable {
    /// Empty for the core group.
    package var group: String
    package var kind: String
    package var name: String
    /// Nil for the policy's own; another one never matches.
    package var namespace: String?

    package init(group: String, kind: String, name: String, namespace: String? = nil) {
      self.group = group
      self.kind = kind
      self.name = name
      self.namespace = namespace
    }
  }
}

/// A kind whose objects are attached to workloads.
package protocol AttachedSpec: ResourceSpec {
  var attachment: PolicyAttachment { get }
}

extension PolicyAttachment {
  /// From the fields beside a policy's own. `selector` names the field with the labels, which lie in
  /// its field `labels`.
  init(_ fields: inout Fields, selector: String = "selector", labels: String = "matchLabels") {
    let several = fields.parts("targetRefs") { Target(&$0) }
    let one = fields.one("targetRef") { Target(&$0) }
    self.init(
      selector: fields.selector(selector, labels: labels),
      targets: several.isEmpty ? [one].compactMap { $0 } : several)
  }
}

extension PolicyAttachment.Target: FieldReadable {
  init(_ fields: inout Fields) {
    let group = fields.string("group") ?? ""
    self.init(
      group: group == "core" ? "" : group, kind: fields.string("kind") ?? "",
      name: fields.string("name") ?? "", namespace: fields.string("namespace"))
  }
}
