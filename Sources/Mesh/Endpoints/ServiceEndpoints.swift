/// A service's endpoints in their order.
///
/// Those of one EndpointSlice, as most services have, are held as they stand there: what addresses and
/// what ports have, each once.
package struct ServiceEndpoints: RandomAccessCollection, Hashable, Sendable {
  private var held: Held

  private enum Held: Hashable {
    case all([ServiceEndpoint])
    case ofSlice([Member], [Port])
  }

  /// An address of a slice, on which all of its ports are.
  struct Member: Hashable {
    let ip: String
    let workload: Workload
    let health: ServiceEndpoint.Health
  }

  struct Port: Hashable {
    let name: String
    let number: Int32
  }

  package init(_ all: [ServiceEndpoint]) { held = .all(all) }

  /// Each member with each of the ports.
  init(_ members: [Member], on ports: [Port]) { held = .ofSlice(members, ports) }

  package var startIndex: Int { 0 }
  package var endIndex: Int {
    switch held {
    case .all(let all): all.count
    case .ofSlice(let members, let ports): members.count * ports.count
    }
  }

  package subscript(position: Int) -> ServiceEndpoint {
    switch held {
    case .all(let all): return all[position]
    case .ofSlice(let members, let ports):
      let (place, port) = position.quotientAndRemainder(dividingBy: ports.count)
      let member = members[place]
      return ServiceEndpoint(
        address: .socket(ip: member.ip, port: Int(ports[port].number)),
        portName: ports[port].name, weight: 1, health: member.health, workload: member.workload)
    }
  }
}
