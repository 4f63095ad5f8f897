package import Diagnostics
internal import Incremental
package import Mesh
internal import Resources
internal import Store

/// What objects that are valid by themselves get wrong together: references to what is not there,
/// conflicts, and what can have no effect. istioctl's `analyze` finds the same, under the same codes,
/// and less.
///
/// Findings hang in the mesh's graph, a value an object, so that an edit costs what it touches. They
/// are computed when somebody asks and not when the graph settles: no push waits for them.
package final class MeshAnalysis {
  private let lists: [any RemarkList]

  /// Which findings a list shows.
  package enum Breadth: Sendable {
    case everything
    /// What istioctl's `analyze` says of the same files, where it looks at Istio's own objects alone.
    case asIstioctl
  }

  package init(_ model: MeshModel) {
    let store = model.store
    let workloads = Workloads(store)
    let hosts = KnownHosts(model)
    let routing = RoutingAnalysis(model, workloads, hosts)
    let gateways = GatewayAnalysis(model, workloads)
    let destinations = DestinationRuleAnalysis(model, workloads, hosts)
    let entries = ServiceEntryAnalysis(model)
    let sidecars = SelectorConflicts(store, store.sidecars, .sidecar, workloads) {
      $0.workloadSelector
    }
    let providers = ProviderNames(store)
    let policies = PolicyAnalysis(model, workloads)
    let telemetries = TelemetryAnalysis(store, workloads, providers)
    let ports = ServicePortAnalysis(model)
    lists = [
      RemarksByObject(store.graph, store.virtualServices) { routing.remarks($0, $1.spec) },
      RemarksByObject(store.graph, store.gateways) { gateways.remarks($0, $1.spec) },
      RemarksByObject(store.graph, store.destinationRules) { destinations.remarks($0, $1.spec) },
      RemarksByObject(store.graph, store.serviceEntries) { entries.remarks($0, $1.spec) },
      RemarksByObject(store.graph, store.authorizationPolicies) {
        policies.remarks($0, $1.spec)
      },
      RemarksByObject(store.graph, store.sidecars) {
        sidecars.remarks($0, $1.spec.workloadSelector)
      },
      RemarksByObject(store.graph, store.telemetries) {
        telemetries.remarks($0, $1.spec)
      },
      RemarksByObject(store.graph, store.services) { ports.remarks($0, $1) },
    ]
  }

  /// The findings as the mesh is now, by file and line.
  package func diagnostics(_ breadth: Breadth = .everything) -> [Diagnostic] {
    lists.flatMap { $0.diagnostics(breadth) }.sorted()
  }
}

/// What is found in objects of one kind.
private protocol RemarkList {
  func diagnostics(_ breadth: MeshAnalysis.Breadth) -> [Diagnostic]
}

private struct RemarksByObject<Spec: AnalysedSpec>: RemarkList {
  private let objects: Inputs<NamespacedName, Object<Spec>>
  private let names: Index<WholeMesh, NamespacedName>
  private let remarks: Gathered<WholeMesh, NamespacedName, [Remark]>

  init(
    _ graph: Graph, _ objects: Inputs<NamespacedName, Object<Spec>>,
    find: @escaping (NamespacedName, Object<Spec>) -> [Remark]
  ) {
    let names = Index<WholeMesh, NamespacedName>(graph)
    names.follow(objects) { id, _ in [(WholeMesh(), id)] }
    let kind = Spec.kind.rawValue
    let found = Derived<NamespacedName, [Remark]>(graph, "analysis of \(kind)") { id in
      objects[id].map { find(id, $0) } ?? []
    }
    self.objects = objects
    self.names = names
    remarks = Gathered(graph, "analysis of all \(kind)s", of: found) { names[$0] }
  }

  func diagnostics(_ breadth: MeshAnalysis.Breadth) -> [Diagnostic] {
    zip(names[WholeMesh()], remarks.kept(WholeMesh())).flatMap { id, remarks -> [Diagnostic] in
      guard !remarks.isEmpty, let object = objects.current(id) else { return [] }
      return remarks.filter { $0.isShown(in: breadth) }.map { $0.diagnostic(of: object) }
    }
  }
}

/// The key of what there is one of.
struct WholeMesh: Hashable {}
