internal import GRPC
internal import HTTP2
internal import Linux
internal import Transport

/// The I/O threads: sockets, connections, streams and their catalogs. A connection stays on the thread
/// it was given to, and so does all that belongs to it.
struct ServiceThreads: Sendable {
  let mailboxes: Mailboxes
  let options: ServeOptions
  let log: PushLog
  private let loads: ServerLoads
  private let numbers = StreamNumbers()

  init(_ mailboxes: Mailboxes, _ options: ServeOptions, _ log: PushLog) {
    self.mailboxes = mailboxes
    self.options = options
    self.log = log
    loads = ServerLoads(servers: mailboxes.services.count)
  }

  /// Starts them; the first takes clients in at the socket and hands the others their share.
  /// `onFailure` is told if the loop of one cannot go on.
  func start(
    listeningOn socket: ListeningSocket, onFailure: @escaping @Sendable (LinuxError) -> Void
  ) throws(LinuxError) -> [Thread] {
    var threads: [Thread] = []
    for number in mailboxes.services.indices {
      let thread = try Thread(name: number == 0 ? "discovery" : "discovery-\(number)") {
        do throws(LinuxError) {
          try run(number, listeningOn: number == 0 ? socket : nil)
        } catch {
          onFailure(error)
        }
      }
      threads.append(thread)
    }
    return threads
  }

  private func run(
    _ number: ThreadNumber, listeningOn socket: ListeningSocket?
  ) throws(LinuxError) {
    let loop = try EventLoop()
    let service = DiscoveryService(
      loop: loop, limits: Limits.delivery, numbers: numbers,
      sendsVirtualHosts: options.sendsVirtualHosts, log: log
    ) { event in
      // Full only if the compile thread has been stuck for a hundred thousand clients; then it
      // hears of this one when the client's stream breaks and comes back.
      _ = mailboxes.engine.post(.client(event, on: number))
    }
    let server = Server(
      loop: loop, routes: Routes(service.routes), limits: Limits.server(options), loads: loads,
      place: number)
    service.transport = { [unowned server] in server.counters }
    if let socket {
      try server.listen(on: socket) { client, other in
        mailboxes.services[other].post(.adopt(client))
      }
    }
    defer { mailboxes.services[number].close() }
    let watch = try loop.receive(from: mailboxes.services[number]) { messages in
      for message in messages {
        switch message {
        case .adopt(let client): server.adopt(client)
        case .perform(let instructions): service.perform(instructions)
        case .ask(let question): question(service)
        case .shutDown:
          server.shutDown(grace: Limits.shutdownGrace, limit: Limits.shutdownLimit) { loop.stop() }
        }
      }
    }
    try loop.run()
    watch.cancel()
  }
}

/// Numbers for the streams of all threads, in the order they come.
final class StreamNumbers: Sendable {
  private let last = Lock<StreamNumber>(0)

  func next() -> StreamNumber {
    last.withLock { last in
      last += 1
      return last
    }
  }
}
