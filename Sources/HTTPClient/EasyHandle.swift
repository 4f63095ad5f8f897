private import CCurl
private import Glibc
internal import TLS

/// libcurl's handle of one request, with what it points to: lists and the text of an error. The first
/// option that libcurl refuses is kept; the rest is not set then.
@safe final class EasyHandle {
  let pointer: UnsafeMutableRawPointer
  private var lists: [LineList] = []
  private let errorText: UnsafeMutablePointer<CChar>
  private var refusal: CURLcode?

  /// Nil without memory.
  init?() {
    guard let pointer = unsafe curl_easy_init() else { return nil }
    unsafe self.pointer = pointer
    let size = Int(CURL_ERROR_SIZE)
    unsafe errorText = .allocate(capacity: size)
    unsafe errorText.initialize(repeating: 0, count: size)
    unsafe check(curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText))
  }

  deinit {
    unsafe curl_easy_cleanup(pointer)
    unsafe errorText.deallocate()
  }

  /// The first option that libcurl refused.
  var failure: Failure? { refusal.map { Failure(code: $0.rawValue, detail: detail($0.rawValue)) } }

  struct Failure {
    let code: UInt32
    let detail: String
  }

  /// What went wrong, in libcurl's words.
  func detail(_ code: UInt32) -> String {
    let own = unsafe String(cString: errorText)
    return own.isEmpty ? unsafe String(cString: curl_easy_strerror(CURLcode(code))) : own
  }

  var status: Int {
    var status = 0
    // Zero stands for an answer without a status, too.
    unsafe curl_get_number(pointer, CURLINFO_RESPONSE_CODE, &status)
    return status
  }

  // MARK: Options

  private func set(_ option: CURLoption, _ value: Int) {
    guard refusal == nil else { return }
    unsafe check(curl_set_number(pointer, option, value))
  }

  /// nil unsets what libcurl was built with.
  private func set(_ option: CURLoption, _ text: String?) {
    guard refusal == nil else { return }
    unsafe check(curl_set_text(pointer, option, text))
  }

  private func set(_ option: CURLoption, _ duration: Duration) {
    set(
      option,
      Int(
        clamping: duration.components.seconds * 1000
          + duration.components.attoseconds / 1_000_000_000_000_000))
  }

  private func set(_ option: CURLoption, size: Int) {
    guard refusal == nil else { return }
    unsafe check(curl_set_size(pointer, option, Int64(size)))
  }

  private func set(_ option: CURLoption, bytes: [UInt8]) {
    guard refusal == nil else { return }
    unsafe bytes.withUnsafeBytes {
      unsafe check(curl_set_blob(pointer, option, $0.baseAddress, $0.count))
    }
  }

  private func set(_ option: CURLoption, secret: SecretBytes) {
    guard refusal == nil else { return }
    let code = secret.withBytes { span in
      unsafe span.withUnsafeBytes {
        unsafe curl_set_blob(pointer, option, $0.baseAddress, $0.count)
      }
    }
    check(code)
  }

  /// The lines stay with the handle.
  private func set(
    _ option: CURLoption, lines: [String], secretLine: (prefix: String, SecretBytes)? = nil
  ) {
    guard refusal == nil, !lines.isEmpty || secretLine != nil else { return }
    let list = LineList()
    var isWhole = true
    for line in lines { isWhole = list.append(line) && isWhole }
    if let (prefix, secret) = secretLine { isWhole = list.append(prefix, secret) && isWhole }
    lists.append(list)
    check(isWhole ? unsafe curl_set_pointer(pointer, option, list.first) : CURLE_OUT_OF_MEMORY)
  }

  @unsafe private func set(_ option: CURLoption, context: UnsafeMutableRawPointer) {
    guard refusal == nil else { return }
    unsafe check(curl_set_pointer(pointer, option, context))
  }

  private func set(_ option: CURLoption, receiver: @escaping curl_receiver) {
    guard refusal == nil else { return }
    unsafe check(curl_set_receiver(pointer, option, receiver))
  }

  private func set(opener: @escaping curl_opensocket_callback) {
    guard refusal == nil else { return }
    unsafe check(curl_set_opener(pointer, opener))
  }

  private func check(_ code: CURLcode) {
    if code != CURLE_OK, refusal == nil { refusal = code }
  }
}

// MARK: - What a request comes to

