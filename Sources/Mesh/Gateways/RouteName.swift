internal import Incremental
internal import Resources
package import Store

/// The name of a gateway's route configuration, as istiod makes it (`gatewayRDSRouteName`).
///
/// One word, since thousands of keys and lists hold the same one.
package struct RouteName: Digested, Sendable {
  private let contents: Contents

  private final class Contents: Sendable {
    let kind: Kind
    let text: String
    let digest: UInt64

    fileprivate init(_ kind: Kind) {
      self.kind = kind
      text = kind.text
      digest = kind.digest
    }
  }

  fileprivate enum Kind: Hashable {
    case http(port: Int, bind: String?)
    case https(port: Int, portName: String, gateway: NamespacedName, bind: String?)
    case named(String)
  }

  private init(_ kind: Kind) { contents = Contents(kind) }

  /// All plain HTTP servers of a port that proxies listen on share one.
  package static func http(port: Int, bind: String?) -> RouteName {
    RouteName(Kind.http(port: port, bind: bind))
  }
  /// The name is that of plain HTTP on this port and bind.
  func isHTTP(port: Int, bind: String?) -> Bool {
    if case .http(port, bind) = contents.kind { true } else { false }
  }
  /// A server that terminates HTTPS has its own; the port is the declared one.
  package static func https(
    port: Int, portName: String, gateway: NamespacedName, bind: String?
  ) -> RouteName {
    RouteName(Kind.https(port: port, portName: portName, gateway: gateway, bind: bind))
  }
  /// One that no server has: a patch names it.
  package static func named(_ name: String) -> RouteName { RouteName(Kind.named(name)) }

  /// `http.8080`, `https.443.https.shop.istio-system`, with `.<bind>` at the end where one is set.
  package var text: String { contents.text }
  package var digest: UInt64 { contents.digest }

  package static func == (a: RouteName, b: RouteName) -> Bool {
    a.contents === b.contents
      || (a.contents.digest == b.contents.digest && a.contents.kind == b.contents.kind)
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(contents.digest) }
}

extension RouteName.Kind {
  /// The Gateway tells apart nearly all that have one.
  fileprivate var digest: UInt64 {
    switch self {
    case .http(let port, _): UInt64(truncatingIfNeeded: port)
    case .https(let port, _, let gateway, _):
      gateway.digest.mixed(with: UInt64(truncatingIfNeeded: port))
    case .named(let name): UInt64(hashOf: name)
    }
  }

  fileprivate var text: String {
    switch self {
    case .http(let port, let bind): "http.\(port)" + (bind.map { ".\($0)" } ?? "")
    case .https(let port, let portName, let gateway, let bind):
      .written {
        $0.add("https.")
        $0.add(port)
        $0.add(".")
        $0.add(portName)
        $0.add(".")
        $0.add(gateway.name)
        $0.add(".")
        $0.add(gateway.namespace)
        if let bind {
          $0.add(".")
          $0.add(bind)
        }
      }
    case .named(let name): name
    }
  }
}
