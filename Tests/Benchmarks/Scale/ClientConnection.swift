import Glibc
import HTTP2Peer
import Linux
import TestSupport

/// One HTTP/2 connection with any number of discovery streams. It reads frames without keeping them
/// and obeys the server's windows, at a cost that is small beside the server's own.
final class ClientConnection {
  let descriptor: FileDescriptor
  private(set) var streams: [ClientStream] = []
  private var byNumber: [UInt32: ClientStream] = [:]
  /// Told whether the socket is to be watched for room to write.
  var onBlocked: (Bool) -> Void = { _ in }

  private var output: [UInt8] = []
  private var outputStart = 0
  /// Messages that wait for the server's windows, oldest first.
  private var waiting: [(stream: UInt32, bytes: [UInt8], start: Int)] = []
  private var window = 65_535
  private var windows: [UInt32: Int] = [:]
  private var initialWindow = 65_535
  /// Bytes received that the server has not been given room for again.
  private var taken = 0
  private var takenByStream: [UInt32: Int] = [:]

  private var header: [UInt8] = []
  private var remaining = 0
  private var payload: [UInt8] = []
  private static let frameBytes = 16_384
  private static let roomAgain = 256 << 20

  init(port: Int) {
    guard let number = Loopback.connect(port: port) else {
      preconditionFailure("the server listens: errno \(errno)")
    }
    descriptor = FileDescriptor(owning: number)
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
    let window = UInt32(Int32.max)
    output += Frame.preface + Frame.settings([(Frame.initialWindow, window)]).bytes
    output += Frame.windowUpdate(window - 65_535).bytes
  }

  func open(_ variant: DiscoveryText.Variant, takesNote: Bool = false) -> ClientStream {
    let number = UInt32(streams.count * 2 + 1)
    let stream = ClientStream(number, variant, takesNote: takesNote, on: self)
    streams.append(stream)
    byNumber[number] = stream
    windows[number] = initialWindow
    let method = variant == .delta ? "DeltaAggregatedResources" : "StreamAggregatedResources"
    output +=
      Frame.headers(
        [
          (":method", "POST"), (":scheme", "http"), (":authority", "fairlead"),
          (":path", "/envoy.service.discovery.v3.AggregatedDiscoveryService/\(method)"),
          ("content-type", "application/grpc"), ("te", "trailers"),
        ], stream: number
      ).bytes
    return stream
  }

  /// Queues a message with its gRPC prefix; ``flush()`` sends it.
  func send(_ message: [UInt8], on stream: UInt32) {
    waiting.append((stream, message, 0))
  }

  // MARK: Out

