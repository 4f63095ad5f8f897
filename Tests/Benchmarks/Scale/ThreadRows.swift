import Foundation

extension ScaleBench {
  /// What a second thread for sockets changes: for a crowd that connects, and for an edit to all of it.
  ///
  /// The time on the clock says what this machine makes of it, where the clients need a processor, too.
  /// The threads' own processor time says what one with enough of them would: a crowd takes as long as
  /// the busiest thread, and what the threads take together more than one does alone is what sharing
  /// costs.
  func threads() throws -> [Measurement] {
    let (one, two) = (try sending(threads: 1), try sending(threads: 2))
    func ratio(_ cost: KeyPath<SendingCosts, Double>) -> Double {
      two[keyPath: cost] / one[keyPath: cost]
    }
    return one.measurements("1 thread") + two.measurements("2 threads") + [
      .init("2 threads to 1: a crowd's processor time", ratio(\.crowd.all), "×", .below(1.3)),
      .init("2 threads to 1: the busiest one's", ratio(\.crowd.busiest), "×", .below(0.75)),
      .init("2 threads to 1: an edit's processor time", ratio(\.edit.all), "×", .below(1.3)),
      .init("2 threads to 1: the busiest one's", ratio(\.edit.busiest), "×", .below(0.75)),
    ]
  }

  private func sending(threads: Int) throws -> SendingCosts {
    try serving(.gateways, 1100, flags: ["--io-threads", "\(threads)"]) { mesh, server, loop in
      progress("\(threads) of them")
      let (_, held) = try Gateways(mesh: mesh, server: server, loop: loop).scout()
      let routes = mesh.shape.routes(mesh.count)
      var clients: [ClientStream] = []
      let crowd = try SendingCosts.Threads(server) {
        clients = try (0..<50).map { index in
          let client = try loop.gateway(port: server.port, .stateOfTheWorld)
          client.subscribe(toAllOf: held, routes, id: gatewayID(index))
          return client
        }
        try loop.run { clients.allSatisfy(\.isSynced) }
      }
      let edits = 20
      let edit = try SendingCosts.Threads(server) {
        for _ in 0..<edits {
          let before = clients.map { $0.responses(of: .routes) }
          try mesh.editVirtualService()
          try loop.run { zip(clients, before).allSatisfy { $0.responses(of: .routes) > $1 } }
        }
      }
      return SendingCosts(crowd: crowd, edit: edit.each(of: edits))
    }
  }
}

/// What sending to fifty gateways takes.
private struct SendingCosts {
  /// Milliseconds of the clock, and of processor time of the threads for sockets.
  struct Threads {
    let clock: Double
    let all: Double
    let busiest: Double

    init(_ server: ServerProcess, during body: () throws -> Void) throws {
      let (start, before) = (ContinuousClock.now, server.processorMillisecondsByThread)
      try body()
      clock = (ContinuousClock.now - start).milliseconds
      let used = server.processorMillisecondsByThread.filter { $0.key.hasPrefix("discovery") }
        .map { $0.value - (before[$0.key] ?? 0) }
      all = used.reduce(0, +)
      busiest = used.max() ?? 0
    }

    private init(clock: Double, all: Double, busiest: Double) {
      (self.clock, self.all, self.busiest) = (clock, all, busiest)
    }

    func each(of count: Int) -> Threads {
      let count = Double(count)
      return Threads(clock: clock / count, all: all / count, busiest: busiest / count)
    }
  }

  let crowd: Threads
  /// Of one edit, to all.
  let edit: Threads

  func measurements(_ threads: String) -> [Measurement] {
    [
      .init("\(threads): 50 gateways at once, all synced", crowd.clock, "ms"),
      .init("\(threads): processor time to send it", crowd.all, "ms"),
      .init("\(threads): of it the busiest one's", crowd.busiest, "ms"),
      .init("\(threads): an edit to the last of 50", edit.clock, "ms"),
      .init("\(threads): processor time to send it", edit.all, "ms"),
      .init("\(threads): of it the busiest one's", edit.busiest, "ms"),
    ]
  }
}
