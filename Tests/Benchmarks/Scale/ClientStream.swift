/// One gateway's discovery stream: it accepts all it is sent, counts it, and keeps none of it.
final class ClientStream {
  let number: UInt32
  let variant: DiscoveryText.Variant
  /// Responses, bytes of messages and bytes of resources that came, a type each.
  private(set) var responses = [Int](repeating: 0, count: SubscribedType.allCases.count)
  private(set) var bytes = [Int](repeating: 0, count: SubscribedType.allCases.count)
  private(set) var resourceBytes = 0
  /// What came, by name: of a client that takes note of it.
  private(set) var holdings = Holdings()
  /// The names that a state-of-the-world client repeats, as bytes, a type each.
  private var names = [[UInt8]](repeating: [], count: SubscribedType.allCases.count)
  private let takesNote: Bool
  private unowned let connection: ClientConnection

  private var prefix: [UInt8] = []
  private var remaining = 0
  private var length = 0
  private var head: [UInt8] = []
  /// Enough for the fields before the resources.
  private static let headBytes = 320

  init(
    _ number: UInt32, _ variant: DiscoveryText.Variant, takesNote: Bool,
    on connection: ClientConnection
  ) {
    self.number = number
    self.variant = variant
    self.takesNote = takesNote
    self.connection = connection
  }

  func responses(of type: SubscribedType) -> Int { responses[type.rawValue] }
  func bytes(of type: SubscribedType) -> Int { bytes[type.rawValue] }
  var totalBytes: Int { bytes.reduce(0, +) }

  func subscribe(
    to type: SubscribedType, node: [UInt8] = [], names: [String] = [],
    known: [(name: String, version: String)] = []
  ) {
    subscribe(
      to: type,
      DiscoveryText.subscription(variant, type, node: node, names: names, known: known),
      repeating: variant == .delta
        ? [] : names.flatMap { DiscoveryText.field(3, Array($0.utf8)) })
  }

  /// The same with a request that many clients share.
  func subscribe(to type: SubscribedType, _ request: [UInt8], repeating names: [UInt8] = []) {
    self.names[type.rawValue] = names
    connection.send(request, on: number)
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while at < bytes.count {
      if prefix.count < 5 {
        prefix.append(bytes[at])
        at += 1
        guard prefix.count == 5 else { continue }
        length = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
        remaining = length
        head.removeAll(keepingCapacity: true)
        if remaining > 0 { continue }
      }
      let count = min(remaining, bytes.count - at)
      let wanted = takesNote ? count : min(count, max(0, ClientStream.headBytes - head.count))
      head.append(contentsOf: bytes[at..<(at + wanted)])
      remaining -= count
      at += count
      if remaining == 0 { finishMessage() }
    }
  }

  private func finishMessage() {
    prefix.removeAll(keepingCapacity: true)
    guard let response = ResponseHead(head) else {
      preconditionFailure("a response says its type before its resources")
    }
    let type = response.type.rawValue
    responses[type] += 1
    bytes[type] += length
    resourceBytes += length - response.end
    if takesNote { holdings.note(head, response) }
    connection.send(
      DiscoveryText.acknowledgement(
        variant, response.type, names: names[type], version: response.version,
        nonce: response.nonce), on: number)
  }
}
