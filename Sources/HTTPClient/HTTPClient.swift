private import CCurl
package import Linux

/// Requests to servers over HTTP/1.1 and, where offered, HTTP/2, driven by its owner's thread: nothing
/// here waits unless it is told to. Libcurl's multi interface, with an epoll of its own.
///
/// Its owner watches ``descriptor`` and calls ``advance(waitingUpTo:)`` when it is readable. Bodies
/// come in the pieces that arrive; whoever wants a whole one has an ``AnswerCollector``.
@safe package final class HTTPClient {
  package struct RequestID: Hashable, Sendable {
    fileprivate let number: UInt64
    package let server: String

    package static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
  }

  package enum Event: Sendable {
    /// The last head of the answer: not that of a redirect which is followed.
    case answered(RequestID, HTTPHead)
    case body(RequestID, [UInt8])
    /// The last event of a request; nil when the answer is whole.
    case ended(RequestID, HTTPError?)

    package var request: RequestID {
      switch self {
      case .answered(let id, _), .body(let id, _), .ended(let id, _): id
      }
    }
  }

  /// Readable when ``advance(waitingUpTo:)`` has something to do.
  package var descriptor: FileDescriptor { reactor.epoll.descriptor }

  private let multi: UnsafeMutableRawPointer
  /// libcurl keeps unretained pointers to it and to the transfers; they outlive `multi`.
  private let reactor: Reactor
  private let sink = EventSink()
  private var transfers: [RequestID: Transfer] = [:]
  private var nextNumber: UInt64 = 0

  /// Connections at once, busy and idle; what is asked beyond them waits for one.
  private static let connections = 128
  private static let idleConnections = 16

  package init() throws(HTTPError) {
    guard HTTPClient.isLibraryReady, let multi = unsafe curl_multi_init() else {
      throw HTTPError(.other, server: "HTTP", detail: "libcurl cannot be used")
    }
    do throws(LinuxError) {
      reactor = try Reactor()
    } catch {
      unsafe curl_multi_cleanup(multi)
      throw HTTPError(.other, server: "HTTP", detail: "\(error)")
    }
    unsafe self.multi = multi
    let context = unsafe Unmanaged.passUnretained(reactor).toOpaque()
    let codes = unsafe [
      curl_multi_set_socket_callback(multi, socketChanged),
      curl_multi_set_context(multi, CURLMOPT_SOCKETDATA, context),
      curl_multi_set_timer_callback(multi, timerChanged),
      curl_multi_set_context(multi, CURLMOPT_TIMERDATA, context),
      curl_multi_set_number(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, HTTPClient.connections),
      curl_multi_set_number(multi, CURLMOPT_MAXCONNECTS, HTTPClient.idleConnections),
      // One request at a time on a connection: libcurl 7.88 leaves bytes of one HTTP/2 stream lying
      // that were read off the socket along with the last of another's, since a stream whose buffer is
      // full pauses the connection's whole session (curl's issue 10525).
      curl_multi_set_number(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING),
    ]
    precondition(codes.allSatisfy { $0 == CURLM_OK }, "libcurl 7.67 and later know these options")
  }

  deinit {
    for transfer in transfers.values {
      unsafe curl_multi_remove_handle(multi, transfer.easy.pointer)
    }
    unsafe curl_multi_cleanup(multi)
  }

  private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Requests whose end has not been told yet.
  package var openRequests: Int { transfers.count }

  /// Begins to ask. All that comes of it, a mistake in the request included, is an event.
  package func start(_ request: HTTPRequest) -> RequestID {
    nextNumber += 1
    do throws(HTTPError) {
      let id = RequestID(number: nextNumber, server: try Destination(request).server)
      let transfer = try Transfer(request, id: id, sink: sink)
      let code = unsafe curl_multi_add_handle(multi, transfer.easy.pointer)
      guard code == CURLM_OK else {
        throw HTTPError(
          .other, server: id.server, detail: unsafe String(cString: curl_multi_strerror(code)))
      }
      transfers[id] = transfer
      return id
    } catch {
      let id = RequestID(number: nextNumber, server: error.server)
      sink.events.append(.ended(id, error))
      reactor.wake()
      return id
    }
  }

  /// Stops asking; no more is said about the request.
  package func cancel(_ id: RequestID) {
    sink.events.removeAll { $0.request == id }
    guard let transfer = transfers.removeValue(forKey: id) else { return }
    unsafe curl_multi_remove_handle(multi, transfer.easy.pointer)
  }

  /// Does what there is to do, and tells what has happened. Waits for something to do as long as it may:
  /// not at all unless told to, nil for as long as it takes.
  package func advance(waitingUpTo patience: Duration? = .zero) -> [Event] {
    var running: CInt = 0
    for ready in reactor.ready(waitingUpTo: sink.events.isEmpty ? patience : .zero) {
      // What it reports are mistakes of its caller; those of transfers come as messages.
      switch ready {
      case .timer: unsafe curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
      case .socket(let number, let events):
        unsafe curl_multi_socket_action(multi, number, events, &running)
      }
    }
    takeEnded()
    return sink.takeAll()
  }

  private func takeEnded() {
    var waiting: CInt = 0
    while let message = unsafe curl_multi_info_read(multi, &waiting) {
      guard unsafe message.pointee.msg == CURLMSG_DONE,
        let easy = unsafe message.pointee.easy_handle
      else { continue }
      let code = unsafe message.pointee.data.result
      guard let transfer = transfers.values.first(where: { unsafe $0.easy.pointer == easy }) else {
        continue
      }
      let error = transfer.error(code.rawValue)
      unsafe curl_multi_remove_handle(multi, easy)
      transfers[transfer.id] = nil
      sink.events.append(.ended(transfer.id, error))
    }
  }
}

// MARK: - What libcurl calls

private let socketChanged: curl_socket_callback = { _, socket, what, context, _ in
  guard let context = unsafe context else { return 0 }
  let reactor = unsafe Unmanaged<Reactor>.fromOpaque(context).takeUnretainedValue()
  reactor.watch(socket, what)
  return 0
}

private let timerChanged: curl_multi_timer_callback = { _, milliseconds, context in
  guard let context = unsafe context else { return 0 }
  let reactor = unsafe Unmanaged<Reactor>.fromOpaque(context).takeUnretainedValue()
  reactor.setTimer(milliseconds: milliseconds)
  return 0
}
