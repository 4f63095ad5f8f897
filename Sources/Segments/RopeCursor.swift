/// Walks a rope's bytes once, copying as much as fits each time: what a socket's read callback pulls
/// from. Holds the rope alive and its place in it, nothing else.
package struct RopeCursor: Sendable {
  private struct Level {
    let parts: [Rope]
    var next: Int
  }

  private var levels: [Level]
  private var current: Segment?
  private var offset = 0
  /// Bytes not yet copied.
  package private(set) var remaining: Int

  package init(_ rope: Rope) {
    levels = [Level(parts: rope.parts, next: 0)]
    remaining = rope.count
  }

  /// Copies up to `buffer.count` bytes and answers how many; 0 only at the end or for an empty buffer.
  package mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while written < buffer.count, let segment = segmentWithBytes() {
      let length = min(segment.count - offset, buffer.count - written)
      unsafe segment.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[written..<(written + length)])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<(offset + length)]))
      }
      written += length
      offset += length
      remaining -= length
    }
    return written
  }

  private mutating func segmentWithBytes() -> Segment? {
    if let current, offset < current.count { return current }
    while let level = levels.last {
      guard level.next < level.parts.count else {
        levels.removeLast()
        continue
      }
      levels[levels.count - 1].next += 1
      let part = level.parts[level.next]
      guard let segment = part.segment else {
        levels.append(Level(parts: part.parts, next: 0))
        continue
      }
      guard segment.count > 0 else { continue }
      (current, offset) = (segment, 0)
      return segment
    }
    return nil
  }
}
