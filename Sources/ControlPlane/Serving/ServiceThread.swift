internal import GRPC
internal import HTTP2
internal import Linux
internal import Transport

/// The I/O thread: sockets, connections, streams and their catalogs.
enum ServiceThread {
  /// Starts it on a socket that listens already. `onFailure` is told if its loop cannot go on.
  static func start(
    listeningOn socket: ListeningSocket, _ mailboxes: Mailboxes, sendsVirtualHosts: Bool,
    onFailure: @escaping @Sendable (LinuxError) -> Void
  ) throws(LinuxError) -> Thread {
    try Thread(name: "discovery") {
      do throws(LinuxError) {
        try run(socket, mailboxes, sendsVirtualHosts: sendsVirtualHosts)
      } catch {
        onFailure(error)
      }
    }
  }

  private static func run(
    _ socket: ListeningSocket, _ mailboxes: Mailboxes, sendsVirtualHosts: Bool
  ) throws(LinuxError) {
    let loop = try EventLoop()
    let service = DiscoveryService(
      loop: loop, limits: Limits.delivery, sendsVirtualHosts: sendsVirtualHosts
    ) { event in
      // Full only if the compile thread has been stuck for a hundred thousand clients; then it
      // hears of this one when the client's stream breaks and comes back.
      _ = mailboxes.engine.post(.client(event))
    }
    let server = Server(loop: loop, routes: Routes(service.routes), limits: Limits.server)
    try server.listen(on: socket)
    let watch = try loop.receive(from: mailboxes.service) { messages in
      for message in messages {
        switch message {
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
