/// A mesh of a given size to measure with. Names, fields and numbers are those that users of this
/// kind of mesh write; each object is a file of its own.
enum Shape: String, CaseIterable {
  /// N Gateways and VirtualServices of three hosts each: routing by host name.
  case gateways
  /// N VirtualServices of six paths each on the same three hosts: one large route table.
  case shared
  /// N Services of ten endpoints, a DestinationRule of two subsets and a VirtualService each: a cluster.
  case services
  /// N VirtualServices of a host each on one Gateway, to a hundred services: many virtual hosts.
  case hosts

  /// Those of the short benchmark.
  static let short: [Shape] = [.gateways, .shared]

  /// The file that is edited between measurements.
  static let edited = "vs-0.yaml"

  /// The route configurations that the edited file changes.
  var editedRoutes: [String] {
    switch self {
    case .gateways: ["http.8080", "https.443.https.gateway-0.istio-system"]
    case .shared: ["http.8080", "https.443.https.gateway.istio-system"]
    case .services, .hosts: ["http.8080"]
    }
  }

  /// All route configurations of a gateway.
  func routes(_ count: Int) -> [String] {
    self == .gateways
      ? ["http.8080"] + (0..<count).map { "https.443.https.gateway-\($0).istio-system" }
      : editedRoutes
  }

  /// Each file by its name.
  func files(_ count: Int) -> [(name: String, text: String)] {
    [("ingress.yaml", Shape.ingress)] + gatewayFile.map { ("gateway.yaml", $0) }
      + (0..<count).flatMap { index in
        [("vs-\(index).yaml", virtualService(index, edition: 0))] + targets(index)
          + (self == .gateways ? [("gateway-\(index).yaml", Shape.gateway(index))] : [])
      }
  }

  /// The Gateway that all VirtualServices have in common, if there is one.
  private var gatewayFile: [String] {
    switch self {
    case .gateways: []
    case .shared: [Shape.sharedGateway]
    case .services, .hosts: [Shape.openGateway]
    }
  }

  /// What the VirtualService of an index routes to, unless an earlier one has it.
  private func targets(_ index: Int) -> [(name: String, text: String)] {
    switch self {
    case .gateways, .shared: [("service-\(index).yaml", Shape.entry(index))]
    case .hosts: index < Shape.hostTargets ? [("service-\(index).yaml", Shape.entry(index))] : []
    case .services:
      [
        ("service-\(index).yaml", Shape.service(index)),
        ("slice-\(index).yaml", Shape.slice(index, edition: 0)),
      ]
    }
  }

  /// The first VirtualService after a number of edits: a path of it is another each time.
  func virtualService(_ index: Int, edition: Int) -> String {
    let suffix = edition == 0 ? "" : "-\(edition)"
    switch self {
    case .gateways:
      return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: vs-\(index), namespace: gateway}
        spec:
          hosts: [\(Shape.hosts(index))]
          gateways: [istio-system/gateway-\(index)]
          http:
          - match:
            - uri: {prefix: /route-\(index)\(suffix)}
            route:
            - destination: {host: random-\(index).host.example}

        """
    case .shared:
      let matches = "abcdef".map { "    - uri: {prefix: /route-\($0)-\(index)\(suffix)}\n" }
      return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: vs-\(index), namespace: gateway}
        spec:
          hosts: [\(Shape.sharedHosts)]
          gateways: [istio-system/gateway]
          http:
          - match:
        \(matches.joined())    route:
            - destination: {host: random-\(index).host.example}

        """
    case .services: return Shape.canary(index, path: "/api\(suffix)")
    case .hosts:
      return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: vs-\(index), namespace: gateway}
        spec:
          hosts: [host-\(index).example.com]
          gateways: [istio-system/gateway]
          http:
          - match:
            - uri: {prefix: /route-\(index)\(suffix)}
            route:
            - destination: {host: random-\(index % Shape.hostTargets).host.example}

        """
    }
  }

  private static func hosts(_ index: Int) -> String {
    "abc".map { "random-\($0)-\(index).host.example" }.joined(separator: ", ")
  }

  private static let sharedHosts =
    "random-1.host.example.com, random-2.host.example.com, random-3.host.example.com"

  private static func servers(_ hosts: String) -> String {
    """
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [\(hosts)]
      - port: {number: 443, name: https, protocol: HTTPS}
        hosts: [\(hosts)]
        tls: {mode: ISTIO_MUTUAL}

    """
  }

  private static func gateway(_ index: Int) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: gateway-\(index), namespace: istio-system}
    spec:
    \(servers(hosts(index)))
    """
  }

  private static let sharedGateway = """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: gateway, namespace: istio-system}
    spec:
    \(servers(sharedHosts))
    """

  private static let hostTargets = 100

  private static func entry(_ index: Int) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: service-\(index), namespace: default}
    spec:
      hosts: [random-\(index).host.example]
      ports:
      - {number: 80, name: http, protocol: HTTP}
      resolution: STATIC
      endpoints: [{address: 1.2.\(index / 250 % 250).\(index % 250 + 1)}]

    """
  }

  private static let ingress = """
    apiVersion: v1
    kind: Service
    metadata: {name: istio-ingressgateway, namespace: istio-system}
    spec:
      clusterIP: 10.255.0.1
      selector: {istio: ingressgateway}
      ports:
      - {name: http2, port: 80, targetPort: 8080, protocol: TCP}
      - {name: https, port: 443, targetPort: 8443, protocol: TCP}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: ingress-1, namespace: istio-system, labels: {istio: ingressgateway}}
    spec: {serviceAccountName: ingress, containers: [{name: proxy, image: proxy}]}
    status: {podIP: 10.0.0.1, phase: Running}

    """
}
