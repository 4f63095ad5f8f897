internal import Incremental
internal import Resources
internal import Store

/// What stands behind services, by how services find it.
struct EndpointIndexes {
  /// A Kubernetes Service's EndpointSlices, of all clusters.
  let slices: Index<NamespacedName, LocatedName>
  /// WorkloadEntries by each of their labels.
  let workloadEntries: Index<LabelInNamespace, NamespacedName>
  private let podsByAddress: PodsByAddress

  struct PodAddress: Hashable, Comparable {
    let address: String
    let id: LocatedName

    static func < (a: Self, b: Self) -> Bool {
      a.address == b.address ? a.id < b.id : a.address < b.address
    }
  }

  init(_ store: ObjectStore) {
    slices = Index(store.graph)
    workloadEntries = Index(store.graph)
    podsByAddress = PodsByAddress(store)
    slices.follow(
      store.endpointSlices, by: { $0.metadata.labels },
      memberships: { id, labels in
        guard let service = labels["kubernetes.io/service-name"],
          labels["multicluster.kubernetes.io/service-name"] == nil
        else { return [] }
        return [(NamespacedName(namespace: id.namespace, name: service), id)]
      })
    workloadEntries.follow(store.workloadEntries) { id, entry in
      entry.mergedLabels.map { (LabelInNamespace(id.namespace, $0), id) }
    }
  }

  /// A namespace's pods by their first address.
  var pods: Index<LocatedNamespace, PodAddress> { podsByAddress.index }

  /// A pod that has the address, if one of the namespace does; asked for endpoints that name no pod.
  func pod(at address: String, in namespace: LocatedNamespace) -> LocatedName? {
    let pods = pods[namespace]
    var (low, high) = (0, pods.count)
    while low < high {
      let middle = (low + high) / 2
      if pods[middle].address < address { low = middle + 1 } else { high = middle }
    }
    return low < pods.count && pods[low].address == address ? pods[low].id : nil
  }
}

/// Filled when it is first asked for, which most meshes' endpoints never do: they name their pods, of
/// which there are more than of anything else.
private final class PodsByAddress {
  private let store: ObjectStore

  init(_ store: ObjectStore) { self.store = store }

  private(set) lazy var index: Index<LocatedNamespace, EndpointIndexes.PodAddress> = {
    let index = Index<LocatedNamespace, EndpointIndexes.PodAddress>(store.graph)
    index.follow(
      store.pods, by: { $0.spec.address },
      memberships: { id, address in
        let namespace = LocatedNamespace(id.namespace, in: id.cluster)
        return address.map {
          [(namespace, EndpointIndexes.PodAddress(address: $0, id: id))]
        } ?? []
      })
    return index
  }()
}

extension Object where Spec == WorkloadEntry {
  /// `spec.labels` and over them the object's own.
  var mergedLabels: [String: String] {
    spec.labels.merging(metadata.labels) { _, own in own }
  }

  /// Without health checks every entry counts as healthy, with them only one that was found so.
  var isSelectable: Bool { !isHealthChecked || spec.isHealthy == true }
}

extension WorkloadEntry {
  /// Kubernetes has no use for host names and paths.
  var isOnlyForDNS: Bool {
    guard let address, !address.isEmpty else { return false }
    return IPAddress(address) == nil
  }

  var isPipe: Bool { address?.hasPrefix("unix://") ?? false }

  /// Where the entry is reached; the port counts for all but pipes.
  func endpointAddress(port: Int) -> ServiceEndpoint.Address {
    guard let address, !address.isEmpty else { return .absent }
    if isPipe { return .pipe(path: String(address.dropFirst("unix://".count))) }
    return IPAddress(address) == nil
      ? .hostname(address, port: port) : .socket(ip: address, port: port)
  }
}
