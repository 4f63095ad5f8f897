internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// Rules that are left to other VirtualServices, which must be there, be delegates and be seen.
struct DelegateReferences {
  private enum State: Hashable {
    case missing
    case hasHosts
    case delegate(exportTo: [ExportTarget])
  }

  private let states: Derived<NamespacedName, State>
  private let defaultExportTo: Single<[ExportTarget]>

  init(_ store: ObjectStore) {
    let services = store.writtenVirtualServices
    states = Derived(store.graph, "delegate") { id in
      guard let object = services[id] else { return .missing }
      return object.spec.hosts.isEmpty ? .delegate(exportTo: object.spec.exportTo) : .hasHosts
    }
    defaultExportTo = Single(store.graph, "default exportTo of delegates") {
      store.meshConfig.defaultVirtualServiceExportTo
    }
  }

  func remarks(_ id: NamespacedName, _ service: VirtualService) -> [Remark] {
    service.http.enumerated().compactMap { index, route in
      guard case .delegate(let delegate) = route.action else { return nil }
      let target = NamespacedName(
        namespace: delegate.namespace ?? id.namespace, name: delegate.name ?? "")
      return finding(target, from: id.namespace).map {
        Remark(.inRule(.http, index, .delegate), $0)
      }
    }
  }

  private func finding(_ target: NamespacedName, from namespace: String) -> Finding? {
    switch states(target) {
    case .missing: return .unknownDelegate("\(target)")
    case .hasHosts: return .delegateWithHosts("\(target)")
    case .delegate(let exportTo):
      let targets = exportTo.isEmpty ? defaultExportTo() : exportTo
      let isSeen = Visibility(targets, of: target.namespace)?.includes(namespace) ?? true
      return isSeen ? nil : .hiddenDelegate("\(target)", from: namespace)
    }
  }
}
