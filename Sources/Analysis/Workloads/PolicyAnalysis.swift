internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in an AuthorizationPolicy: workloads it is for (istioctl's
/// auth.AuthorizationPoliciesAnalyzer), and whom it asks.
struct PolicyAnalysis {
  private let model: MeshModel
  private let workloads: Workloads
  private let namespaceNames: Single<Set<String>>
  private let rootNamespace: Single<String>
  /// The policies of action CUSTOM that labels attach, by their namespace.
  private let asking: Index<String, Asking>

  private struct Asking: Hashable, Comparable {
    let id: NamespacedName
    let provider: String
    let selector: [String: String]

    static func < (a: Self, b: Self) -> Bool { a.id < b.id }
  }

  init(_ model: MeshModel, _ workloads: Workloads) {
    self.model = model
    self.workloads = workloads
    let namespaces = Index<WholeMesh, LocatedName>(model.graph)
    namespaces.follow(model.store.namespaces) { id, _ in [(WholeMesh(), id)] }
    namespaceNames = Single(model.graph, "names of namespaces") {
      Set(namespaces[WholeMesh()].map(\.name))
    }
    rootNamespace = model.policies.rootNamespace
    let asking = Index<String, Asking>(model.store.graph)
    asking.follow(model.store.authorizationPolicies) { id, policy in
      guard case .custom(let provider) = policy.spec.action, policy.spec.attachment.targets.isEmpty
      else { return [] }
      let selector = policy.spec.attachment.selector ?? [:]
      return [(id.namespace, Asking(id: id, provider: provider, selector: selector))]
    }
    self.asking = asking
  }

  func remarks(_ id: NamespacedName, _ policy: AuthorizationPolicy) -> [Remark] {
    workloads.unattached(id, policy.attachment, isForMesh: id.namespace == rootNamespace())
      + authorizer(policy.action) + rivals(id)
      + unknownNamespaces(policy)
  }

  /// Policies that have proxies ask somebody else as well, which they cannot.
  private func rivals(_ id: NamespacedName) -> [Remark] {
    guard let own = asking[id.namespace].first(where: { $0.id == id }) else { return [] }
    let root = rootNamespace()
    let near = asking[id.namespace] + (id.namespace == root ? [] : asking[root])
    let found = near.filter { $0.provider != own.provider && mayMeet($0.selector, own.selector) }
    guard !found.isEmpty else { return [] }
    return [
      Remark(
        .field("provider"),
        .severalAuthorizers(found.map { "\($0.id) asks \($0.provider)" }))
    ]
  }

  /// Whether what one selects the other does too, or a workload is known that both select.
  private func mayMeet(_ a: [String: String], _ b: [String: String]) -> Bool {
    let both = a.merging(b) { mine, _ in mine }
    guard both.merging(b, uniquingKeysWith: { _, theirs in theirs }) == both else { return false }
    return both == a || both == b || workloads.areSelected(by: both)
  }

  /// Where files name namespaces at all.
  private func unknownNamespaces(_ policy: AuthorizationPolicy) -> [Remark] {
    let known = namespaceNames()
    guard !known.isEmpty else { return [] }
    return policy.rules.enumerated().flatMap { index, rule in
      let named = rule.sources.joined().flatMap { test -> [WildcardText] in
        guard case .namespaces(let names) = test else { return [] }
        return names.anyOf + names.noneOf
      }
      return named.filter { name in !known.contains(where: name.mayMean) }.map { name in
        Remark(
          .element("rules", index), ".from",
          .unknownNamespace(name.literals.joined(separator: "*")), basis: .surroundings)
      }
    }
  }

  private func authorizer(_ action: AuthorizationPolicy.Action) -> [Remark] {
    guard case .custom(let name) = action,
      case .problem(let problem) = model.authorizer(named: name)
    else { return [] }
    return switch problem {
    case .unknown(let known):
      [Remark(.field("provider"), .unknownAuthorizer(name, known: known), basis: .settings)]
    case .unusable: [Remark(.field("provider"), .unusableAuthorizer(name))]
    case .serviceNotFound(let host):
      [
        Remark(
          .field("provider"), .authorizerWithoutService(name, host: host), basis: .surroundings)
      ]
    }
  }
}

extension WildcardText {
  /// Whether the text begins and ends as this does, whatever else stands between.
  fileprivate func mayMean(_ text: String) -> Bool {
    guard literals.count > 1, let first = literals.first, let last = literals.last else {
      return literals == [text]
    }
    return text.utf8.starts(with: first.utf8)
      && text.utf8.reversed().starts(with: last.utf8.reversed())
  }
}
