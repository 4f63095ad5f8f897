package import GRPC
package import Linux

/// What a server has done, for metrics.
package struct ServerCounters: Hashable, Sendable {
  package var accepted = 0
  /// Closed at once, because there were too many.
  package var refused = 0
  package var bytesReceived = 0
  package var bytesSent = 0
  /// Asked to go because they were old.
  package var retired = 0
  /// Asked to go because there were more than the server's share.
  package var shed = 0

  package init() {}
}

/// Listens, and serves gRPC to whoever connects. Used on its loop's thread alone. Of several servers,
/// each with a thread and loop of its own, one listens and hands the others their share of clients.
package final class Server {
  private let loop: EventLoop
  private let routes: Routes
  private let limits: ServerLimits
  private let loads: ServerLoads
  /// Which of the servers of `loads` this is.
  private let place: Int
  private let budget: ReceiveBudget
  private var listeners: [(socket: ListeningSocket, watch: EventLoop.Watch)] = []
  private var connections: [ObjectIdentifier: Connection] = [:]
  private let shared: Connection.Shared
  /// Called once, when the last connection of a server that is shut down has gone.
  private var onShutDown: (() -> Void)?
  private var isShutDown = false
  /// Nil where the server carries whatever comes.
  private let shedding: Shedding?
  private var sheds = false

  package init(
    loop: EventLoop, routes: Routes, limits: ServerLimits,
    loads: ServerLoads = ServerLoads(servers: 1), place: Int = 0
  ) {
    self.loop = loop
    self.routes = routes
    self.limits = limits
    self.loads = loads
    self.place = place
    shedding = limits.share.map {
      Shedding(share: $0, minimumAge: limits.shedAge, pause: limits.shedPause)
    }
    budget = ReceiveBudget(limit: limits.maxUnfinishedBytes)
    shared = Connection.Shared(limits: limits)
    shared.didClose = { [weak self] in self?.forget($0) }
  }

  /// Serves the clients of a socket, too. `handOn` gives a client to the server of another place, to
  /// ``adopt(_:)`` it, and answers whether it could.
  package func listen(
    on socket: ListeningSocket, handOn: @escaping (Socket, Int) -> Bool = { _, _ in false }
  ) throws(LinuxError) {
    let watch = try loop.watch(socket.descriptor, .readable) { [weak self] _ in
      self?.accept(from: socket, handOn)
    }
    listeners.append((socket, watch))
  }

  /// Serves a client that another server took in and counted for this one.
  package func adopt(_ socket: Socket) {
    do throws(LinuxError) {
      try serve(socket)
    } catch {
      // No room to watch it: the socket closes as it is let go.
      refuse(for: place)
    }
  }

  package var counters: ServerCounters { shared.counters }
  package var connectionCount: Int { connections.count }

  /// What the slowest client is behind, in bytes held for it.
  package var longestQueueBytes: Int { connections.values.map(\.queuedBytes).max() ?? 0 }

  /// Stops listening and ends every connection: calls end with UNAVAILABLE after `grace`, what is left
  /// after `limit` is cut off. Then `then` is called.
  package func shutDown(grace: Duration, limit: Duration, then: @escaping () -> Void) {
    isShutDown = true
    for listener in listeners { listener.watch.cancel() }
    listeners = []
    onShutDown = then
    for connection in connections.values { connection.shutDown(grace: grace) }
    _ = loop.at(loop.now + limit) { [weak self] in
      guard let self else { return }
      for connection in connections.values { connection.close() }
    }
    loop.soon { [weak self] in self?.finishShutDown() }
  }

  private func finishShutDown() {
    guard connections.isEmpty, let then = onShutDown else { return }
    onShutDown = nil
    then()
  }

  private func forget(_ connection: Connection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    loads.giveBack(by: place)
    finishShutDown()
  }

  private func accept(from listener: ListeningSocket, _ handOn: (Socket, Int) -> Bool) {
    do throws(LinuxError) {
      // A crowd at the door must not keep those who are in from being served.
      for _ in 0..<limits.acceptsPerTurn {
        guard let socket = try listener.accept() else { return }
        guard let server = loads.take(limit: limits.maxConnections) else {
          shared.counters.refused += 1
          continue
        }
        if server == place {
          adopt(socket)
        } else if !handOn(socket, server) {
          refuse(for: server)
        }
      }
    } catch {
      rest(listener)
    }
  }

  private func refuse(for server: Int) {
    shared.counters.refused += 1
    loads.giveBack(by: server)
  }

  private func serve(_ socket: Socket) throws(LinuxError) {
    guard !isShutDown else { return refuse(for: place) }
    let peer = Peer(address: "\(socket.peer)", isLocal: socket.peer.isLocal)
    let grpc = ServerConnection(
      routes: routes, peer: peer, http2: limits.http2, limits: limits.grpc, budget: budget,
      now: loop.now, retiresAt: retirement(of: loop.now))
    let connection = try Connection(socket, grpc, loop: loop, shared: shared)
    connections[ObjectIdentifier(connection)] = connection
    shared.counters.accepted += 1
    if let shedding, connections.count > shedding.share, !sheds {
      shed(at: loop.now + shedding.pause)
    }
  }

  private func shed(at instant: ContinuousClock.Instant) {
    sheds = true
    _ = loop.at(instant) { [weak self] in self?.shed() }
  }

  private func shed() {
    sheds = false
    guard let shedding, !isShutDown else { return }
    let staying = connections.values.filter { !$0.isLeaving }.sorted { $0.begun < $1.begun }
    let round = shedding.round(staying.map(\.begun), at: loop.now)
    for connection in staying.prefix(round.asked) { connection.retire() }
    shared.counters.shed += round.asked
    if let next = round.next { shed(at: next) }
  }

  /// Spread out, so that clients that came together do not come again together.
  private func retirement(of now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    limits.connectionAge.map { now + $0 * Double.random(in: 0.9...1.1) }
  }

  /// Out of descriptors: the clients that wait would wake the loop for nothing until some are free.
  private func rest(_ listener: ListeningSocket) {
    guard let watch = listeners.first(where: { $0.socket === listener })?.watch else { return }
    setInterest([], of: watch)
    _ = loop.at(loop.now + .milliseconds(100)) { [weak self] in
      self?.setInterest(.readable, of: watch)
    }
  }

  private func setInterest(_ interest: Epoll.Interest, of watch: EventLoop.Watch) {
    do throws(LinuxError) {
      try watch.change(to: interest)
    } catch {
      preconditionFailure("epoll knows the socket that it watches: \(error)")
    }
  }
}
