/// An HTTP/2 frame as RFC 9113 §4.1 draws it, with no opinion about whether it is allowed.
package struct Frame: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    case data, headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
  }

  package var kind: Kind
  package var flags: UInt8
  package var stream: UInt32
  package var payload: [UInt8]

  package init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.kind = kind
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  package static let endStream: UInt8 = 0x1
  package static let ack: UInt8 = 0x1
  package static let endHeaders: UInt8 = 0x4
  package static let padded: UInt8 = 0x8

  package var endsStream: Bool {
    (kind == .data || kind == .headers) && flags & Frame.endStream != 0
  }
  package var isAck: Bool { flags & Frame.ack != 0 }
  /// The payload's 32-bit number at `offset`.
  package func word(at offset: Int = 0) -> UInt32 {
    payload[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  package var bytes: [UInt8] {
    let count = UInt32(payload.count)
    return [UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)]
      + [kind.rawValue, flags] + Frame.word(stream) + payload
  }

  package static func word(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// The client's first bytes (RFC 9113 §3.4).
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  package static func settings(_ values: [(id: UInt16, value: UInt32)] = []) -> Frame {
    Frame(
      .settings,
      values.flatMap { [UInt8($0.id >> 8), UInt8($0.id & 0xff)] + word($0.value) })
  }
  package static let settingsAck = Frame(.settings, flags: ack)
  package static let initialWindow: UInt16 = 4
  package static let maxFrameSize: UInt16 = 5

  package static func headers(
    _ fields: [(String, String)], stream: UInt32, endStream: Bool = false
  ) -> Frame {
    Frame(
      .headers, flags: endHeaders | (endStream ? Frame.endStream : 0), stream: stream,
      literal(fields))
  }
  package static func data(_ bytes: [UInt8], stream: UInt32, endStream: Bool = false) -> Frame {
    Frame(.data, flags: endStream ? Frame.endStream : 0, stream: stream, bytes)
  }
  package static func reset(_ stream: UInt32, code: UInt32 = 8) -> Frame {
    Frame(.resetStream, stream: stream, word(code))
  }
  package static func windowUpdate(_ increment: UInt32, stream: UInt32 = 0) -> Frame {
    Frame(.windowUpdate, stream: stream, word(increment))
  }

  /// Header fields as literals without indexing, new name (RFC 7541 §6.2.2): no table, no Huffman.
  package static func literal(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0x00] + string($0.0) + string($0.1) }
  }

  private static func string(_ text: String) -> [UInt8] {
    var rest = text.utf8.count
    guard rest >= 127 else { return [UInt8(rest)] + text.utf8 }
    var prefix: [UInt8] = [127]
    rest -= 127
    while rest >= 128 {
      prefix.append(UInt8(rest & 0x7f | 0x80))
      rest >>= 7
    }
    return prefix + [UInt8(rest)] + text.utf8
  }
}

/// Cuts a peer's bytes into frames; what is not whole yet waits.
package struct FrameReader {
  private var rest: [UInt8] = []

  package init() {}

  package var isBetweenFrames: Bool { rest.isEmpty }

  package mutating func frames(in bytes: [UInt8]) -> [Frame] {
    rest += bytes
    var start = 0
    var frames: [Frame] = []
    while rest.count - start >= 9 {
      let count = Int(rest[start]) << 16 | Int(rest[start + 1]) << 8 | Int(rest[start + 2])
      guard rest.count - start >= 9 + count else { break }
      let body = start + 9
      let stream = rest[(start + 5)..<body].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
      guard let kind = Frame.Kind(rawValue: rest[start + 3]) else {
        preconditionFailure("a server sends only the frames of RFC 9113, not \(rest[start + 3])")
      }
      frames.append(
        Frame(kind, flags: rest[start + 4], stream: stream, Array(rest[body..<(body + count)])))
      start = body + count
    }
    rest.removeFirst(start)
    return frames
  }
}
