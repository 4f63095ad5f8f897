internal import Documents

/// Cuts a stream of bytes into lines; a line may come in many pieces.
struct LineBuffer {
  private var rest: [UInt8] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// The lines that are whole now, without the ends and the empty ones; nil when one is longer than
  /// may be.
  mutating func lines(adding bytes: [UInt8]) -> [[UInt8]]? {
    var lines: [[UInt8]] = []
    var start = bytes.startIndex
    while let end = bytes.lineFeed(from: start) {
      let line = rest.isEmpty ? Array(bytes[start..<end]) : rest + bytes[start..<end]
      rest = []
      guard line.count <= limit else { return nil }
      if !line.isEmpty { lines.append(line) }
      start = end + 1
    }
    rest += bytes[start...]
    return rest.count <= limit ? lines : nil
  }
}
