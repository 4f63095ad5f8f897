internal import Incremental
internal import Resources
internal import Store

/// How far ServiceEntries of a namespace may be seen at most, whatever their `exportTo` says:
/// MeshConfig's `serviceEntryVisibility` (istiod's `serviceExportTo`).
struct EntryVisibilityLimit {
  private let settings: Single<MeshConfig.ServiceEntryVisibility?>
  private let limits: Derived<String, Limit>

  enum Limit: Hashable {
    case everyone
    case ownNamespace
    case nobody

    /// Who sees what an entry of the namespace defines, of whom it says.
    func limited(_ visibility: Visibility, in namespace: String) -> Visibility {
      switch self {
      case .everyone: visibility
      case .nobody: .nobody
      case .ownNamespace:
        visibility.includes(namespace) ? .namespaces([namespace]) : .nobody
      }
    }
  }

  init(_ store: ObjectStore) {
    let settings = Single<MeshConfig.ServiceEntryVisibility?>(
      store.graph, "serviceEntryVisibility.settings"
    ) {
      // Else it is for ambient proxies alone.
      store.meshConfig.serviceEntryVisibility.flatMap { $0.applyToSidecars ? $0 : nil }
    }
    self.settings = settings
    limits = Derived(store.graph, "serviceEntryVisibility.limit") { namespace in
      guard let settings = settings() else { return .everyone }
      let object = store.namespaces[LocatedNamespace(namespace, in: .own).object]
      let labels = object?.metadata.labels ?? [:]
      let policy = settings.policies.first { policy in
        policy.namespaceSelectors.allSatisfy { $0?.matches(labels) ?? false }
      }
      switch policy?.visibility ?? settings.defaultVisibility {
      case .unspecified, .everyone: return .everyone
      case .namespace: return .ownNamespace
      case .none: return .nobody
      }
    }
  }

  func limit(in namespace: String) -> Limit { limits(namespace) }

  /// What a namespace sees of what is meant for it by name, and of what everyone would see.
  func limited(
    _ mine: [ServiceDefinition], _ everyone: [ServiceDefinition], for namespace: String
  ) -> [[ServiceDefinition]] {
    guard settings() != nil else { return [mine, everyone] }
    let isLimited = { (definition: ServiceDefinition) in
      !definition.source.isKubernetes && limits(definition.key.namespace) != .everyone
    }
    let own = (mine + everyone).filter {
      isLimited($0) && $0.key.namespace == namespace && limits(namespace) == .ownNamespace
    }
    let free = mine.filter { !isLimited($0) }
    return [own.isEmpty ? free : (free + own).sorted(), everyone.filter { !isLimited($0) }]
  }
}
