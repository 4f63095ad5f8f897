import Foundation

extension ScaleBench {
  /// Fifty gateways connect at once, of a mesh that is served already; then an edit to all of them.
  func crowd() throws -> [Measurement] {
    try serving(.gateways, 1100) { mesh, server, loop in
      let (first, held) = try Gateways(mesh: mesh, server: server, loop: loop).scout()
      let routes = mesh.shape.routes(mesh.count)
      server.forgetPeak()
      let (resident, processor) = (server.residentKiB, server.processorMilliseconds)
      let start = ContinuousClock.now
      let crowd = try (0..<50).map { index in
        let client = try loop.gateway(port: server.port, .stateOfTheWorld)
        client.subscribe(toAllOf: held, routes, id: gatewayID(index))
        return client
      }
      try loop.run { crowd.allSatisfy(\.isSynced) }
      let synced = ContinuousClock.now - start
      let used = server.processorMilliseconds - processor
      let (after, peak) = (server.residentKiB, server.peakKiB)
      let edits = try (0..<10).map { _ in
        let before = (crowd + [first]).map { $0.responses(of: .routes) }
        let start = ContinuousClock.now
        try mesh.editVirtualService()
        try loop.run {
          zip(crowd + [first], before).allSatisfy { $0.responses(of: .routes) > $1 }
        }
        return ContinuousClock.now - start
      }.sorted()
      return [
        .init("bytes a gateway", Double(crowd[0].totalBytes) / 1e6, "MB"),
        .init("50 gateways at once, all synced", synced, .below(1000)),
        .init("processor time for them", used, "ms", .below(600)),
        .init(
          "memory they add, at the most", Double(peak - resident) / 1024, "MiB", .below(16)),
        .init("memory they add, afterwards", Double(after - resident) / 1024, "MiB"),
        .init("an edit to the last of 51, median of 10", edits[5], .below(600)),
      ]
    }
  }

  /// 10,000 streams that have nothing to say, of gateways that hold everything.
  func streams() throws -> [Measurement] {
    try serving(.gateways, 100) { mesh, server, loop in
      let held = try Gateways(mesh: mesh, server: server, loop: loop).scout().has
      let before = server.residentKiB
      let start = ContinuousClock.now
      let streams = try open(connections: 200, streams: 50, held, mesh, server, loop)
      let synced = ContinuousClock.now - start
      let each = Double(server.residentKiB - before) / Double(streams.count)
      var edits: [Duration] = []
      for _ in 0..<3 {
        let had = streams.map { $0.responses(of: .routes) }
        let start = ContinuousClock.now
        try mesh.editVirtualService()
        var next = 0
        try loop.run {
          while next < streams.count, streams[next].responses(of: .routes) > had[next] { next += 1 }
          return next == streams.count
        }
        edits.append(ContinuousClock.now - start)
      }
      return [
        .init("10,000 streams on 200 connections, all synced", synced),
        .init("memory a stream", each, "KiB", .below(64)),
        .init("an edit to the last of 10,000, median of 3", edits.sorted()[1], .below(3000)),
        .init("classes of proxies", Double(server.counter("fairlead_proxy_classes")), ""),
      ]
    }
  }

  /// 5,000 clients come back with all they had; half of them on, a gateway comes that has nothing.
  func reconnect() throws -> [Measurement] {
    try serving(.gateways, 100) { mesh, server, loop in
      let held = try Gateways(mesh: mesh, server: server, loop: loop).scout().has
      let routes = mesh.shape.routes(mesh.count)
      let requests = returning(held, mesh)
      let processor = server.processorMilliseconds
      let start = ContinuousClock.now
      var cold: (client: ClientStream, start: ContinuousClock.Instant, took: Duration?)?
      let clients = try (0..<5000).map { index in
        if index == 2500 {
          let client = try loop.gateway(port: server.port, .delta)
          client.subscribe(toAllOf: held, routes, id: "\(gatewayID(5000))")
          cold = (client, ContinuousClock.now, nil)
        }
        let client = try loop.gateway(port: server.port, .delta)
        client.subscribe(
          to: .clusters, node: DiscoveryText.node(gatewayID(index)), known: held[.clusters])
        for (type, request) in requests { client.subscribe(to: type, request) }
        if index % 50 == 0 { try loop.turn() }
        noteCold(&cold)
        return client
      }
      try loop.run {
        noteCold(&cold)
        return clients.allSatisfy(\.isBack) && cold?.took != nil
      }
      let synced = ContinuousClock.now - start
      return [
        .init("5,000 clients back, all synced", synced, .below(5000)),
        .init(
          "bytes of resources sent to them",
          Double(clients.reduce(0) { $0 + $1.resourceBytes }), "B", .exactly(0)),
        .init(
          "a cold gateway amid them, served after", cold?.took ?? .zero, .below(1000)),
        .init("resources each of them holds", Double(held.count), ""),
        .init(
          "processor time a client", (server.processorMilliseconds - processor) / 5000, "ms"),
        .init("resident memory with all", Double(server.residentKiB) / 1024, "MiB"),
      ]
    }
  }

