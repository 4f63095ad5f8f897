/// Bytes as a sequence of shared parts: a route configuration is its own few bytes and the parts of
/// its virtual hosts, in order. A part may be made of parts, so that a thousand virtual hosts of a
/// thousand routes each need no list of a million. Length and hash are known without looking at the
/// bytes again.
///
/// Equality is by hash, so two ropes of the same bytes cut in different places are unequal; what
/// makes them cuts alike for alike input.
package struct Rope: Sendable, Hashable {
  let content: Content

  enum Content: Sendable {
    case empty
    case segment(Segment)
    case patterned(PatternedBytes)
    case pair(Pair)
    case joined(Joined)
  }

  /// Two parts, as nearly all there are: a message's own fields and what is shared of it.
  final class Pair: Sendable {
    let first: Rope
    let second: Rope
    let count: Int
    let hash: ContentHash

    init(_ first: Rope, _ second: Rope) {
      self.first = first
      self.second = second
      count = first.count + second.count
      hash = ContentHash(combining: first.hash, second.hash)
    }
  }

  final class Joined: Sendable {
    let parts: [Rope]
    let count: Int
    let hash: ContentHash

    init(_ parts: [Rope]) {
      self.parts = parts
      var count = 0
      // Each part is looked at once: of thousands, few are in the processor's cache.
      hash = ContentHash(
        combining: parts.lazy.map { part in
          count += part.count
          return part.hash
        })
      self.count = count
    }
  }

  private static let hashOfNothing = ContentHash(combining: EmptyCollection())

  package init(_ segment: Segment) { content = .segment(segment) }
  init(_ patterned: PatternedBytes) { content = .patterned(patterned) }
  package init(_ segments: [Segment]) { self.init(joining: segments.map { Rope($0) }) }
  package init(_ bytes: [UInt8]) { self.init(Segment(bytes)) }
  /// The ropes one after another, none copied.
  package init(joining ropes: [Rope]) {
    switch ropes.count {
    case 0: content = .empty
    case 1: content = ropes[0].content
    case 2: content = .pair(Pair(ropes[0], ropes[1]))
    default: content = .joined(Joined(ropes))
    }
  }
  /// `rest` behind a part of its own; the parts of `rest` are not listed again.
  package init(_ first: Segment, then rest: Rope) {
    content = rest.count == 0 ? .segment(first) : .pair(Pair(Rope(first), rest))
  }
  /// The ropes behind a part of its own.
  package init(_ first: Segment, then rest: [Rope]) {
    var parts: [Rope] = []
    parts.reserveCapacity(rest.count + 1)
    parts.append(Rope(first))
    parts += rest
    self.init(joining: parts)
  }

  package static let empty = Rope(joining: [])

  /// What the rope was joined of; itself where it is one piece.
  package var parts: [Rope] {
    switch content {
    case .empty: []
    case .segment, .patterned: [self]
    case .pair(let pair): [pair.first, pair.second]
    case .joined(let joined): joined.parts
    }
  }
  package var count: Int {
    switch content {
    case .empty: 0
    case .segment(let segment): segment.count
    case .patterned(let patterned): patterned.count
    case .pair(let pair): pair.count
    case .joined(let joined): joined.count
    }
  }
  package var hash: ContentHash {
    switch content {
    case .empty: Rope.hashOfNothing
    case .segment(let segment): segment.hash
    case .patterned(let patterned): patterned.hash
    case .pair(let pair): pair.hash
    case .joined(let joined): joined.hash
    }
  }
  /// The piece of memory that it is; nil where it is made of several.
  package var segment: Segment? {
    if case .segment(let segment) = content { segment } else { nil }
  }

  /// Both are the same joined parts in memory, not only alike.
  package func isSharedWith(_ other: Rope) -> Bool {
    switch (content, other.content) {
    case (.joined(let mine), .joined(let theirs)): mine === theirs
    case (.pair(let mine), .pair(let theirs)): mine === theirs
    case (.patterned(let mine), .patterned(let theirs)): mine === theirs
    case (.empty, _), (.segment, _), (.patterned, _), (.pair, _), (.joined, _): false
    }
  }

  package static func == (a: Rope, b: Rope) -> Bool { a.count == b.count && a.hash == b.hash }
  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }

  package func forEachSegment(_ body: (Segment) -> Void) {
    switch content {
    case .empty: break
    case .segment(let segment): body(segment)
    case .patterned(let patterned): body(patterned.whole)
    case .pair(let pair):
      pair.first.forEachSegment(body)
      pair.second.forEachSegment(body)
    case .joined(let joined): for part in joined.parts { part.forEachSegment(body) }
    }
  }

  /// All bytes in one array: for tests, debug pages and what must be parsed again.
  package func flattened() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    forEachSegment { segment in
      unsafe segment.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}
