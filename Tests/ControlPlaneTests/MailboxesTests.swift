import Linux
import Testing

@testable import ControlPlane

/// What pages ask the threads that own what they show.
@Suite struct MailboxesTests {
  /// A thread that takes what it is asked on its first turn and ends.
  private func thread(of inbox: Inbox<ServiceMessage>, taking: Bool) throws -> Linux.Thread {
    try Linux.Thread(name: "asked") {
      while taking, inbox.takeAll().isEmpty { Linux.pause(.milliseconds(1)) }
      inbox.close()
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func aThreadThatEndsIsNotWaitedFor(taking: Bool) throws {
    let mailboxes = try Mailboxes(ioThreads: 2)
    // Let go of untaken, or taken and let go of.
    let threads = try mailboxes.services.map { try thread(of: $0, taking: taking) }
    let begin = ContinuousClock.now
    #expect(try mailboxes.ask(services: { _ in 1 }) == nil)
    #expect(begin.duration(to: .now) < Limits.pageTimeout)
    for thread in threads { thread.join() }
    // Nor is one that has ended.
    mailboxes.engine.close()
    #expect(try mailboxes.ask(engine: { _ in 1 }) == nil)
    #expect(begin.duration(to: .now) < Limits.pageTimeout)
  }
}
