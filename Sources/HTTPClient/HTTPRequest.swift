package import TLS

/// One request to a server, and what its answer may cost.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  package enum Redirects: Hashable, Sendable {
    /// A redirect is the answer.
    case none
    /// Followed so often, and never from https to http; a bearer token stays with the first host.
    case atMost(Int)
  }

  package var method: Method
  /// http or https; nothing else is asked for, nor followed.
  package var url: String
  package var headers: [HTTPHeader]
  /// Sent as `Authorization: Bearer …`.
  package var bearerToken: SecretBytes?
  package var body: [UInt8]?
  package var security: HTTPSecurity
  package var proxy: Proxy
  package var redirects: Redirects
  package var reach: Reach
  package var limits: HTTPLimits

  /// Which addresses may be connected to, whatever a name stands for and wherever redirects lead.
  package enum Reach: Hashable, Sendable {
    case anywhere
    /// Not where clouds tell a machine its own secrets: link-local addresses (RFC 3927, RFC 4291
    /// §2.5.6) and those that providers keep for it besides. For URLs that others than the operator
    /// write.
    case noMetadata
  }

  package enum Proxy: Hashable, Sendable {
    /// What HTTPS_PROXY, http_proxy and NO_PROXY say.
    case environment
    /// http, https or socks5, as a URL.
    case url(String)
  }

  package init(
    _ method: Method, _ url: String, headers: [HTTPHeader] = [],
    bearerToken: SecretBytes? = nil, body: [UInt8]? = nil,
    security: HTTPSecurity = HTTPSecurity(), proxy: Proxy = .environment,
    redirects: Redirects = .none, reach: Reach = .anywhere, limits: HTTPLimits
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.bearerToken = bearerToken
    self.body = body
    self.security = security
    self.proxy = proxy
    self.redirects = redirects
    self.reach = reach
    self.limits = limits
  }
}

package struct HTTPHeader: Hashable, Sendable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// How a server proves who it is, and the client to it. TLS 1.2 at least.
package struct HTTPSecurity: Sendable {
  package enum Trust: Hashable, Sendable {
    /// The certificates that the system trusts.
    case system
    /// These certificates, in PEM, and no others.
    case certificates([UInt8])
    /// Anyone is believed to be the server.
    case anyone
  }

  package struct Identity: Hashable, Sendable {
    /// The chain, and the key of its first certificate, in PEM.
    package let certificate: SecretBytes
    package let key: SecretBytes

    package init(certificate: SecretBytes, key: SecretBytes) {
      self.certificate = certificate
      self.key = key
    }
  }

  package var trust: Trust
  package var identity: Identity?
  /// The name that the server's certificate must have, where it is not the URL's host.
  package var serverName: String?

  package init(trust: Trust = .system, identity: Identity? = nil, serverName: String? = nil) {
    self.trust = trust
    self.identity = identity
    self.serverName = serverName
  }
}

/// What one answer may cost; reaching a limit ends it with an ``HTTPError``.
package struct HTTPLimits: Hashable, Sendable {
  /// Bytes of the body; nil for a stream without end, whose reader counts for itself.
  package var bodyBytes: Int?
  /// Until the server has been reached and has proved who it is.
  package var connecting: Duration
  /// From the first step to the last byte; nil for a stream without end.
  package var total: Duration?
  /// Without a byte from the server, in whole seconds; nil for as long as it takes.
  package var silence: Duration?
  /// Bytes of one response's status line and headers.
  package static let headBytes = 64 << 10

  package init(
    bodyBytes: Int?, connecting: Duration = .seconds(10), total: Duration?, silence: Duration? = nil
  ) {
    self.bodyBytes = bodyBytes
    self.connecting = connecting
    self.total = total
    self.silence = silence
  }
}

/// The status and headers that a server answered with.
package struct HTTPHead: Hashable, Sendable {
  package let status: Int
  package let headers: [HTTPHeader]

  package init(status: Int, headers: [HTTPHeader]) {
    self.status = status
    self.headers = headers
  }

  /// The first value of a header, named in lower case.
  package subscript(name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}

/// A whole answer.
package struct HTTPAnswer: Hashable, Sendable {
  package let head: HTTPHead
  package let body: [UInt8]

  package init(head: HTTPHead, body: [UInt8]) {
    self.head = head
    self.body = body
  }
}
