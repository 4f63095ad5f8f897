import Glibc
import HTTP2Peer
import TestSupport

/// A gateway as its control plane sees it: one stream that subscribes to clusters, listeners and a few
/// route configurations, accepts all it is sent, and counts the bytes. With endpoints it is an
/// incremental one: another would repeat all their names with each answer.
final class ADSClient {
  private let socket: CInt
  private var reader = FrameSkipper()
  private(set) var responses: [String: Int] = [:]
  private(set) var bytes = 0
  private static let stream: UInt32 = 1
  /// What a peer takes unless it says otherwise (RFC 9113 §6.5.2).
  private static let frameBytes = 16384

  /// What is asked for by name.
  private let names: [String: [String]]
  private let isDelta: Bool

  /// Subscribes to all clusters and listeners, and to the route configurations and the endpoints of the
  /// clusters named.
  init(port: Int, id: String, routes: [String], endpoints: [String] = []) {
    names = [DiscoveryType.routes: routes, DiscoveryType.endpoints: endpoints]
    // Whose endpoints have come can be read from whole messages only.
    isDelta = !endpoints.isEmpty
    if isDelta { reader = FrameSkipper(keeping: Int(Int32.max)) }
    guard let connected = Loopback.connect(port: port) else {
      preconditionFailure("the server listens: errno \(errno)")
    }
    socket = connected
    send(Frame.preface)
    let window = UInt32(Int32.max)
    send(Frame.settings([(Frame.initialWindow, window)]).bytes)
    send(Frame.windowUpdate(window - 65535).bytes)
    send(
      Frame.headers(
        [
          (":method", "POST"), (":scheme", "http"), (":authority", "fairlead"),
          (
            ":path",
            "/envoy.service.discovery.v3.AggregatedDiscoveryService/"
              + (isDelta ? "DeltaAggregatedResources" : "StreamAggregatedResources")
          ),
          ("content-type", "application/grpc"), ("te", "trailers"),
        ], stream: ADSClient.stream
      ).bytes)
    let node = Message.field(1, Array(id.utf8)) + Message.field(3, Message.metadata)
    ask(DiscoveryType.clusters, [], node: node)
    ask(DiscoveryType.listeners, [])
    ask(DiscoveryType.routes, routes)
    if isDelta { ask(DiscoveryType.endpoints, endpoints) }
  }

  deinit { close(socket) }

  /// Reads until a whole response of the type has come; answers its length.
  func read(untilResponseOf type: String) -> Int {
    read(untilResponseOf: type) { $1 }
  }

  /// Reads until endpoints have come; answers the clusters they are of.
  func readAssignments() -> [String] {
    read(untilResponseOf: DiscoveryType.endpoints) { response, _ in
      Message.names(in: response)
    }
  }

  private func read<Answer>(
    untilResponseOf type: String, _ answer: ([UInt8], Int) -> Answer
  ) -> Answer {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(socket, &buffer, buffer.count)
      precondition(count > 0, "the stream stays open: errno \(errno)")
      var found: Answer?
      for event in reader.take(buffer[..<count]) {
        switch event {
        case .settings: send(Frame.settingsAck.bytes)
        case .ping(let payload): send(Frame(.ping, flags: Frame.ack, payload).bytes)
        case .message(let head, let length):
          let response = isDelta ? Message.Head(delta: head) : Message.Head(head)
          bytes += length
          responses[response.type, default: 0] += 1
          acknowledge(response, length)
          if response.type == type { found = answer(head, length) }
        }
      }
      if let found { return found }
    }
  }

  private func acknowledge(_ response: Message.Head, _ length: Int) {
    let window =
      Frame.windowUpdate(UInt32(length)).bytes
      + Frame.windowUpdate(UInt32(length), stream: ADSClient.stream).bytes
    let names = isDelta ? [] : names[response.type] ?? []
    // At once, as Envoy writes what it has to say.
    ask(
      response.type, names, version: response.version, nonce: response.nonce, behind: window)
  }

  private func ask(
    _ type: String, _ names: [String], node: [UInt8] = [], version: [UInt8] = [],
    nonce: [UInt8] = [], behind frames: [UInt8] = []
  ) {
    let named = names.flatMap { Message.field(3, Array($0.utf8)) }
    let request =
      isDelta
      ? Message.field(1, node) + Message.field(2, Array(type.utf8)) + named
        + Message.field(6, nonce)
      : Message.field(1, version) + Message.field(2, node) + named
        + Message.field(4, Array(type.utf8)) + Message.field(5, nonce)
    let message = [0] + Frame.word(UInt32(request.count)) + request
    var bytes = frames
    for start in stride(from: 0, to: message.count, by: ADSClient.frameBytes) {
      let part = message[start..<min(start + ADSClient.frameBytes, message.count)]
      bytes += Frame.data(Array(part), stream: ADSClient.stream).bytes
    }
    send(bytes)
  }

  private func send(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { write(socket, $0.baseAddress! + start, $0.count - start) }
      precondition(count > 0, "the server reads: errno \(errno)")
      start += count
    }
  }
}

/// The type URLs that are subscribed to.
enum DiscoveryType {
  static let clusters = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
  static let listeners = "type.googleapis.com/envoy.config.listener.v3.Listener"
  static let endpoints = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
  static let routes = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
}

