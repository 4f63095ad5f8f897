internal import Segments

/// What a stream still has to send: ropes in order, then perhaps the end.
struct ResponseBody {
  private var queue: [RopeCursor] = []
  /// The cursors before it are spent.
  private var head = 0
  private(set) var queuedBytes = 0
  private(set) var isEnded: Bool
  private var trailers: [HeaderField] = []
  /// nghttp2 has asked, found nothing, and waits to be told of more.
  private var isDeferred = false

  init(isEnded: Bool = false) { self.isEnded = isEnded }

  /// Whether the rope was taken; after the end none is.
  mutating func append(_ rope: Rope) -> Bool {
    guard !isEnded else { return false }
    if rope.count > 0 { queue.append(RopeCursor(rope)) }
    queuedBytes += rope.count
    return true
  }

  mutating func end(trailers: [HeaderField]) -> Bool {
    guard !isEnded else { return false }
    isEnded = true
    self.trailers = trailers
    return true
  }

  mutating func takeIsDeferred() -> Bool {
    defer { isDeferred = false }
    return isDeferred
  }

  enum Read {
    case bytes(Int)
    /// The last bytes, perhaps none, and what follows them.
    case last(Int, trailers: [HeaderField])
    case nothingYet
  }

  /// What a frame of `limit` bytes at most is made of; ``take(_:into:)`` then takes it.
  mutating func next(upTo limit: Int) -> Read {
    let count = min(limit, queuedBytes)
    if count == queuedBytes, isEnded { return .last(count, trailers: trailers) }
    guard count > 0 else {
      isDeferred = true
      return .nothingYet
    }
    return .bytes(count)
  }

  /// Takes the next bytes off.
  mutating func take(_ count: Int, into output: inout Outgoing) {
    var rest = count
    while rest > 0 {
      rest -= queue[head].take(upTo: rest) { output.append($0, $1) }
      if queue[head].remaining == 0 { head += 1 }
    }
    if head == queue.count { (queue, head) = ([], 0) }
    queuedBytes -= count
  }
}
