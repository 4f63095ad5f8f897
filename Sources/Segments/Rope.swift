/// Bytes as a sequence of shared parts: a route configuration is its own few bytes and the parts of
/// its virtual hosts, in order. Length and hash are known without looking at the bytes again.
///
/// Equality is by hash, so two ropes of the same bytes cut in different places are unequal; what
/// makes them cuts alike for alike input.
package struct Rope: Sendable, Hashable {
  package enum Part: Sendable {
    case segment(Segment)
    /// A rope within a rope, so that a thousand virtual hosts of a thousand routes each need no
    /// array of a million.
    case nested(Nested)

    /// A rope as one part of others, made once where several take it.
    package init(_ rope: Rope) {
      self = rope.parts.count == 1 ? rope.parts[0] : .nested(Nested(rope))
    }

    var count: Int {
      switch self {
      case .segment(let segment): segment.count
      case .nested(let nested): nested.rope.count
      }
    }
    var hash: ContentHash {
      switch self {
      case .segment(let segment): segment.hash
      case .nested(let nested): nested.rope.hash
      }
    }
  }

  package final class Nested: Sendable {
    package let rope: Rope
    init(_ rope: Rope) { self.rope = rope }
  }

  package let parts: [Part]
  package let count: Int
  package let hash: ContentHash

  package init(parts: [Part]) {
    self.parts = parts
    self.count = parts.reduce(0) { $0 + $1.count }
    self.hash = parts.count == 1 ? parts[0].hash : ContentHash(combining: parts.lazy.map(\.hash))
  }

  package init(_ segments: [Segment]) { self.init(parts: segments.map(Part.segment)) }
  package init(_ bytes: [UInt8]) { self.init([Segment(bytes)]) }
  /// The ropes one after another, none copied.
  package init(joining ropes: [Rope]) {
    self.init(parts: ropes.map(Part.init))
  }

  package static let empty = Rope(parts: [])

  package static func == (a: Rope, b: Rope) -> Bool { a.count == b.count && a.hash == b.hash }
  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }

  package func forEachSegment(_ body: (Segment) -> Void) {
    for part in parts {
      switch part {
      case .segment(let segment): body(segment)
      case .nested(let nested): nested.rope.forEachSegment(body)
      }
    }
  }

  /// All bytes in one array: for tests, debug pages and what must be parsed again.
  package func flattened() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    forEachSegment { bytes += $0.bytes }
    return bytes
  }
}
