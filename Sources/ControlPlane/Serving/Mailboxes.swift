internal import Linux

/// An I/O thread, by its place among them.
package typealias ThreadNumber = Int

/// What the compile thread is asked to do.
enum EngineMessage: Sendable {
  case client(DiscoveryService.Event, on: ThreadNumber)
  /// What the Kubernetes API says.
  case cluster(ReadBatch)
  /// What that of another cluster says.
  case remoteCluster(RemoteClusters.Number, ReadBatch)
  /// For debug pages: run on the compile thread.
  case ask(@Sendable (Engine) -> Void)
}

/// What an I/O thread is asked to do.
enum ServiceMessage: Sendable {
  /// Serve a client that another I/O thread took in.
  case adopt(Socket)
  case perform([Instruction])
  /// For debug pages: run on the I/O thread.
  case ask(@Sendable (DiscoveryService) -> Void)
  case shutDown
}

/// The threads' inboxes: all that passes between them, in values.
final class Mailboxes: Sendable {
  let engine: Inbox<EngineMessage>
  /// By the number of the I/O thread.
  let services: [Inbox<ServiceMessage>]

  init(ioThreads: Int) throws(LinuxError) {
    engine = try Inbox(limit: Limits.waitingMessages)
    var services: [Inbox<ServiceMessage>] = []
    for _ in 0..<ioThreads { services.append(try Inbox(limit: Limits.waitingMessages)) }
    self.services = services
  }

  /// Runs `question` on the compile thread; nil if no answer comes in time, or the thread has ended.
  func ask<Value: Sendable>(
    engine question: @escaping @Sendable (Engine) -> Value
  ) throws(LinuxError) -> Value? {
    let answer = try Answer<Value>(of: 1)
    guard engine.post(.ask(answer.giving(question, at: 0))) else { return nil }
    return try answer.wait(atMost: Limits.pageTimeout)?.first
  }

  /// Runs `question` on each I/O thread; nil if one of them does not answer in time, or has ended.
  func ask<Value: Sendable>(
    services question: @escaping @Sendable (DiscoveryService) -> Value
  ) throws(LinuxError) -> [Value]? {
    let answer = try Answer<Value>(of: services.count)
    for (number, service) in services.enumerated() {
      guard service.post(.ask(answer.giving(question, at: number))) else { return nil }
    }
    return try answer.wait(atMost: Limits.pageTimeout)
  }
}
