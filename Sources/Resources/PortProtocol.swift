/// What is spoken on a port, as Istio's `protocol.Parse` reads it.
package enum PortProtocol: String, CaseIterable, Hashable, Sendable {
  case tcp = "TCP"
  case udp = "UDP"
  case grpc = "GRPC"
  case grpcWeb = "GRPC-Web"
  case http = "HTTP"
  case httpProxy = "HTTP_PROXY"
  case http2 = "HTTP2"
  case https = "HTTPS"
  case tls = "TLS"
  case mongo = "Mongo"
  case redis = "Redis"
  case mySQL = "MySQL"
  /// Not one of the others: Envoy finds out for itself where it can.
  case unsupported = "UnsupportedProtocol"

  /// The protocol that `text` names, in any case of letters.
  package init(parsing text: String) {
    switch text.lowercased() {
    case "tcp": self = .tcp
    case "udp": self = .udp
    case "grpc": self = .grpc
    case "grpc-web": self = .grpcWeb
    case "http": self = .http
    case "http_proxy": self = .httpProxy
    case "http2": self = .http2
    case "https": self = .https
    case "tls": self = .tls
    case "mongo": self = .mongo
    case "redis": self = .redis
    case "mysql": self = .mySQL
    default: self = .unsupported
    }
  }

  /// Spoken in plain HTTP requests: these share a listener's one HTTP chain.
  package var isHTTP: Bool {
    switch self {
    case .http, .http2, .grpc, .grpcWeb, .httpProxy: true
    case .tcp, .udp, .https, .tls, .mongo, .redis, .mySQL, .unsupported: false
    }
  }

  /// Spoken over HTTP/2.
  package var isHTTP2: Bool {
    switch self {
    case .http2, .grpc, .grpcWeb: true
    case .http, .httpProxy, .tcp, .udp, .https, .tls, .mongo, .redis, .mySQL, .unsupported:
      false
    }
  }

  /// Bytes that Envoy forwards without reading requests; TLS is routed by SNI.
  package var isTCP: Bool {
    switch self {
    case .tcp, .https, .tls, .mongo, .redis, .mySQL: true
    case .http, .httpProxy, .http2, .grpc, .grpcWeb, .udp, .unsupported: false
    }
  }

  /// Encrypted by the application: told apart by SNI.
  package var isTLS: Bool { self == .https || self == .tls }
}
