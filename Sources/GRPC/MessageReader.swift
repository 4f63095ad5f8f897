internal import Segments

/// Puts a call's bytes together to messages: a compression flag, a length of four bytes, the message
/// (gRPC over HTTP/2, "Length-Prefixed-Message"), cut anywhere.
struct MessageReader {
  enum Encoding: String { case identity, gzip }

  static let prefixBytes = 5

  private let encoding: Encoding
  private let maxMessageBytes: Int
  private var buffer: [UInt8] = []
  private var start = 0

  init(encoding: Encoding, maxMessageBytes: Int) {
    self.encoding = encoding
    self.maxMessageBytes = maxMessageBytes
  }

  /// Bytes of a message that is not whole yet.
  var unfinishedBytes: Int { buffer.count - start }

  mutating func append(_ bytes: [UInt8]) {
    if start == buffer.count {
      (buffer, start) = (bytes, 0)
    } else {
      buffer += bytes
    }
  }

  /// The next whole message, or nil until more bytes arrive.
  mutating func next() throws(Status) -> [UInt8]? {
    guard unfinishedBytes >= MessageReader.prefixBytes else { return compact() }
    let flag = buffer[start]
    guard flag <= 1 else {
      throw Status(.internal, "a message begins with a compression flag of \(flag)")
    }
    if flag == 1, encoding == .identity {
      throw Status(.internal, "a message is compressed, but the call named no encoding")
    }
    let body = start + MessageReader.prefixBytes
    let count = buffer[(start + 1)..<body].reduce(0) { $0 << 8 | Int($1) }
    guard count <= maxMessageBytes else {
      throw Status(
        .resourceExhausted, "a message of \(count) bytes; the most taken is \(maxMessageBytes)")
    }
    guard buffer.count - body >= count else { return compact() }
    let bytes = buffer[body..<(body + count)]
    start = body + count
    return flag == 0 ? Array(bytes) : try inflate(bytes, upTo: maxMessageBytes)
  }

  /// A message with its prefix, not compressed.
  static func framed(_ message: Rope) -> Rope {
    let count = UInt32(message.count)
    let prefix = [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    return Rope(joining: [Rope(prefix), message])
  }

  /// Lets go of messages that were taken and of the room they had, so that a call's memory is its
  /// unfinished message.
  private mutating func compact() -> [UInt8]? {
    if start > 0 { (buffer, start) = (Array(buffer[start...]), 0) }
    return nil
  }

  /// Bytes of memory that it takes.
  var roomBytes: Int { buffer.capacity }
}
