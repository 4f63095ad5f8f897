internal import Resources
package import Store

/// The name of a gateway's route configuration, as istiod makes it (`gatewayRDSRouteName`).
///
/// One word, since thousands of keys and lists hold the same one.
package indirect enum RouteName: Hashable, Sendable {
  /// All plain HTTP servers of a port that proxies listen on share one.
  case http(port: Int, bind: String?)
  /// A server that terminates HTTPS has its own; the port is the declared one.
  case https(port: Int, portName: String, gateway: NamespacedName, bind: String?)
  /// One that no server has: a patch names it.
  case named(String)

  /// The Gateway tells apart nearly all that have one.
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .http(let port, _): hasher.combine(port)
    case .https(let port, _, let gateway, _):
      hasher.combine(port)
      hasher.combine(gateway)
    case .named(let name): hasher.combine(name)
    }
  }

  /// `http.8080`, `https.443.https.shop.istio-system`, with `.<bind>` at the end where one is set.
  package var text: String {
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
