/// Messages from any thread to the one that watches ``descriptor``. Holds at most `limit`; whoever
/// posts to a full one is told, and nothing is lost without a word.
package final class Inbox<Message: Sendable>: Sendable {
  private let queue = Lock<[Message]>([])
  private let arrival: EventFD
  private let limit: Int

  package init(limit: Int) throws(LinuxError) {
    self.limit = limit
    arrival = try EventFD()
  }

  /// Readable while messages wait.
  package var descriptor: FileDescriptor { arrival.descriptor }

  /// Whether the message was taken; false when `limit` of them already wait.
  package func post(_ message: Message) -> Bool {
    let (taken, isFirst) = queue.withLock { queue in
      guard queue.count < limit else { return (false, false) }
      queue.append(message)
      return (true, queue.count == 1)
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
      let messages = queue
      queue = []
      return messages
    }
  }
}
