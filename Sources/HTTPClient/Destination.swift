private import CCurl

/// Where a request goes: its URL, and the way to take where the server's certificate has another name
/// than its address.
@safe struct Destination {
  let url: String
  /// `host:port`, for messages.
  let server: String
  let isSecure: Bool
  /// libcurl's CONNECT_TO: the host to connect to in place of the URL's.
  let detour: String?
  /// What the Host header says where it is not the URL's host.
  let hostHeader: String?

  init(_ request: HTTPRequest) throws(HTTPError) {
    guard let parsed = ParsedURL(request.url) else {
      throw HTTPError(.badURL, server: "the URL", detail: "not an http or https URL with a host")
    }
    server = "\(parsed.host):\(parsed.port)"
    isSecure = parsed.scheme == "https"
    guard isSecure, let name = request.security.serverName, name != parsed.host else {
      url = request.url
      detour = nil
      hostHeader = nil
      return
    }
    guard let renamed = parsed.renamed(to: name) else {
      throw HTTPError(.badURL, server: server, detail: "\(name) is no server name")
    }
    url = renamed
    detour = "\(name):\(parsed.port):\(parsed.host):\(parsed.port)"
    hostHeader = server
  }
}

/// A URL as libcurl reads it.
@safe private final class ParsedURL {
  private let url: OpaquePointer

  /// Nil for what is not http or https, or has no host.
  init?(_ text: String) {
    guard let url = unsafe curl_url() else { return nil }
    unsafe self.url = url
    guard unsafe curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
      ["http", "https"].contains(scheme), !host.isEmpty
    else { return nil }
  }

  deinit { unsafe curl_url_cleanup(url) }

  var scheme: String { part(CURLUPART_SCHEME) }
  var host: String { part(CURLUPART_HOST) }
  var port: String { part(CURLUPART_PORT) }

  /// The URL with another host; nil where that is none.
  func renamed(to host: String) -> String? {
    guard let other = unsafe curl_url_dup(url) else { return nil }
    defer { unsafe curl_url_cleanup(other) }
    guard unsafe curl_url_set(other, CURLUPART_HOST, host, 0) == CURLUE_OK else { return nil }
    let text = unsafe ParsedURL.part(CURLUPART_URL, of: other)
    return text.isEmpty ? nil : text
  }

  private func part(_ part: CURLUPart) -> String { unsafe ParsedURL.part(part, of: url) }

  /// Empty for a part that is not there.
  @unsafe private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String {
    var text: UnsafeMutablePointer<CChar>?
    guard unsafe curl_url_get(url, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK,
      let text = unsafe text
    else { return "" }
    defer { unsafe curl_free(text) }
    return unsafe String(cString: text)
  }
}
