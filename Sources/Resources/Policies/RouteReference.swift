/// What istiod reads out of the name of a gateway's route configuration
/// (`ParseGatewayRDSRouteName`): nothing where it is built otherwise.
package struct RouteReference: Hashable, Sendable {
  /// Zero where the name says none.
  package private(set) var port = 0
  package private(set) var portName = ""
  /// `namespace/name`.
  package private(set) var gateway = ""

  /// `http.8080`, or `https.443.https.shop.istio-system`; one more dot, as an address to bind to
  /// brings with it, makes it unreadable.
  package init(parsing name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if parts[0] == "http" {
      if parts.count == 2 { port = Int(parts[1]) ?? 0 }
    } else if parts[0] == "https", parts.count == 5 {
      port = Int(parts[1]) ?? 0
      portName = parts[2]
      gateway = "\(parts[4])/\(parts[3])"
    }
  }
}
