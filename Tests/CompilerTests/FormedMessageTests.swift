import Compiler
import Documents
import Mesh
import Resources
import Segments
import TestSupport
import Testing

/// What is made of a form, because others of its kind came before, is what a translator makes of it when
/// it is alone in the mesh: there is no form of what comes once.
@Suite struct FormedMessageTests {
  private static let count = 24

  /// Words for what an object says, by chance.
  private struct Choice {
    var random: SeededRandom
    /// Names are as long as those of others.
    let number: Int

    init(_ number: Int, _ random: SeededRandom) {
      self.random = random
      self.number = number
    }

    var name: String { "n\(number)" }

    mutating func pick(_ texts: String...) -> String {
      texts.randomElement(using: &random) ?? ""
    }

    mutating func metadata() -> String {
      let labels = pick("", "", "istio.io/persistent-session: c", "app: \(name)")
      let annotation = pick("", "", "networking.istio.io/traffic-distribution: PreferClose")
      return "name: \(name), namespace: shop, labels: {\(labels)}, annotations: {\(annotation)}"
    }

    mutating func service() -> String {
      """
      apiVersion: v1
      kind: Service
      metadata: {\(metadata())}
      spec:
        clusterIP: \(pick("10.0.0.1", "10.0.0.1", "None"))
        ports: [{port: 80, name: \(pick("http", "http", "grpc", "tcp"))}, {port: 81, name: tcp-a}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: \(name), namespace: shop, labels: {kubernetes.io/service-name: \(name)}}
      addressType: IPv4
      endpoints:
      - addresses: [10.1.0.\(number)]
        conditions: {ready: \(pick("true", "true", "false"))}
        targetRef: {kind: Pod, name: \(pick(name, name, "other")), namespace: shop}
      ports: [{name: http, port: \(pick("8080", "8080", "8081"))}, {name: grpc, port: 1}]
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: \(name)
        namespace: shop
        labels: {\(pick("security.istio.io/tlsMode: istio", "app: \(name)"))}
      spec: {serviceAccountName: a\(number % 3), containers: [{name: c, image: c}]}
      status: {podIP: 10.1.0.\(number), phase: Running}
      ---

      """
    }

    mutating func entry() -> String {
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {\(metadata())}
      spec:
        hosts: [\(name).shop.svc.cluster.local]
        location: \(pick("MESH_EXTERNAL", "MESH_EXTERNAL", "MESH_INTERNAL"))
        ports: [{number: \(pick("80", "80", "81")), name: http, protocol: \(pick("HTTP", "HTTP2"))}]
        resolution: \(pick("STATIC", "STATIC", "DNS"))
        endpoints:
        - address: 1.2.3.\(number)
          locality: \(pick("r1/z1", "r1/z1", "r2"))
      \(pick("    serviceAccount: b", "", "    weight: 3"))
      ---

      """
    }

    /// A VirtualService for it and a Gateway with a server of its own, which mostly say little.
    mutating func routes() -> String {
      let path = pick(
        "prefix: /p\(number)", "prefix: /p\(number)", "exact: /e\(number)",
        "regex: /r\(number)")
      let more = pick(
        "", "", "", "    timeout: 3s\n", "    rewrite: {uri: /}\n", "    name: r\n",
        "    headers: {request: {set: {a: b}}}\n", "    retries: {attempts: 0}\n",
        "    corsPolicy: {allowMethods: [GET]}\n", "    mirror: {host: other}\n")
      let match = pick("", "", "", ", ignoreUriCase: true", ", method: {exact: GET}", ", name: m")
      return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: \(name), namespace: shop}
        spec:
          hosts: [b.\(name).com, a.\(name).com]
          gateways: [edge/\(name)]
          http:
          - match:
            - uri: {\(path)}
            - {uri: {prefix: /q\(number)}\(match)}
            route: [{destination: {host: \(name)\(pick("", "", ", subset: v1"))}}]
        \(more)---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: \(name), namespace: edge}
        spec:
          selector: {istio: ingressgateway}
          servers:
          - port: {number: 443, name: https, protocol: HTTPS}
            hosts: [b.\(name).com, a.\(name).com]
            tls: {mode: \(pick("ISTIO_MUTUAL", "ISTIO_MUTUAL", "SIMPLE, credentialName: \(name)"))}

        """
    }
  }

  /// A service and how gateways get to it.
  private struct Part {
    let text: String
    let resources: [Resource]

    init(_ number: Int, using random: inout SeededRandom) {
      var choice = Choice(10 + number, random)
      let isEntry = Bool.random(using: &choice.random)
      text = (isEntry ? choice.entry() : choice.service()) + choice.routes()
      random = choice.random
      resources = ParsedFile(Array(text.utf8), path: "in.yaml").documents.compactMap {
        if case .accepted(let resource) = decode($0).outcome { resource } else { nil }
      }
    }
  }

  @Test(arguments: UInt64(0)..<12) func oneOfManyIsAsItIsAlone(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let parts = (0..<Self.count).map { Part($0, using: &random) }
    let many = ListenerBench(parts.flatMap(\.resources))
    let (all, chains) = (many.ofNames, Set(many.chains))
    for part in parts {
      let alone = ListenerBench(part.resources)
      #expect(part.resources.count >= 3 && alone.chains.count == 1, "seed \(seed): \(part.text)")
      for (name, bytes) in alone.ofNames {
        let isEqual = all[name] == bytes
        #expect(isEqual, "seed \(seed), \(name) of:\n\(part.text)")
      }
      let areThere = chains.isSuperset(of: alone.chains)
      #expect(areThere, "seed \(seed), the chain of:\n\(part.text)")
    }
  }
}

extension ListenerBench {
  /// Clusters, endpoints and routes.
  fileprivate var ofNames: [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    func add<Name>(_ kind: String, _ table: ResourceTable<Name>) {
      for name in table.names(proxies()) {
        found["\(kind) \(table.text(name))"] =
          table.bodies(ResourceKey(proxies(), name))?.flattened()
      }
    }
    add("cluster", compilation.clusters)
    add("endpoints", compilation.endpoints)
    add("routes", compilation.routes)
    return found
  }

  /// Behind the listener's own fields.
  fileprivate var chains: [[UInt8]] {
    compilation.listeners.names(proxies()).flatMap { name in
      compilation.listeners.bodies(ResourceKey(proxies(), name))?.parts.dropFirst()
        .map { $0.flattened() } ?? []
    }
  }
}
