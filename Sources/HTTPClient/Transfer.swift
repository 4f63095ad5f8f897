/// One request that is under way: libcurl's handle for it, and what has come of its answer.
///
/// libcurl's callbacks write here and return; they never call back in.
@safe final class Transfer {
  let id: HTTPClient.RequestID
  let easy: EasyHandle
  private let server: String
  private let limits: HTTPLimits
  private let followsRedirects: Bool
  private let sink: EventSink
  private var headers: [HTTPHeader] = []
  private var headBytes = 0
  private var bodyBytes = 0
  /// The limit at which libcurl was told to stop.
  private var exceeded: Int?
  /// An address that was not connected to.
  private var forbidden: NetworkAddress?

  /// The request as libcurl takes it, not yet started.
  init(_ request: HTTPRequest, id: HTTPClient.RequestID, sink: EventSink) throws(HTTPError) {
    let destination = try Destination(request)
    guard let easy = EasyHandle() else {
      throw HTTPError(.other, server: destination.server, detail: "out of memory")
    }
    self.id = id
    self.easy = easy
    self.sink = sink
    server = destination.server
    limits = request.limits
    followsRedirects = request.redirects != .none
    easy.take(request, to: destination)
    unsafe easy.reportTo(Unmanaged.passUnretained(self).toOpaque())
    switch request.reach {
    case .anywhere: break
    case .noMetadata:
      unsafe easy.askBeforeConnecting(Unmanaged.passUnretained(self).toOpaque())
    }
    if let failure = easy.failure {
      throw HTTPError(
        HTTPError.reason(failure.code) ?? .other, server: server, detail: failure.detail)
    }
  }

  /// How the transfer ended, by libcurl's code; nil when the answer is whole.
  func error(_ code: UInt32) -> HTTPError? {
    guard let reason = HTTPError.reason(code) else { return nil }
    if let limit = reason == .tooLarge ? exceeded ?? limits.bodyBytes : exceeded {
      return HTTPError(
        .tooLarge, server: server, detail: "the answer is larger than \(limit) bytes")
    }
    if let forbidden, reason == .unreachable {
      return HTTPError(
        .forbidden, server: server,
        detail: "\(forbidden) is an address of a cloud's metadata, and is not asked")
    }
    let detail = easy.detail(code)
    // libcurl has one code for all times that run out, and says which in words.
    guard reason == .timedOut, detail.hasPrefix("Operation too slow") else {
      return HTTPError(reason, server: server, detail: detail)
    }
    return HTTPError(
      .silent, server: server, detail: "no byte came for \(limits.silence ?? .zero)")
  }

  // MARK: What libcurl calls

  func mayConnect(to address: NetworkAddress?) -> Bool {
    guard let address, address.isMetadata else { return true }
    forbidden = address
    return false
  }

  /// A line of a head; answers whether to go on.
  func headerLine(_ line: UnsafeRawBufferPointer) -> Bool {
    headBytes += line.count
    guard headBytes <= HTTPLimits.headBytes else {
      exceeded = HTTPLimits.headBytes
      return false
    }
    let text = unsafe String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      // Another head: what came before was a redirect, or said to go on.
      headers = []
      headBytes = line.count
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append(
        HTTPHeader(text[..<colon].lowercased(), String(value.prefix { !$0.isNewline })))
    } else if text.allSatisfy(\.isNewline) {
      headEnded()
    }
    return true
  }

  private func headEnded() {
    let head = HTTPHead(status: easy.status, headers: headers)
    guard head.status >= 200 else { return }
    if followsRedirects, (300..<400).contains(head.status), head["location"] != nil { return }
    sink.events.append(.answered(id, head))
  }

  /// Bytes of the body; answers whether to go on.
  func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bodyBytes += bytes.count
    if let limit = limits.bodyBytes, bodyBytes > limit {
      exceeded = limit
      return false
    }
    unsafe sink.add(id, bytes)
    return true
  }
}
