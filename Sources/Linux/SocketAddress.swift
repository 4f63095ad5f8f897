private import Glibc

/// Where a server listens, as people write it: `127.0.0.1:15010`, `[::1]:15010`, `localhost:0`,
/// `:15010` for every interface, `unix:/run/fairlead.sock`.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The host is a numeric address or a name, IPv6 without brackets; empty for every interface.
  case tcp(host: String, port: UInt16)
  case unix(path: String)

  /// Nil where the text names no address.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      // sun_path holds 108 bytes, one of them the end.
      guard !path.isEmpty, path.utf8.count < 108 else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      self = .tcp(host: String(host.dropFirst().dropLast()), port: port)
    } else {
      guard !host.contains(where: { $0 == ":" || $0 == "/" || $0 == " " }) else { return nil }
      self = .tcp(host: String(host), port: port)
    }
  }

  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// Whether it can be connected to without looking up a name.
  package var isNumeric: Bool {
    switch self {
    case .tcp(let host, _): host.isEmpty || isNumericIPv4(host) || isNumericIPv6(host)
    case .unix: true
    }
  }

  /// Whether only this machine can reach it. A name that must be looked up counts as reachable.
  package var isLocal: Bool {
    switch self {
    case .tcp(let host, _):
      host == "localhost" || host == "::1" || (host.hasPrefix("127.") && isNumericIPv4(host))
    case .unix: true
    }
  }
}

private func isNumericIPv4(_ host: String) -> Bool {
  var address = in_addr()
  return unsafe inet_pton(AF_INET, host, &address) == 1
}

private func isNumericIPv6(_ host: String) -> Bool {
  var address = in6_addr()
  return unsafe inet_pton(AF_INET6, host, &address) == 1
}