  private func noteCold(
    _ cold: inout (client: ClientStream, start: ContinuousClock.Instant, took: Duration?)?
  ) {
    guard let waiting = cold, waiting.took == nil, waiting.client.isSynced else { return }
    cold?.took = ContinuousClock.now - waiting.start
  }

  /// 100 changes a second, for a minute, of one mesh of 5,000 routes.
  func sustained() throws -> [Measurement] {
    try serving(.gateways, 5000, flags: ["--virtual-hosts"]) { mesh, server, loop in
      let client = try Gateways(mesh: mesh, server: server, loop: loop)
        .scout(takesVirtualHosts: true).client
      let resident = Double(server.residentKiB) / 1024
      var early = 0
      let (processor, bytes) = (server.processorMilliseconds, client.totalBytes)
      let start = ContinuousClock.now
      for change in 0..<6000 {
        if change == 1000 { early = server.residentKiB }
        if change % 1500 == 1499 { progress("\(change + 1) changes") }
        try mesh.editVirtualService(change % ScaleMesh.edited)
        let next = start + .milliseconds(10 * (change + 1))
        try loop.run { ContinuousClock.now >= next }
      }
      let seconds = (ContinuousClock.now - start).milliseconds / 1000
      let used = (server.processorMilliseconds - processor) / seconds / 10
      return [
        .init("resident memory, 1 gateway", resident, "MiB", .below(110)),
        .init("100 changes a second, virtual hosts: processor", used, "%", .below(10)),
        .init(
          "growth of memory from the 1,000th change to the 6,000th",
          Double(server.residentKiB - early) / Double(early) * 100, "%", .below(3)),
        .init("bytes a change", Double(client.totalBytes - bytes) / 6000 / 1000, "kB"),
        .init("changes a second", 6000 / seconds, ""),
      ]
    }
  }

  /// 1,000 streams and nothing to do.
  func idle() throws -> [Measurement] {
    try serving(.gateways, 100) { mesh, server, loop in
      let held = try Gateways(mesh: mesh, server: server, loop: loop).scout().has
      _ = try open(connections: 20, streams: 50, held, mesh, server, loop)
      // What opening them left to do, and the first analysis of the mesh, is not idleness.
      try server.rest(loop)
      let processor = server.processorMilliseconds
      let start = ContinuousClock.now
      // Longer than the silence after which connections are pinged.
      try loop.run { ContinuousClock.now - start > .seconds(40) }
      let used = (server.processorMilliseconds - processor) / 40_000 * 100
      return [.init("processor, idle with 1,000 streams", used, "%", .below(0.2))]
    }
  }

  private func open(
    connections: Int, streams: Int, _ held: Holdings, _ mesh: ScaleMesh, _ server: ServerProcess,
    _ loop: ClientLoop
  ) throws -> [ClientStream] {
    let requests = returning(held, mesh)
    var all: [ClientStream] = []
    for number in 0..<connections {
      let connection = try loop.connect(port: server.port)
      for index in 0..<streams {
        let stream = connection.open(.delta)
        stream.subscribe(
          to: .clusters, node: DiscoveryText.node(gatewayID(number * streams + index)),
          known: held[.clusters])
        for (type, request) in requests { stream.subscribe(to: type, request) }
        all.append(stream)
      }
      // One connection after the other: what streams cost is asked here, not what a crowd does.
      let recent = all.suffix(streams)
      try loop.run { recent.allSatisfy(\.isBack) }
    }
    return all
  }

  /// First requests of a gateway that has kept everything, but for that of clusters, which brings who
  /// it is.
  private func returning(
    _ held: Holdings, _ mesh: ScaleMesh
  ) -> [(type: SubscribedType, request: [UInt8])] {
    Gateways.all.dropFirst().map { type in
      let names: [String] =
        switch type {
        case .endpoints: Gateways.assignments(held)
        case .routes: mesh.shape.routes(mesh.count)
        case .clusters, .listeners, .virtualHosts: []
        }
      return (type, DiscoveryText.subscription(.delta, type, names: names, known: held[type]))
    }
  }

  func gatewayID(_ index: Int) -> String {
    "router~10.\(1 + index / 62_500).\(index / 250 % 250).\(index % 250 + 1)"
      + "~gateway-\(index).istio-system~istio-system.svc.cluster.local"
  }
}
