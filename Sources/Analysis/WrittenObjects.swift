internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// Objects of one kind as findings see them: those that are in force, and where an object was refused
/// and has no earlier version in force, what is written of it.
struct WrittenObjects<Spec: ResourceSpec> {
  /// An object in force, or one that was refused: an object may be both.
  struct Member: Digested, Comparable {
    let id: NamespacedName
    let isRefused: Bool

    static func < (a: Self, b: Self) -> Bool {
      a.id != b.id ? a.id < b.id : !a.isRefused && b.isRefused
    }
  }

  private let store: ObjectStore
  private let accepted: Inputs<NamespacedName, Object<Spec>>
  private let object: (Resource) -> Object<Spec>?

  init(
    _ store: ObjectStore, _ accepted: Inputs<NamespacedName, Object<Spec>>,
    _ object: @escaping (Resource) -> Object<Spec>?
  ) {
    self.store = store
    self.accepted = accepted
    self.object = object
  }

  subscript(id: NamespacedName) -> Object<Spec>? {
    accepted[id] ?? (store.refused[name(id)] ?? nil).flatMap(object)
  }

  /// The object that the member stands for; nil for what is refused now and has an earlier version.
  subscript(member: Member) -> Object<Spec>? {
    guard member.isRefused else { return accepted[member.id] }
    return accepted[member.id] == nil ? self[member.id] : nil
  }

  /// Of the object as it is, for messages; records nothing.
  func current(_ member: Member) -> Object<Spec>? {
    guard member.isRefused else { return accepted.current(member.id) }
    return (store.refused.current(name(member.id)) ?? nil).flatMap(object)
  }

  /// Makes the objects members of an index.
  func feed<Group, Element>(
    _ index: Index<Group, Element>,
    _ memberships: @escaping (Member, Object<Spec>) -> [(Group, Element)]
  ) {
    index.follow(accepted) { id, object in memberships(Member(id: id, isRefused: false), object) }
    index.follow(store.refused) { [object] name, resource in
      guard name.kind == Spec.kind.rawValue, let object = resource.flatMap(object) else {
        return []
      }
      let id = NamespacedName(namespace: name.namespace, name: name.name)
      return memberships(Member(id: id, isRefused: true), object)
    }
  }

  private func name(_ id: NamespacedName) -> ObjectName {
    ObjectName(kind: Spec.kind.rawValue, namespace: id.namespace, name: id.name)
  }
}

extension ObjectStore {
  var writtenGateways: WrittenObjects<Gateway> {
    WrittenObjects(self, gateways) { if case .gateway(let object) = $0 { object } else { nil } }
  }
  var writtenVirtualServices: WrittenObjects<VirtualService> {
    WrittenObjects(self, virtualServices) {
      if case .virtualService(let object) = $0 { object } else { nil }
    }
  }
  var writtenDestinationRules: WrittenObjects<DestinationRule> {
    WrittenObjects(self, destinationRules) {
      if case .destinationRule(let object) = $0 { object } else { nil }
    }
  }
  var writtenServiceEntries: WrittenObjects<ServiceEntry> {
    WrittenObjects(self, serviceEntries) {
      if case .serviceEntry(let object) = $0 { object } else { nil }
    }
  }
  var writtenServices: WrittenObjects<Service> {
    WrittenObjects(self, leadingServices) {
      if case .service(let object) = $0 { object } else { nil }
    }
  }
  var writtenPolicies: WrittenObjects<AuthorizationPolicy> {
    WrittenObjects(self, authorizationPolicies) {
      if case .authorizationPolicy(let object) = $0 { object } else { nil }
    }
  }
  var writtenSidecars: WrittenObjects<Sidecar> {
    WrittenObjects(self, sidecars) { if case .sidecar(let object) = $0 { object } else { nil } }
  }
  var writtenTelemetries: WrittenObjects<Telemetry> {
    WrittenObjects(self, telemetries) {
      if case .telemetry(let object) = $0 { object } else { nil }
    }
  }
  var writtenPeerAuthentications: WrittenObjects<PeerAuthentication> {
    WrittenObjects(self, peerAuthentications) {
      if case .peerAuthentication(let object) = $0 { object } else { nil }
    }
  }
  var writtenRequestAuthentications: WrittenObjects<RequestAuthentication> {
    WrittenObjects(self, requestAuthentications) {
      if case .requestAuthentication(let object) = $0 { object } else { nil }
    }
  }
}