  /// Sends what windows and socket have room for.
  func flush() {
    fill()
    while outputStart < output.count {
      let count = output.withUnsafeBytes {
        Glibc.send(
          descriptor.number, $0.baseAddress! + outputStart, $0.count - outputStart,
          CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else {
        precondition(errno == EAGAIN, "the server reads: errno \(errno)")
        return onBlocked(true)
      }
      outputStart += count
    }
    output.removeAll(keepingCapacity: output.capacity < 1 << 16)
    outputStart = 0
    onBlocked(false)
  }

  /// Makes frames of messages as far as the windows allow.
  private func fill() {
    var held: [(stream: UInt32, bytes: [UInt8], start: Int)] = []
    for var message in waiting {
      while message.start < message.bytes.count,
        !held.contains(where: { $0.stream == message.stream })
      {
        let room = min(window, windows[message.stream] ?? 0, ClientConnection.frameBytes)
        let count = min(room, message.bytes.count - message.start)
        guard count > 0 else { break }
        let end = message.start + count
        output += [
          UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), 0, 0,
        ]
        output += Frame.word(message.stream)
        output += message.bytes[message.start..<end]
        message.start = end
        window -= count
        windows[message.stream, default: 0] -= count
      }
      if message.start < message.bytes.count { held.append(message) }
    }
    waiting = held
  }

  // MARK: In

  /// Takes what the server sent; false once it has closed.
  func receive(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
    let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
    guard count != 0 else { return false }
    guard count > 0 else { return errno == EAGAIN }
    take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    flush()
    return true
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while at < bytes.count {
      if header.count < 9 {
        let end = min(bytes.count, at + 9 - header.count)
        header.append(contentsOf: bytes[at..<end])
        at = end
        guard header.count == 9 else { break }
        remaining = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        payload.removeAll(keepingCapacity: true)
      }
      let end = min(bytes.count, at + remaining)
      if header[3] == Frame.Kind.data.rawValue {
        byNumber[streamNumber]?.take(UnsafeRawBufferPointer(rebasing: bytes[at..<end]))
        giveRoom(end - at)
      } else {
        payload.append(contentsOf: bytes[at..<end])
      }
      remaining -= end - at
      at = end
      if remaining == 0 { finishFrame() }
    }
  }

  private var streamNumber: UInt32 { header[5...].reduce(0) { $0 << 8 | UInt32($1) } }

  private func giveRoom(_ count: Int) {
    taken += count
    if taken > ClientConnection.roomAgain {
      output += Frame.windowUpdate(UInt32(taken)).bytes
      taken = 0
    }
    let number = streamNumber
    let ofStream = takenByStream[number, default: 0] + count
    takenByStream[number] = ofStream
    if ofStream > ClientConnection.roomAgain {
      output += Frame.windowUpdate(UInt32(ofStream), stream: number).bytes
      takenByStream[number] = 0
    }
  }

  private func finishFrame() {
    let isAck = header[4] & Frame.ack != 0
    switch Frame.Kind(rawValue: header[3]) {
    case .settings where !isAck:
      takeSettings()
      output += Frame.settingsAck.bytes
    case .ping where !isAck: output += Frame(.ping, flags: Frame.ack, payload).bytes
    case .windowUpdate:
      let room = Int(word(0))
      if streamNumber == 0 { window += room } else { windows[streamNumber, default: 0] += room }
    case _: break
    }
    header.removeAll(keepingCapacity: true)
  }

  private func takeSettings() {
    for at in stride(from: 0, to: payload.count - 5, by: 6)
    where UInt16(payload[at]) << 8 | UInt16(payload[at + 1]) == Frame.initialWindow {
      let change = Int(word(at + 2)) - initialWindow
      initialWindow += change
      for number in windows.keys { windows[number, default: 0] += change }
    }
  }

  private func word(_ at: Int) -> UInt32 {
    payload[at..<(at + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// All connections of clients, on this thread.
final class ClientLoop {
  private let epoll: Epoll
  private(set) var connections: [ClientConnection] = []
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

  init() throws { epoll = try Epoll() }

  deinit { buffer.deallocate() }

  func connect(port: Int) throws -> ClientConnection {
    let connection = ClientConnection(port: port)
    let token = UInt64(connections.count)
    connections.append(connection)
    try epoll.add(connection.descriptor, .readable, token: token)
    let (epoll, descriptor) = (epoll, connection.descriptor)
    var isBlocked = false
    connection.onBlocked = { now in
      guard now != isBlocked else { return }
      isBlocked = now
      do {
        try epoll.change(descriptor, now ? [.readable, .writable] : .readable, token: token)
      } catch {
        preconditionFailure("epoll knows the socket that it watches: \(error)")
      }
    }
    return connection
  }

  /// A gateway with a connection of its own.
  func gateway(
    port: Int, _ variant: DiscoveryText.Variant, takesNote: Bool = false
  ) throws -> ClientStream {
    try connect(port: port).open(variant, takesNote: takesNote)
  }

  struct TookTooLong: Error {}

  /// Sends and receives until `isDone`, which is asked after each batch of events.
  func run(atMost limit: Duration = .seconds(120), until isDone: () -> Bool) throws {
    let end = ContinuousClock.now + limit
    for connection in connections { connection.flush() }
    while !isDone() {
      guard ContinuousClock.now < end else { throw TookTooLong() }
      try take(atMost: .milliseconds(5))
    }
  }

  /// Sends what can be sent and takes what has come, without waiting.
  func turn() throws {
    for connection in connections { connection.flush() }
    try take(atMost: .zero)
  }

  private func take(atMost wait: Duration) throws {
    for event in try epoll.wait(timeout: wait) {
      let connection = connections[Int(event.token)]
      if event.ready.contains(.writable) { connection.flush() }
      if event.ready.contains(.readable) || event.isBroken {
        guard connection.receive(buffer) else {
          throw LinuxError("read from the server", reason: "it has closed")
        }
      }
    }
  }
}
