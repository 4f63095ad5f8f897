package import HTTP2
package import Segments

/// Who is at the other end of a connection.
package struct Peer: Hashable, Sendable {
  /// For people to read: "127.0.0.1:40112", "unix".
  package let address: String
  /// On this machine, by loopback or Unix socket: its own claims of identity are believed.
  package let isLocal: Bool

  package init(address: String, isLocal: Bool) {
    self.address = address
    self.isLocal = isLocal
  }
}

/// What answers one call. All its functions are called on the thread of the connection, and none
/// after ``cancelled()`` or after the call was finished.
package protocol Responder: AnyObject {
  /// A whole message of the client.
  func receive(_ message: [UInt8])
  /// The client sends no more. The call goes on until ``Call/finish(_:)``.
  func receiveEnd()
  /// The next message for the client, if there is one now. Asked only after ``Call/wake()``, and when
  /// all earlier messages have left: so a slow client is sent the newest state, never a backlog.
  func nextMessage() -> Rope?
  /// The call is over, and not by ``Call/finish(_:)``: reset by the client, deadline passed,
  /// connection lost.
  func cancelled()
}

/// One call of a client, for as long as it is open; afterwards every function does nothing.
package final class Call {
  /// "/package.Service/Method".
  package let path: String
  package let metadata: [HeaderField]
  package let peer: Peer

  let stream: StreamID
  let deadline: ContinuousClock.Instant?
  var reader: MessageReader
  /// What the reader holds, as the limits have been told.
  var countedBytes = 0
  /// Received while messages were held back: the client's windows are as much smaller.
  var heldBytes = 0
  var isHeld = false
  /// The client ended its messages while they were held back.
  var hasHeldEnd = false
  var hasResponded = false
  var isAwake = false
  private(set) var isOver = false
  /// Gone once the call is over, which also breaks the cycle with a responder that holds its call.
  private(set) var responder: (any Responder)?
  private weak var connection: ServerConnection?

  init(
    _ request: Request, stream: StreamID, deadline: ContinuousClock.Instant?,
    maxMessageBytes: Int, connection: ServerConnection
  ) {
    path = request.path
    metadata = request.metadata
    peer = connection.peer
    self.stream = stream
    self.deadline = deadline
    reader = MessageReader(encoding: request.encoding, maxMessageBytes: maxMessageBytes)
    self.connection = connection
  }

  /// Bytes of messages that were given and have not left.
  package var queuedBytes: Int { connection?.queuedBytes(of: self) ?? 0 }

  /// Says that ``Responder/nextMessage()`` may have something.
  package func wake() { connection?.wake(self) }

  /// Holds back the client's further messages until ``letGo()``: a window of them waits here, the rest
  /// at the client.
  package func hold() { if !isOver { isHeld = true } }

  /// Gives the responder the messages that were held back, and those that come.
  package func letGo() { connection?.letGo(self) }

  /// Ends the call once the messages given have left.
  package func finish(_ status: Status) { connection?.finish(self, status) }

  func begin(_ route: Route) {
    let responder = route(self)
    if !isOver { self.responder = responder }
  }

  /// Answers who is to be told, if anyone still is.
  func end() -> (any Responder)? {
    defer { responder = nil }
    isOver = true
    return responder
  }
}
