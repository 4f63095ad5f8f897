private import CMicrohttpd
private import Glibc
package import Linux

/// Serves pages over HTTP/1.1 from a listening socket, on one thread of its own, until it is freed.
///
/// For people, scrapers and probes on an operator's network: GET and HEAD only, no request body,
/// everything a client can make grow is held by ``Limits``.
@safe package final class PageServer {
  /// What clients may take.
  package struct Limits: Sendable {
    package let connections: UInt32
    /// Request line and headers together, for each connection.
    package let headerBytes: Int
    /// A connection that says nothing for so long is closed.
    package let idleSeconds: UInt32

    package init(connections: UInt32, headerBytes: Int, idleSeconds: UInt32) {
      self.connections = connections
      self.headerBytes = headerBytes
      self.idleSeconds = idleSeconds
    }
  }

  private let daemon: OpaquePointer
  /// The daemon keeps an unretained pointer to it, for its callbacks.
  private let table: SharedTable

  private let socket: ListeningSocket

  package init(
    listeningOn socket: ListeningSocket, title: String, pages: [Page], limits: Limits
  ) throws(HTTPServerError) {
    table = SharedTable(PageTable(title: title, pages: pages))
    self.socket = socket
    // The daemon closes the descriptor it is given, in the end or when it does not start.
    let descriptor = dup(socket.descriptor.number)
    guard descriptor >= 0 else { throw HTTPServerError.cannotStart(errno: errno) }
    let options: [any CVarArg] = [
      MHD_OPTION.LISTEN_SOCKET.rawValue, descriptor,
      MHD_OPTION.CONNECTION_LIMIT.rawValue, limits.connections,
      MHD_OPTION.CONNECTION_MEMORY_LIMIT.rawValue, limits.headerBytes,
      MHD_OPTION.CONNECTION_TIMEOUT.rawValue, limits.idleSeconds,
      MHD_OPTION.END.rawValue,
    ]
    let context = unsafe Unmanaged.passUnretained(table).toOpaque()
    let started = unsafe withVaList(options) { list in
      unsafe MHD_start_daemon_va(
        MHD_USE_EPOLL_INTERNAL_THREAD.rawValue, 0, nil, nil, answer, context, list)
    }
    guard let started = unsafe started else { throw HTTPServerError.cannotStart(errno: errno) }
    unsafe daemon = started
  }

  /// Open connections are cut; no page is being answered any more when this returns.
  deinit { unsafe MHD_stop_daemon(daemon) }
}

package enum HTTPServerError: Error, CustomStringConvertible {
  case cannotStart(errno: CInt)

  package var description: String {
    switch self {
    case .cannotStart(let code):
      unsafe "starting the HTTP server: \(String(cString: strerror(code)))"
    }
  }
}

/// The table as an object, for a C pointer to name.
private final class SharedTable: Sendable {
  let table: PageTable
  init(_ table: PageTable) { self.table = table }
}

// MARK: - What libmicrohttpd calls

/// Called for each request when its headers are in, then again while and after its body arrives.
private func answer(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
  method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?,
  upload: UnsafePointer<CChar>?, uploadSize: UnsafeMutablePointer<Int>?,
  state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context = unsafe context, let connection = unsafe connection, let url = unsafe url,
    let method = unsafe method
  else { return .NO }
  let verb = unsafe String(cString: method)
  guard verb == "GET" || verb == "HEAD" else {
    return unsafe send(
      .text("only GET and HEAD are answered here\n", status: 405), allow: "GET, HEAD",
      over: connection)
  }
  guard unsafe !announcesBody(connection) else {
    return unsafe send(.text("a request here has no body\n", status: 413), over: connection)
  }
  let shared = unsafe Unmanaged<SharedTable>.fromOpaque(context).takeUnretainedValue()
  let request = unsafe Request(
    path: String(cString: url), parameters: parameters(of: connection))
  return unsafe send(shared.table.response(to: request), over: connection)
}

private func announcesBody(_ connection: OpaquePointer) -> Bool {
  ["Content-Length", "Transfer-Encoding"].contains { name in
    guard
      let value = unsafe MHD_lookup_connection_value(connection, .HEADER_KIND, name)
    else { return false }
    return unsafe String(cString: value) != "0"
  }
}

private func parameters(of connection: OpaquePointer) -> [(name: String, value: String)] {
  var found: [(name: String, value: String)] = []
  unsafe withUnsafeMutablePointer(to: &found) { found in
    _ = unsafe MHD_get_connection_values(
      connection, .GET_ARGUMENT_KIND,
      { context, _, key, value in
        guard let context = unsafe context, let key = unsafe key else { return .NO }
        let found = unsafe context.assumingMemoryBound(to: [(name: String, value: String)].self)
        // `?name` without a value has none, which is the empty one.
        let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
        unsafe found.pointee.append((name: String(cString: key), value: text))
        return .YES
      }, found)
  }
  return found
}

/// Queues the response. libmicrohttpd leaves out the body for HEAD, and closes the connection after
/// a response that came before the request's body.
private func send(
  _ response: Response, allow: String? = nil, over connection: OpaquePointer
) -> MHD_Result {
  let made = unsafe response.body.withUnsafeBytes { body in
    unsafe MHD_create_response_from_buffer(
      body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
  }
  guard let made = unsafe made else { return .NO }
  defer { unsafe MHD_destroy_response(made) }
  for (name, value) in [("Content-Type", response.contentType), ("Allow", allow)] {
    guard let value else { continue }
    guard unsafe MHD_add_response_header(made, name, value) == .YES else { return .NO }
  }
  return unsafe MHD_queue_response(connection, UInt32(response.status), made)
}
