/// Messages from any thread to the one that watches ``descriptor``. Holds at most `limit`; whoever
/// posts to a full one is told, and nothing is lost without a word.
package final class Inbox<Message: Sendable>: Sendable {
  private struct Queue {
    var messages: [Message] = []
    var isClosed = false
  }

  private let queue = Lock(Queue())
  private let arrival: EventFD
  private let limit: Int

  package init(limit: Int) throws(LinuxError) {
    self.limit = limit
    arrival = try EventFD()
  }

  /// Readable while messages wait.
  package var descriptor: FileDescriptor { arrival.descriptor }

  /// Whether the message was taken; false when `limit` of them already wait. A closed inbox takes it
  /// and lets go of it.
  package func post(_ message: Message) -> Bool {
    let (taken, isFirst) = queue.withLock { queue in
      guard !queue.isClosed else { return (true, false) }
      guard queue.messages.count < limit else { return (false, false) }
      queue.messages.append(message)
      return (true, queue.messages.count == 1)
    }
    if isFirst { arrival.signal() }
    return taken
  }

  /// All that wait, oldest first.
  package func takeAll() -> [Message] {
    // Cleared before taking: a message posted in between signals again, and a wake-up too many
    // finds an empty queue.
    arrival.clear()
    return queue.withLock { queue in
      let messages = queue.messages
      queue.messages = []
      return messages
    }
  }

  /// Says that nobody will take messages any more: what waits is let go of, and whatever comes.
  package func close() {
    // Freed out here: what a message has may be waiting to post one when it goes.
    _ = queue.withLock { queue in
      queue.isClosed = true
      let messages = queue.messages
      queue.messages = []
      return messages
    }
  }
}
