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
/// are computed when somebody asks and not when the graph settles: no push waits for them. The first
/// time is as long as the mesh is large, and may be taken in steps.
package final class MeshAnalysis {
  private var unmade: [() -> any RemarkList]
  private var lists: [any RemarkList] = []
  private var preparedParts = 0

  /// Which findings a list shows.
  package enum Breadth: Sendable {
    case everything
    /// All but what the mesh's settings decide, where they are not known.
    case ofUnknownSettings
    /// What istioctl's `analyze` says of the same files, where it looks at Istio's own objects alone.
    case asIstioctlOfFiles
    /// What has a code of istioctl's, which looks at Services, pods and Secrets of a cluster too.
    case asIstioctlOfCluster
  }

  package init(_ model: MeshModel) { unmade = Self.lists(of: model).reversed() }

  /// Takes one step of the first analysis; false where none is left.
  package func prepare() -> Bool {
    if let make = unmade.popLast() {
      lists.append(make())
      return true
    }
    while preparedParts < lists.count * MeshPart.count {
      let (list, part) = preparedParts.quotientAndRemainder(dividingBy: MeshPart.count)
      preparedParts += 1
      if lists[list].prepare(MeshPart(number: part)) { return true }
    }
    return false
  }

  /// The findings as the mesh is now, by file and line.
  package func diagnostics(_ breadth: Breadth = .everything) -> [Diagnostic] {
    while let make = unmade.popLast() { lists.append(make()) }
    return lists.flatMap { $0.diagnostics(breadth) }.sorted()
  }

  /// Each is made when its turn comes: filling its indexes is a step too.
  private static func lists(of model: MeshModel) -> [() -> any RemarkList] {
    let store = model.store
    let workloads = Late { Workloads(store) }
    let hosts = Late { KnownHosts(model) }
    let providers = Late { ProviderNames(store) }
    return [
      { list(store.writtenGateways, GatewayAnalysis(model, workloads()).remarks, store) },
      {
        list(
          store.writtenVirtualServices, RoutingAnalysis(model, workloads(), hosts()).remarks, store)
      },
      {
        let analysis = DestinationRuleAnalysis(model, workloads(), hosts())
        return list(store.writtenDestinationRules, analysis.remarks, store)
      },
      { list(store.writtenServiceEntries, ServiceEntryAnalysis(model).remarks, store) },
      {
        let analysis = PolicyAnalysis(model, workloads())
        return list(store.writtenPolicies, analysis.remarks, store)
      },
      {
        let analysis = AuthenticationAnalysis(model, workloads())
        return list(store.writtenPeerAuthentications, analysis.remarks, store)
      },
      {
        let analysis = AuthenticationAnalysis(model, workloads())
        return list(store.writtenRequestAuthentications, analysis.remarks, store)
      },
      { list(store.writtenSidecars, SidecarAnalysis(store, workloads()).remarks, store) },
      {
        let analysis = TelemetryAnalysis(store, workloads(), providers())
        return list(store.writtenTelemetries, analysis.remarks, store)
      },
      {
        let analysis = ServicePortAnalysis(model)
        return RemarksByObject(store.graph, store.writtenServices) { analysis.remarks($0, $1) }
      },
    ]
  }

  private static func list<Spec: AnalysedSpec>(
    _ objects: WrittenObjects<Spec>,
    _ remarks: @escaping (NamespacedName, Spec) -> [Remark], _ store: ObjectStore
  ) -> any RemarkList {
    RemarksByObject(store.graph, objects) { remarks($0, $1.spec) }
  }
}

/// What is found in objects of one kind.
private protocol RemarkList {
  /// Finds what is in a part of the objects; false where it has none.
  func prepare(_ part: MeshPart) -> Bool
  func diagnostics(_ breadth: MeshAnalysis.Breadth) -> [Diagnostic]
}

private struct RemarksByObject<Spec: AnalysedSpec>: RemarkList {
  private let objects: WrittenObjects<Spec>
  private let names: Index<MeshPart, WrittenObjects<Spec>.Member>
  private let remarks: Gathered<MeshPart, WrittenObjects<Spec>.Member, [Remark]>

  init(
    _ graph: Graph, _ objects: WrittenObjects<Spec>,
    find: @escaping (NamespacedName, Object<Spec>) -> [Remark]
  ) {
    let names = Index<MeshPart, WrittenObjects<Spec>.Member>(graph)
    objects.feed(names) { member, _ in [(MeshPart(of: member.id.name), member)] }
    let kind = Spec.kind.rawValue
    let found = Derived<WrittenObjects<Spec>.Member, [Remark]>(graph, "analysis of \(kind)") {
      member in objects[member].map { find(member.id, $0) } ?? []
    }
    self.objects = objects
    self.names = names
    remarks = Gathered(graph, "analysis of all \(kind)s", of: found) { names[$0] }
  }

  func prepare(_ part: MeshPart) -> Bool {
    guard !names[part].isEmpty else { return false }
    _ = remarks.kept(part)
    return true
  }

  func diagnostics(_ breadth: MeshAnalysis.Breadth) -> [Diagnostic] {
    MeshPart.all.flatMap { part -> [Diagnostic] in
      let members = names[part]
      guard !members.isEmpty else { return [] }
      let found = remarks.kept(part)
      // Most objects have none: those are passed over without a look at the object.
      return found.indices.filter { !found[$0].isEmpty }.flatMap { place -> [Diagnostic] in
        guard let object = objects.current(members[place]) else { return [] }
        return found[place].filter { $0.isShown(in: breadth) }.map { $0.diagnostic(of: object) }
      }
    }
  }
}

/// The key of what there is one of.
struct WholeMesh: Digested {}

/// A value that is made when it is first needed, once for all who need it.
private final class Late<Value> {
  private let make: () -> Value
  private lazy var value = make()

  init(_ make: @escaping () -> Value) { self.make = make }

  func callAsFunction() -> Value { value }
}
