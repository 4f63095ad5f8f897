internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Segments

/// A filter chain as most of HTTPS are: chosen by server names, with the mesh's certificates, and nothing
/// in it but a connection manager. Such chains differ in names.
struct PlainChain {
  /// All that is none.
  struct Kind: Digested {
    /// An encoded transport socket.
    let socket: [UInt8]
    /// How many bytes of the connection manager follow.
    let rest: Int
    let serverNames: Int

    var digest: UInt64 {
      UInt64(truncatingIfNeeded: rest).mixed(with: UInt64(truncatingIfNeeded: serverNames))
    }
    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  let kind: Kind
  /// The statistics' prefix, the routes, the names of servers.
  let texts: [String]

  /// Nil where a name is none that messages take as it is.
  init?(
    socket: [UInt8], rest: Int, statPrefix: String, routes: RouteName, serverNames: [String]?
  ) {
    kind = Kind(socket: socket, rest: rest, serverNames: serverNames?.count ?? 0)
    texts = [statPrefix, routes.text] + (serverNames ?? [])
    guard texts.allSatisfy(Envoy.takesAsItIs) else { return nil }
  }

  // MARK: Another of the kind, with other names

  static func statPrefix(_ texts: [String]) -> String { texts[0] }
  static func routes(_ texts: [String]) -> String { texts[1] }
  static func own(_ kind: Kind, _ texts: [String]) -> Envoy.FilterChain {
    .https(
      serverNames: kind.serverNames == 0 ? nil : Array(texts[2...]),
      .init(encoded: kind.socket))
  }
}

extension Envoy.FilterChain {
  /// All of a chain but its filters.
  static func https(
    serverNames: [String]?, _ socket: Envoy.TransportSocket?
  ) -> Envoy.FilterChain {
    .init(
      filterChainMatch: serverNames.map { .init(serverNames: $0) }, transportSocket: socket,
      transportSocketConnectTimeout: .seconds(15))
  }
}
