internal import Ingest
internal import Linux

/// What the compile thread is asked to do.
enum EngineMessage: Sendable {
  case client(DiscoveryService.Event)
  /// What the Kubernetes API says.
  case cluster(Batch)
  /// For debug pages: run on the compile thread.
  case ask(@Sendable (Engine) -> Void)
}

/// What the I/O thread is asked to do.
enum ServiceMessage: Sendable {
  case perform([Instruction])
  /// For debug pages: run on the I/O thread.
  case ask(@Sendable (DiscoveryService) -> Void)
  case shutDown
}

/// The two threads' inboxes: all that passes between them, in values.
final class Mailboxes: Sendable {
  let engine: Inbox<EngineMessage>
  let service: Inbox<ServiceMessage>

  init() throws(LinuxError) {
    engine = try Inbox(limit: Limits.waitingMessages)
    service = try Inbox(limit: Limits.waitingMessages)
  }

  /// Runs `question` on the compile thread; nil if no answer comes in time.
  func askEngine<Value: Sendable>(
    _ question: @escaping @Sendable (Engine) -> Value
  ) throws(LinuxError) -> Value? {
    let answer = try Answer<Value>()
    guard engine.post(.ask { answer.give(question($0)) }) else { return nil }
    return try answer.wait(atMost: Limits.pageTimeout)
  }

  /// Runs `question` on the I/O thread; nil if no answer comes in time.
  func askService<Value: Sendable>(
    _ question: @escaping @Sendable (DiscoveryService) -> Value
  ) throws(LinuxError) -> Value? {
    let answer = try Answer<Value>()
    guard service.post(.ask { answer.give(question($0)) }) else { return nil }
    return try answer.wait(atMost: Limits.pageTimeout)
  }
}
