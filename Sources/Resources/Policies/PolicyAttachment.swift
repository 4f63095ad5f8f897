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
  /// From the fields beside a policy's own, judged as istiod judges them for all its kinds but one.
  init(_ fields: inout Fields) {
    self.init(&fields, selector: "selector", labels: "matchLabels") { target, fields in
      target.check(&fields)
    }
    if selector?.isEmpty == true { fields.report(.emptySelector(), at: "selector") }
    let given = ["targetRefs", "targetRef", "selector"].filter {
      $0 == "targetRefs" ? fields.isGiven("targetRefs") : fields.has($0)
    }
    if given.count > 1 { fields.report(.exclusive(given)) }
  }

  /// `selector` names the field with the labels, which lie in its field `labels`. istiod judges nothing
  /// of this.
  init(
    _ fields: inout Fields, selector: String, labels: String,
    check: (Target, inout Fields) -> Void = { _, _ in }
  ) {
    func read(_ fields: inout Fields) -> Target {
      let target = Target(&fields)
      check(target, &fields)
      return target
    }
    let several = fields.many("targetRefs", read)
    let one = fields.one("targetRef", read)
    self.init(
      selector: fields.selector(selector, labels: labels),
      targets: several.isEmpty ? [one].compactMap { $0 } : several)
  }
}

extension PolicyAttachment.Target: FieldReadable {
  private static let kinds = [
    (group: "", kind: "Service"), (group: "networking.istio.io", kind: "ServiceEntry"),
    (group: "gateway.networking.k8s.io", kind: "Gateway"),
    (group: "gateway.networking.k8s.io", kind: "GatewayClass"),
  ]

  init(_ fields: inout Fields) {
    let group = fields.text("group")
    self.init(
      group: group == "core" ? "" : group, kind: fields.text("kind"), name: fields.text("name"),
      namespace: fields.string("namespace"))
  }

  fileprivate func check(_ fields: inout Fields) {
    if name.isEmpty { fields.report(.missing("name")) }
    if namespace != nil { fields.report(.targetNamespace(), at: "namespace") }
    if !Self.kinds.contains(where: { $0 == (group, kind) }) {
      fields.report(
        .badTargetKind(group: group, kind: kind, known: Self.kinds.map(\.kind)), at: "kind")
    }
  }
}
