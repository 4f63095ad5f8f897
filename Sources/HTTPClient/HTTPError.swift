private import CCurl

/// Why there is no answer, or not all of one: who was asked, and what went wrong. Holds no header,
/// no path and no body, so that it can be logged.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// The URL is none, or not of http or https.
    case badURL
    case unknownHost
    /// Nobody listens there, or the way there is closed.
    case unreachable
    /// The address is not one that may be asked.
    case forbidden
    /// The server's certificate, or TLS as such.
    case untrusted
    /// The client's own certificate, key or trusted certificates cannot be used.
    case badCredentials
    case timedOut
    /// No byte came for as long as was allowed.
    case silent
    /// The answer ended before it was whole.
    case cutOff
    case tooLarge
    case tooManyRedirects
    case other
  }

  package let reason: Reason
  /// `host:port`; the URL's text where it has none.
  package let server: String
  /// In libcurl's words.
  package let detail: String

  package init(_ reason: Reason, server: String, detail: String) {
    self.reason = reason
    self.server = server
    self.detail = detail
  }

  package var description: String { "\(server): \(detail)" }
}

extension HTTPError {
  /// The one place where libcurl's codes get their meaning; nil for none.
  static func reason(_ code: UInt32) -> Reason? {
    switch CURLcode(code) {
    case CURLE_OK: nil
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unknownHost
    case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED, CURLE_PROXY: .unreachable
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: .untrusted
    case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ENGINE_NOTFOUND:
      .badCredentials
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_FILESIZE_EXCEEDED: .tooLarge
    case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2,
      CURLE_HTTP2_STREAM:
      .cutOff
    default: .other
    }
  }
}
