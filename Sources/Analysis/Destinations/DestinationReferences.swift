internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

/// The services that routes send to (istioctl's virtualservice.DestinationHostAnalyzer): whether they
/// are there and have the port.
struct DestinationReferences {
  private let hosts: KnownHosts

  init(_ hosts: KnownHosts) { self.hosts = hosts }

  /// `exportTo`: that of the VirtualService.
  func remarks(
    _ id: NamespacedName, _ spot: Spot, _ destination: Destination, exportTo: [ExportTarget]
  ) -> [Remark] {
    switch hosts.presence(of: destination.host, seenFrom: id.namespace, exportTo: exportTo) {
    case .nowhere:
      return [
        Remark(spot, ".host", .unknownDestination(destination.host), basis: .surroundings)
      ]
    case .anywhere: return []
    case .service(let service):
      return finding(destination, service.ports).map {
        [Remark(spot, ".port", $0, basis: .surroundings)]
      } ?? []
    }
  }

  private func finding(_ destination: Destination, _ ports: [Int]) -> Finding? {
    guard let port = destination.port else {
      return ports.count > 1 ? .destinationWithoutPort(destination.host, ports: ports) : nil
    }
    return ports.contains(port)
      ? nil : .unknownDestinationPort(port, of: destination.host, ports: ports)
  }
}
