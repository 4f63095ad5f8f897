import TestSupport

/// Files of a small mesh, drawn from few names so that objects meet: gateways over hosts, routes over
/// services, rules over subsets.
struct RandomFiles {
  private(set) var texts: [String: String] = [:]

  /// Writes or takes away one file; answers which.
  mutating func change(using random: inout SeededRandom) -> String {
    let kinds: [(String, (Int, inout SeededRandom) -> String)] = [
      ("gateway", RandomFiles.gateway), ("virtual", RandomFiles.virtualService),
      ("entry", RandomFiles.serviceEntry), ("rule", RandomFiles.destinationRule),
      ("service", RandomFiles.service), ("pod", RandomFiles.pod),
    ]
    let (name, text) = kinds.randomElement(using: &random)!
    let index = Int.random(in: 0..<3, using: &random)
    let path = "\(name)-\(index).yaml"
    let isRemoval = Int.random(in: 0..<5, using: &random) == 0
    texts[path] = isRemoval ? nil : text(index, &random)
    return path
  }

  private static func pick(_ words: [String], _ random: inout SeededRandom) -> String {
    words.randomElement(using: &random)!
  }

  private static func gateway(_ index: Int, _ random: inout SeededRandom) -> String {
    let host = pick(["'*'", "a.test", "'*.test'", "shop/b.test"], &random)
    let (number, kind, tls) = [
      ("80", "HTTP", ""), ("8080", "HTTP2", ""),
      ("443", "HTTPS", "\n    tls: {mode: SIMPLE, credentialName: cert}"),
      ("9000", "TCP", ""), ("443", "TLS", "\n    tls: {mode: PASSTHROUGH}"),
    ].randomElement(using: &random)!
    return """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: gw-\(index), namespace: shop}
      spec:
        selector: {app: \(pick(["edge", "edge", "other"], &random))}
        servers:
        - port: {number: \(number), name: p-\(index), protocol: \(kind)}
          hosts: [\(host)]\(tls)

      """
  }

  private static func virtualService(_ index: Int, _ random: inout SeededRandom) -> String {
    let destination =
      "{host: \(pick(["svc-0", "svc-1", "e-0.test", "e-1.test"], &random)), "
      + "subset: \(pick(["v1", "v2"], &random))}"
    let (host, server) = [
      ("a.test", "a.test"), ("b.test", "b.test"), ("'*.test'", "a.test"), ("c.other", "c.other"),
    ].randomElement(using: &random)!
    return """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: vs-\(index), namespace: shop}
      spec:
        hosts: [\(host)]
        gateways: [gw-\(Int.random(in: 0..<3, using: &random))]
        http:
        - match: [{uri: {prefix: /\(pick(["", "x", "y"], &random))}}]
          route: [{destination: \(destination)}]
        tcp:
        - route: [{destination: \(destination)}]
        tls:
        - match: [{sniHosts: [\(server)]}]
          route: [{destination: \(destination)}]

      """
  }

  private static func serviceEntry(_ index: Int, _ random: inout SeededRandom) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: se-\(index), namespace: shop}
    spec:
      hosts: [e-\(index).test]
      ports: [{number: \(pick(["80", "8080"], &random)), name: http, protocol: HTTP}]
      resolution: \(pick(["STATIC", "DNS"], &random))
      endpoints: [{address: 10.1.0.\(Int.random(in: 1..<4, using: &random))}]

    """
  }

  private static func destinationRule(_ index: Int, _ random: inout SeededRandom) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: dr-\(index), namespace: shop}
    spec:
      host: \(pick(["svc-0", "svc-1", "e-0.test", "'*.test'"], &random))
      trafficPolicy:
        loadBalancer: {simple: \(pick(["RANDOM", "ROUND_ROBIN"], &random))}
      subsets: [{name: \(pick(["v1", "v2"], &random)), labels: {version: v1}}]

    """
  }

  private static func service(_ index: Int, _ random: inout SeededRandom) -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(index == 2 ? "edge" : "svc-\(index)"), namespace: shop}
    spec:
      clusterIP: 10.2.0.\(index + 1)
      selector: {app: \(index == 2 ? "edge" : "svc-\(index)")}
      ports: [{name: http, port: 80, targetPort: \(pick(["8080", "9090"], &random))}]
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: svc-\(index)-x, namespace: shop, labels: {kubernetes.io/service-name: svc-\(index)}}
    addressType: IPv4
    endpoints:
    - {addresses: [10.3.0.\(index + 1)], conditions: {ready: \(Bool.random(using: &random))}, targetRef: {kind: Pod, name: pod-\(index), namespace: shop}}
    ports: [{name: http, port: 8080, protocol: TCP}]

    """
  }

  private static func pod(_ index: Int, _ random: inout SeededRandom) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: pod-\(index), namespace: shop, labels: {app: \(pick(["edge", "svc-0"], &random)), version: \(pick(["v1", "v2"], &random))}}
    spec: {serviceAccountName: sa-\(index), containers: [{name: app, image: app}]}
    status: {podIP: 10.3.0.\(index + 1), phase: Running}

    """
  }
}