/// The few protobuf fields that a client writes and reads.
enum Message {
  static func field(_ number: UInt8, _ contents: [UInt8]) -> [UInt8] {
    contents.isEmpty ? [] : [number << 3 | 2] + varint(contents.count) + contents
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var value = value
    var bytes: [UInt8] = []
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  /// A Struct of the metadata that Istio's own proxy sends.
  static let metadata = [("NAMESPACE", "istio-system"), ("ISTIO_VERSION", "1.31.0")].flatMap {
    field(1, field(1, Array($0.utf8)) + field(2, field(3, Array($1.utf8))))
  }

  /// The names of the resources in a DeltaDiscoveryResponse.
  static func names(in response: [UInt8]) -> [String] {
    fields(response[...]).filter { $0.number == 2 }.compactMap { resource in
      fields(resource.contents).first { $0.number == 3 }
        .map { String(decoding: $0.contents, as: UTF8.self) }
    }
  }

  /// The fields of a message that have a length, in order; up to the first that has none.
  fileprivate static func fields(
    _ message: ArraySlice<UInt8>
  ) -> [(number: UInt8, contents: ArraySlice<UInt8>)] {
    var fields: [(UInt8, ArraySlice<UInt8>)] = []
    var at = message.startIndex
    while at < message.endIndex, message[at] & 7 == 2 {
      let number = message[at] >> 3
      var (length, shift) = (0, 0)
      repeat {
        at += 1
        length |= Int(message[at] & 0x7f) << shift
        shift += 7
      } while message[at] & 0x80 != 0
      at += 1
      fields.append((number, message[at..<(at + length)]))
      at += length
    }
    return fields
  }

  /// version_info, type_url and nonce of a DiscoveryResponse, which stand before its resources.
  struct Head {
    var version: [UInt8] = []
    var nonce: [UInt8] = []
    var type = ""

    /// Of a DeltaDiscoveryResponse.
    init(delta bytes: [UInt8]) {
      for field in Message.fields(bytes[...]) {
        switch field.number {
        case 4: type = String(decoding: field.contents, as: UTF8.self)
        case 5: nonce = Array(field.contents)
        case _: break
        }
      }
    }

    init(_ bytes: [UInt8]) {
      var at = 0
      while at + 2 <= bytes.count {
        let number = bytes[at] >> 3
        let length = Int(bytes[at + 1])
        guard number == 1 || number == 4 || number == 5, at + 2 + length <= bytes.count else {
          return
        }
        let contents = Array(bytes[(at + 2)..<(at + 2 + length)])
        switch number {
        case 1: version = contents
        case 4: type = String(decoding: contents, as: UTF8.self)
        case _: nonce = contents
        }
        at += 2 + length
      }
    }
  }
}

/// Finds the gRPC messages in a connection's bytes, keeping of each the first few hundred bytes.
struct FrameSkipper {
  enum Event {
    case settings
    case ping([UInt8])
    case message(head: [UInt8], length: Int)
  }

  private var header: [UInt8] = []
  private var remaining = 0
  private var payload: [UInt8] = []
  private var prefix: [UInt8] = []
  private var messageRemaining = 0
  private var messageLength = 0
  private var head: [UInt8] = []
  private let kept: Int

  init(keeping kept: Int = 400) { self.kept = kept }

  mutating func take(_ bytes: ArraySlice<UInt8>) -> [Event] {
    var events: [Event] = []
    var at = bytes.startIndex
    while at < bytes.endIndex {
      if header.count < 9 {
        let end = min(bytes.endIndex, at + 9 - header.count)
        header += bytes[at..<end]
        at = end
        guard header.count == 9 else { break }
        remaining = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        payload = []
      }
      let end = min(bytes.endIndex, at + remaining)
      if header[3] == Frame.Kind.data.rawValue {
        takeData(bytes[at..<end], &events)
      } else {
        payload += bytes[at..<end]
      }
      remaining -= end - at
      at = end
      if remaining == 0 { finishFrame(&events) }
    }
    return events
  }

  private mutating func finishFrame(_ events: inout [Event]) {
    let isAck = header[4] & Frame.ack != 0
    if header[3] == Frame.Kind.settings.rawValue, !isAck { events.append(.settings) }
    if header[3] == Frame.Kind.ping.rawValue, !isAck { events.append(.ping(payload)) }
    header = []
  }

  private mutating func takeData(_ bytes: ArraySlice<UInt8>, _ events: inout [Event]) {
    var at = bytes.startIndex
    while at < bytes.endIndex {
      if prefix.count < 5 {
        let end = min(bytes.endIndex, at + 5 - prefix.count)
        prefix += bytes[at..<end]
        at = end
        guard prefix.count == 5 else { return }
        messageLength = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
        messageRemaining = messageLength
        head = []
      }
      let end = min(bytes.endIndex, at + messageRemaining)
      if head.count < kept { head += bytes[at..<min(end, at + (kept - head.count))] }
      messageRemaining -= end - at
      at = end
      if messageRemaining == 0 {
        events.append(.message(head: head, length: messageLength))
        prefix = []
      }
    }
  }
}