extension EasyHandle {
  func take(_ request: HTTPRequest, to destination: Destination) {
    set(CURLOPT_URL, destination.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_REDIR_PROTOCOLS_STR, destination.isSecure ? "https" : "http,https")
    set(CURLOPT_CONNECT_TO, lines: destination.detour.map { [$0] } ?? [])
    set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    if let body = request.body {
      set(CURLOPT_POSTFIELDSIZE_LARGE, size: body.count)
      unsafe body.withUnsafeBytes { bytes in
        unsafe check(
          curl_set_pointer(
            pointer, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress)))
      }
    }
    // An empty Expect keeps libcurl from waiting for "100 Continue".
    let lines =
      request.headers.map { "\($0.name): \($0.value)" }
      + (destination.hostHeader.map { ["Host: \($0)"] } ?? []) + ["Expect:"]
    set(
      CURLOPT_HTTPHEADER, lines: lines,
      secretLine: request.bearerToken.map { ("Authorization: Bearer ", $0) })
    if case .url(let proxy) = request.proxy { set(CURLOPT_PROXY, proxy) }
    switch request.redirects {
    case .none: set(CURLOPT_FOLLOWLOCATION, 0)
    case .atMost(let count):
      set(CURLOPT_FOLLOWLOCATION, 1)
      set(CURLOPT_MAXREDIRS, count)
    }
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_TCP_KEEPIDLE, 15)
    set(CURLOPT_TCP_KEEPINTVL, 15)
    take(request.limits)
    take(request.security)
  }

  private func take(_ limits: HTTPLimits) {
    set(CURLOPT_CONNECTTIMEOUT_MS, limits.connecting)
    if let total = limits.total { set(CURLOPT_TIMEOUT_MS, total) }
    if let bytes = limits.bodyBytes { set(CURLOPT_MAXFILESIZE_LARGE, size: bytes) }
    if let silence = limits.silence {
      set(CURLOPT_LOW_SPEED_LIMIT, 1)
      set(CURLOPT_LOW_SPEED_TIME, max(1, Int(clamping: silence.components.seconds)))
    }
  }

  private func take(_ security: HTTPSecurity) {
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    switch security.trust {
    case .system: break
    case .certificates(let bytes):
      // Without these two, the system's certificates would be trusted as well.
      set(CURLOPT_CAINFO, nil)
      set(CURLOPT_CAPATH, nil)
      set(CURLOPT_CAINFO_BLOB, bytes: bytes)
    case .anyone:
      set(CURLOPT_SSL_VERIFYPEER, 0)
      set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let identity = security.identity {
      set(CURLOPT_SSLCERT_BLOB, secret: identity.certificate)
      set(CURLOPT_SSLKEY_BLOB, secret: identity.key)
    }
  }

  @unsafe func reportTo(_ context: UnsafeMutableRawPointer) {
    unsafe set(CURLOPT_HEADERFUNCTION, receiver: receiveHeader)
    unsafe set(CURLOPT_HEADERDATA, context: context)
    unsafe set(CURLOPT_WRITEFUNCTION, receiver: receiveBody)
    unsafe set(CURLOPT_WRITEDATA, context: context)
    unsafe set(CURLOPT_PRIVATE, context: context)
  }

  /// Asks the transfer about every address before it is connected to.
  @unsafe func askBeforeConnecting(_ context: UnsafeMutableRawPointer) {
    unsafe set(CURLOPT_OPENSOCKETDATA, context: context)
    unsafe set(opener: openSocket)
  }
}

// MARK: - What libcurl calls

@unsafe private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  guard let context = unsafe context else { return nil }
  return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

/// libcurl stops the transfer when fewer bytes were taken than it gave.
private let receiveHeader: curl_receiver = { bytes, size, count, context in
  let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer(context)?.headerLine(line) == true ? line.count : 0
}

private let receiveBody: curl_receiver = { bytes, size, count, context in
  let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
  return unsafe transfer(context)?.body(chunk) == true ? chunk.count : 0
}

/// As libcurl does by itself, if the transfer lets it.
private let openSocket: curl_opensocket_callback = { context, _, address in
  guard let address = unsafe address, let transfer = unsafe transfer(context),
    let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr)
  else { return CURL_SOCKET_BAD }
  let (family, length) = unsafe (address.pointee.family, Int(address.pointee.addrlen))
  let bytes = unsafe UnsafeRawBufferPointer(
    start: UnsafeRawPointer(address) + offset, count: length)
  guard unsafe transfer.mayConnect(to: NetworkAddress(family: family, bytes)) else {
    return CURL_SOCKET_BAD
  }
  let type = unsafe address.pointee.socktype | CInt(SOCK_CLOEXEC.rawValue)
  return unsafe socket(family, type, address.pointee.protocol)
}

/// Lines as libcurl keeps them: copies of its own.
@safe private final class LineList {
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  deinit { unsafe curl_slist_free_all(first) }

  /// False without memory.
  func append(_ line: String) -> Bool {
    guard let longer = unsafe curl_slist_append(first, line) else { return false }
    unsafe first = longer
    return true
  }

  /// The copy that is made on the way is wiped; libcurl's stays until the list goes.
  func append(_ prefix: String, _ secret: SecretBytes) -> Bool {
    var line = Array(prefix.utf8)
    line.reserveCapacity(line.count + secret.count + 1)
    secret.withBytes { span in
      for index in span.indices { line.append(span[index]) }
    }
    line.append(0)
    let longer = unsafe line.withUnsafeBytes { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe curl_slist_append(first, $0.baseAddress)
      }
    }
    // Takes the bytes and wipes where they stood.
    _ = SecretBytes(wiping: &line)
    guard let longer = unsafe longer else { return false }
    unsafe first = longer
    return true
  }
}
