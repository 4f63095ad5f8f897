/// Walks a rope's bytes once, as many at a time as are asked for: what a response's frames are cut from.
/// Holds the rope alive and its place in it, nothing else, and copies nothing but what is kept by way of
/// another message.
package struct RopeCursor: Sendable {
  /// What is still to come of a rope that was begun.
  private enum Level {
    case parts([Rope], next: Int)
    case last(Rope)
  }

  private var levels: [Level]
  private var current: Segment?
  private var offset = 0
  /// Bytes not yet taken.
  package private(set) var remaining: Int

  package init(_ rope: Rope) {
    levels = [.last(rope)]
    remaining = rope.count
  }

  /// Takes the next bytes, up to `limit`, and answers how many; `body` is told where they are, stretch by
  /// stretch. 0 only at the end or for a limit of 0.
  package mutating func take(upTo limit: Int, _ body: (Segment, Range<Int>) -> Void) -> Int {
    var taken = 0
    while taken < limit, let segment = segmentWithBytes() {
      let length = min(segment.count - offset, limit - taken)
      body(segment, offset..<(offset + length))
      taken += length
      offset += length
      remaining -= length
    }
    return taken
  }

  private mutating func segmentWithBytes() -> Segment? {
    if let current, offset < current.count { return current }
    while let part = nextPart() {
      switch part.content {
      case .empty: continue
      case .segment(let segment):
        guard segment.count > 0 else { continue }
        (current, offset) = (segment, 0)
        return segment
      case .patterned(let patterned):
        let segment = patterned.whole
        (current, offset) = (segment, 0)
        return segment
      case .pair(let pair):
        levels.append(.last(pair.second))
        levels.append(.last(pair.first))
      case .joined(let joined): levels.append(.parts(joined.parts, next: 0))
      }
    }
    current = nil
    return nil
  }

  private mutating func nextPart() -> Rope? {
    while let level = levels.popLast() {
      switch level {
      case .last(let rope): return rope
      case .parts(let parts, let next):
        guard next < parts.count else { continue }
        levels.append(.parts(parts, next: next + 1))
        return parts[next]
      }
    }
    return nil
  }
}
