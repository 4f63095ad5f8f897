internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Routes by claims of tokens that nobody verifies (istioctl's virtualservice.JWTClaimRouteAnalyzer).
struct ClaimRoutes {
  private let workloads: Workloads
  private let selectors: Derived<NamespacedName, [String: String]?>
  private let verified: Derived<String, [[String: String]]>
  private let rootNamespace: Single<String>

  init(_ model: MeshModel, _ workloads: Workloads) {
    let store = model.store
    let policies = Index<String, NamespacedName>(store.graph)
    policies.follow(store.requestAuthentications) { id, _ in [(id.namespace, id)] }
    self.workloads = workloads
    rootNamespace = model.policies.rootNamespace
    selectors = Derived(store.graph, "selector of gateway") { store.gateways[$0]?.spec.selector }
    verified = Derived(store.graph, "where tokens are verified") { namespace in
      policies[namespace].compactMap {
        store.requestAuthentications[$0]?.spec.attachment.selector ?? [:]
      }
    }
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    guard let spot = service.firstClaim else { return [] }
    for reference in service.gateways {
      guard case .gateway(let namespace, let name) = reference,
        let selector = selectors(NamespacedName(namespace: namespace, name: name)),
        !selector.isEmpty
      else { continue }
      let unverified = workloads.selected(by: selector).first { !isVerified($0) }
      guard let unverified else { continue }
      return [
        Remark(
          spot, ".headers",
          .claimsOfUnverifiedTokens("\(reference)", workload: "\(unverified.id)"),
          basis: .surroundings)
      ]
    }
    return []
  }

  private func isVerified(_ workload: Workloads.Name) -> Bool {
    let labels = workloads.labels(workload)
    return (verified(rootNamespace()) + verified(workload.id.namespace)).contains { selector in
      selector.allSatisfy { labels[$0.key] == $0.value }
    }
  }
}

extension VirtualService {
  /// Where claims are first looked at.
  fileprivate var firstClaim: Spot? {
    for (rule, route) in http.enumerated() {
      for (index, match) in route.matches.enumerated()
      where (match.headers + match.withoutHeaders).contains(where: { $0.claim != nil }) {
        return .inRule(.http, rule, .match(index))
      }
    }
    return nil
  }
}
