internal import Resources

/// A service's endpoints in their order.
///
/// Those of one EndpointSlice, as most services have, are not held again: they are the slice's addresses,
/// each with what runs there, on each of its ports.
package struct ServiceEndpoints: RandomAccessCollection, Hashable, Sendable {
  private let held: Held

  private enum Held: Sendable {
    case all([ServiceEndpoint])
    /// Every one has one address, and something behind it.
    case ofSlice(Object<EndpointSlice>, [Workload?])
    /// The same of a service that keeps draining endpoints.
    case ofDrainingSlice(Object<EndpointSlice>, [Workload?])
  }

  package init(_ all: [ServiceEndpoint]) { held = .all(all) }

  /// Each address of a slice on each of its ports; `workloads` are those of each address in turn.
  init(of slice: Object<EndpointSlice>, _ workloads: [Workload?], keepsDraining: Bool) {
    let endpoints = slice.spec.endpoints
    let isPlain =
      workloads.count == endpoints.count
      && endpoints.indices.allSatisfy {
        workloads[$0] != nil && endpoints[$0].hasOneAddress
      }
    if isPlain {
      held = keepsDraining ? .ofDrainingSlice(slice, workloads) : .ofSlice(slice, workloads)
    } else {
      held = .all(ServiceEndpoints.all(of: slice.spec, workloads, keepsDraining))
    }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int {
    switch held {
    case .all(let all): all.count
    case .ofSlice(let slice, let workloads), .ofDrainingSlice(let slice, let workloads):
      workloads.count * slice.spec.ports.count
    }
  }

  /// One after the other, with no look at what holds them for where the end is.
  package struct Iterator: IteratorProtocol {
    private let endpoints: ServiceEndpoints
    private let end: Int
    private var upcoming = 0

    fileprivate init(_ endpoints: ServiceEndpoints) {
      self.endpoints = endpoints
      end = endpoints.endIndex
    }

    package mutating func next() -> ServiceEndpoint? {
      guard upcoming < end else { return nil }
      defer { upcoming += 1 }
      return endpoints[upcoming]
    }
  }

  package func makeIterator() -> Iterator { Iterator(self) }

  package subscript(position: Int) -> ServiceEndpoint {
    switch held {
    case .all(let all): all[position]
    case .ofSlice(let slice, let workloads):
      ServiceEndpoints.endpoint(position, of: slice.spec, workloads, keepsDraining: false)
    case .ofDrainingSlice(let slice, let workloads):
      ServiceEndpoints.endpoint(position, of: slice.spec, workloads, keepsDraining: true)
    }
  }

  /// Calls `body` with each in turn: without the counting of references that places in a list come with.
  package func visit(_ body: (ServiceEndpoint) -> Void) {
    switch held {
    case .all(let all): for endpoint in all { body(endpoint) }
    case .ofSlice(let slice, let workloads):
      ServiceEndpoints.visit(slice.spec, workloads, keepsDraining: false, body)
    case .ofDrainingSlice(let slice, let workloads):
      ServiceEndpoints.visit(slice.spec, workloads, keepsDraining: true, body)
    }
  }

  private static func visit(
    _ slice: EndpointSlice, _ workloads: [Workload?], keepsDraining: Bool,
    _ body: (ServiceEndpoint) -> Void
  ) {
    for position in 0..<workloads.count * slice.ports.count {
      body(endpoint(position, of: slice, workloads, keepsDraining: keepsDraining))
    }
  }

  private static func endpoint(
    _ position: Int, of slice: EndpointSlice, _ workloads: [Workload?],
    keepsDraining: Bool
  ) -> ServiceEndpoint {
    let (place, port) = position.quotientAndRemainder(dividingBy: slice.ports.count)
    guard let workload = workloads[place], let address = slice.endpoints[place].address else {
      preconditionFailure("a slice that is held has an address and a workload in each place")
    }
    return ServiceEndpoint(
      address: .socket(ip: address, port: slice.ports[port].number),
      portName: slice.ports[port].name ?? "", weight: 1,
      health: slice.health(place, keepsDraining: keepsDraining), workload: workload)
  }

  private static func all(
    of slice: EndpointSlice, _ workloads: [Workload?], _ keepsDraining: Bool
  ) -> [ServiceEndpoint] {
    var all: [ServiceEndpoint] = []
    var next = 0
    for index in slice.endpoints.indices {
      let health = slice.health(index, keepsDraining: keepsDraining)
      for address in slice.endpoints[index].addresses {
        let workload = workloads[next]
        next += 1
        guard let workload else { continue }
        all += slice.ports.map { port in
          ServiceEndpoint(
            address: .socket(ip: address, port: port.number), portName: port.name ?? "",
            weight: 1, health: health, workload: workload)
        }
      }
    }
    return all
  }
}

extension ServiceEndpoints {
  package static func == (a: Self, b: Self) -> Bool {
    switch (a.held, b.held) {
    case (.all(let a), .all(let b)): return a == b
    case (.ofSlice(let a, let mine), .ofSlice(let b, let others)):
      return areEqual(a.spec, mine, b.spec, others, keepDraining: false)
    case (.ofDrainingSlice(let a, let mine), .ofDrainingSlice(let b, let others)):
      return areEqual(a.spec, mine, b.spec, others, keepDraining: true)
    case (.all, _), (.ofSlice, _), (.ofDrainingSlice, _):
      return a.count == b.count && zip(a, b).allSatisfy { $0 == $1 }
    }
  }

  /// Two slices of as many addresses, as far as endpoints tell. What changes most is looked at first.
  private static func areEqual(
    _ a: EndpointSlice, _ mine: [Workload?], _ b: EndpointSlice,
    _ others: [Workload?], keepDraining: Bool
  ) -> Bool {
    guard mine.count == others.count, a.ports.count == b.ports.count else { return false }
    for place in mine.indices {
      guard
        a.health(place, keepsDraining: keepDraining)
          == b.health(place, keepsDraining: keepDraining),
        mine[place] == others[place], a.endpoints[place].address == b.endpoints[place].address
      else { return false }
    }
    for port in a.ports.indices {
      guard a.ports[port].number == b.ports[port].number, a.ports[port].name == b.ports[port].name
      else { return false }
    }
    return true
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for endpoint in self { hasher.combine(endpoint) }
  }
}

extension EndpointSlice {
  /// `serving` and `terminating` count as true where they are not given.
  fileprivate func health(_ place: Int, keepsDraining: Bool) -> ServiceEndpoint.Health {
    // By index: of an endpoint that is copied all parts are counted.
    if endpoints[place].isReady ?? true { return .healthy }
    guard endpoints[place].isTerminating ?? true else { return .unhealthy }
    return keepsDraining && endpoints[place].isServing ?? true ? .draining : .terminating
  }
}

extension EndpointSlice.Endpoint {
  var addresses: [String] { (address.map { [$0] } ?? []) + otherAddresses }
}

extension EndpointSlice.Port {
  fileprivate var number: Int { Int(Int32(clamping: port ?? 0)) }
}
