internal import Segments

/// Bytes on their way to a socket, in order: long stretches of what is sent stay where they are and are
/// referred to, short ones and what frames add are copied together.
package struct Outgoing {
  private enum Part {
    case copied(Range<Int>)
    case shared(Segment, Range<Int>)

    var count: Int {
      switch self {
      case .copied(let range), .shared(_, let range): range.count
      }
    }

    /// All but the first `count` bytes.
    func dropping(_ count: Int) -> Part {
      switch self {
      case .copied(let range): .copied(range.dropFirst(count))
      case .shared(let segment, let range): .shared(segment, range.dropFirst(count))
      }
    }
  }

  private var parts: [Part] = []
  /// The parts before it have left.
  private var head = 0
  private var copies: [UInt8] = []
  package private(set) var count = 0
  /// A stretch that is shorter costs less to copy than the kernel takes to find it.
  package static let shared = 1024

  package init() {}

  package var isEmpty: Bool { count == 0 }

  /// How many of the bytes were copied here.
  package var copiedCount: Int {
    parts[head...].reduce(0) { if case .copied(let range) = $1 { $0 + range.count } else { $0 } }
  }

  mutating func append(copying bytes: UnsafeRawBufferPointer) {
    let start = copies.count
    unsafe copies.append(contentsOf: bytes)
    count += bytes.count
    if case .copied(let earlier)? = parts.last, parts.count > head {
      parts[parts.count - 1] = .copied(earlier.lowerBound..<copies.count)
    } else {
      parts.append(.copied(start..<copies.count))
    }
  }

  mutating func append(_ segment: Segment, _ range: Range<Int>) {
    guard range.count >= Outgoing.shared else {
      return unsafe segment.withUnsafeBytes {
        unsafe append(copying: UnsafeRawBufferPointer(rebasing: $0[range]))
      }
    }
    parts.append(.shared(segment, range))
    count += range.count
  }

  /// The first `taken` bytes have left.
  package mutating func removeFirst(_ taken: Int) {
    var rest = taken
    count -= taken
    while rest > 0 {
      let part = parts[head]
      guard part.count <= rest else {
        parts[head] = part.dropping(rest)
        return
      }
      rest -= part.count
      head += 1
    }
  }

  /// Keeps its room for what comes next.
  package mutating func removeAll() {
    parts.removeAll(keepingCapacity: true)
    copies.removeAll(keepingCapacity: true)
    (head, count) = (0, 0)
  }

  /// The same bytes in no more room than they take: for a socket that has none.
  package var compacted: Outgoing {
    var rest = Outgoing()
    rest.parts.reserveCapacity(parts.count - head)
    rest.copies.reserveCapacity(copiedCount)
    for part in parts[head...] {
      switch part {
      case .copied(let range):
        unsafe copies.withUnsafeBytes {
          unsafe rest.append(copying: UnsafeRawBufferPointer(rebasing: $0[range]))
        }
      case .shared(let segment, let range): rest.append(segment, range)
      }
    }
    return rest
  }

  /// Its bytes, in order, where they are.
  package var slices: [ArraySlice<UInt8>] {
    parts[head...].map { part in
      switch part {
      case .copied(let range): copies[range]
      case .shared(let segment, let range): segment.slice(range)
      }
    }
  }

  /// All of it in one array: for tests.
  package var bytes: [UInt8] { slices.flatMap { $0 } }
}
