internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// The proxies of a Gateway: whether there are any, and whether their Services have its ports
/// (istioctl's gateway.IngressGatewayPortAnalyzer).
struct GatewayWorkloads {
  private struct ServiceGroup: Digested {
    let namespace: String
    let key: String
    let value: String
  }

  private let workloads: Workloads
  private let ports: Derived<Workloads.Name, [Int]>

  init(_ store: ObjectStore, _ workloads: Workloads) {
    self.workloads = workloads
    let bySelector = Index<ServiceGroup, NamespacedName>(store.graph)
    bySelector.follow(store.leadingServices) { id, service in
      let label = service.spec.selector.min { $0.key < $1.key }
      guard let label else { return [] }
      return [(ServiceGroup(namespace: id.namespace, key: label.key, value: label.value), id)]
    }
    ports = Derived(store.graph, "ports of a workload's services") { workload in
      let labels = workloads.labels(workload)
      let services = labels.flatMap { label in
        bySelector[
          ServiceGroup(namespace: workload.id.namespace, key: label.key, value: label.value)]
      }
      let found = services.compactMap { store.leadingServices[$0]?.spec }.filter { service in
        service.selector.allSatisfy { labels[$0.key] == $0.value }
      }
      return Set(found.flatMap(\.gatewayPorts)).sorted()
    }
  }

  func remarks(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    guard !gateway.selector.isEmpty, workloads.areKnown else { return [] }
    let selected = workloads.selected(by: gateway.selector)
    guard !selected.isEmpty else {
      return [
        Remark(
          .field("selector"),
          .selectsNothing(
            text(of: gateway.selector), "No known proxy opens the servers of this Gateway"),
          basis: .surroundings)
      ]
    }
    let known = Set(selected.flatMap { ports($0) })
    return gateway.servers.enumerated().compactMap { index, server in
      guard server.port.number != 0, !known.contains(server.port.number) else { return nil }
      return Remark(
        .element("servers", index), ".port.number",
        .portOfNoService(server.port.number, selector: text(of: gateway.selector)),
        basis: .surroundings)
    }
  }
}

extension Service {
  /// The numbers by which a Gateway may name the Service's TCP ports.
  fileprivate var gatewayPorts: [Int] {
    ports.filter { $0.transport == .tcp }.flatMap { port -> [Int] in
      if case .number(let target)? = port.targetPort, target != 0 {
        [port.port, target]
      } else {
        [port.port]
      }
    }
  }
}
