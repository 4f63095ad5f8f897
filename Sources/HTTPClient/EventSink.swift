/// What has happened to requests since it was last asked, in order.
final class EventSink {
  var events: [HTTPClient.Event] = []

  /// Chunks of one answer in a row become one event.
  @unsafe func add(_ id: HTTPClient.RequestID, _ bytes: UnsafeRawBufferPointer) {
    if case .body(id, var earlier)? = events.last {
      events.removeLast()
      unsafe earlier.append(contentsOf: bytes)
      events.append(.body(id, earlier))
    } else {
      events.append(.body(id, unsafe Array(bytes)))
    }
  }

  func takeAll() -> [HTTPClient.Event] {
    defer { events = [] }
    return events
  }
}
