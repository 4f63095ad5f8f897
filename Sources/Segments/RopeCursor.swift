/// Walks a rope's bytes once, as many at a time as are asked for: what a response's frames are cut from.
/// Holds the rope alive and its place in it, nothing else, and copies nothing.
package struct RopeCursor: Sendable {
  private struct Level {
    let parts: [Rope]
    var next: Int
  }

  private var levels: [Level]
  private var current: Segment?
  private var offset = 0
  /// Bytes not yet taken.
  package private(set) var remaining: Int

  package init(_ rope: Rope) {
    levels = [Level(parts: rope.parts, next: 0)]
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
    while let last = levels.indices.last {
      // In place: a copy of a level would hold on to its parts once more, for each of them.
      let place = levels[last].next
      guard place < levels[last].parts.count else {
        levels.removeLast()
        continue
      }
      levels[last].next += 1
      let part = levels[last].parts[place]
      guard let segment = part.segment else {
        levels.append(Level(parts: part.parts, next: 0))
        continue
      }
      guard segment.count > 0 else { continue }
      (current, offset) = (segment, 0)
      return segment
    }
    current = nil
    return nil
  }
}
