import Foundation

extension ScaleBench {
  /// One VirtualService edited, whole route configurations sent again.
  func edits(_ shape: Shape) throws -> [Measurement] {
    try serving(shape, 1000) { mesh, server, loop in
      let client = try loop.gateway(port: server.port, .stateOfTheWorld)
      client.subscribe(to: .clusters, node: DiscoveryText.node(ingress))
      client.subscribe(to: .listeners)
      client.subscribe(to: .routes, names: shape.editedRoutes)
      try loop.run {
        client.responses(of: .routes) > 0 && client.responses(of: .listeners) > 0
      }
      let resident = Double(server.residentKiB) / 1024
      let costs = try EditCosts.measure(300, server, loop, client, until: .routes) {
        try mesh.editVirtualService()
      }
      return [
        .init("edit to last byte of routes, p50", costs.p50, .below(8)),
        .init("edit to last byte of routes, p99", costs.p99, .below(20)),
        .init("bytes an edit", Double(costs.bytes) / 1000, "kB"),
        .init("processor time an edit, without the kernel's", costs.user, "ms", .below(1.5)),
        .init("processor time an edit", costs.processor, "ms"),
        .init("values recomputed an edit", costs.values, ""),
        .init(
          "resident memory, 1 gateway", resident, "MiB", shape == .shared ? .below(45) : .none),
      ]
    }
  }

  /// The same where each virtual host is a resource of its own.
  func virtualHosts() throws -> [Measurement] {
    let sizes = size.map { [$0] } ?? [100, 1000, 10_000, 50_000]
    var found: [EditCosts] = []
    var measurements: [Measurement] = []
    for size in sizes {
      let costs = try serving(.hosts, size, flags: ["--virtual-hosts"]) { mesh, server, loop in
        let gateways = Gateways(mesh: mesh, server: server, loop: loop)
        let client = try gateways.scout(takesVirtualHosts: true).client
        return try EditCosts.measure(300, server, loop, client, until: .virtualHosts) {
          try mesh.editVirtualService()
        }
      }
      progress("\(size) hosts: p50 \(costs.p50.text), \(costs.values) values")
      found.append(costs)
      measurements += [
        .init("\(size) hosts: edit to last byte, p50", costs.p50, .below(1.5)),
        .init("\(size) hosts: edit to last byte, p99", costs.p99),
        .init("\(size) hosts: bytes an edit", Double(costs.bytes) / 1000, "kB", .below(20)),
        .init("\(size) hosts: processor time without the kernel's", costs.user, "ms", .below(1.5)),
        .init("\(size) hosts: values recomputed an edit", costs.values, ""),
      ]
    }
    guard let largest = found.last, found.count > 1 else { return measurements }
    return measurements + [
      .init("p50 at 50,000 hosts to p50 at 100", largest.p50 / found[0].p50, "×", .below(2)),
      .init(
        "values recomputed at 50,000 hosts less those at 100",
        largest.values - found[0].values, "", .exactly(0)),
    ]
  }

  /// A cluster of 10,000 services: from nothing, what it takes, and one endpoint of it.
  func cluster() throws -> [Measurement] {
    progress("writing 10,000 services, 100,000 pods")
    let mesh = try ScaleMesh(.services, size ?? 10_000)
    let begin = ContinuousClock.now
    let server = try ServerProcess(serving: mesh.folder, binary: binary)
    let listening = ContinuousClock.now - begin
    let loop = try ClientLoop()
    let client = try Gateways(mesh: mesh, server: server, loop: loop).scout().client
    let served = ContinuousClock.now - begin
    let processor = server.processorMilliseconds
    let resident = Double(server.residentKiB) / 1024
    progress("served")
    let assignments = client.holdings[.endpoints].count
    let costs = try EditCosts.measure(300, server, loop, client, until: .endpoints) {
      try mesh.editEndpoint()
    }
    return [
      .init("directory to first snapshot at a gateway", served, .below(3000)),
      .init("directory to listening", listening),
      .init("processor time until then", processor, "ms"),
      .init("resident memory, 1 gateway", resident, "MiB", .below(250)),
      .init("endpoint change to last byte, p50", costs.p50, .below(1)),
      .init("endpoint change to last byte, p99", costs.p99),
      .init(
        "assignments sent a change",
        Double(client.holdings[.endpoints].count - assignments) / Double(EditCosts.count(300)),
        "", .exactly(1)),
      .init("bytes a change", Double(costs.bytes) / 1000, "kB"),
      .init("processor time a change, without the kernel's", costs.user, "ms"),
      .init("values recomputed a change", costs.values, ""),
    ]
  }
}
