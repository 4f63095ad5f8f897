import Compiler
import Diagnostics
import Documents
import Foundation
import Incremental
import Mesh
import Resources
import Segments
import Store
import TestSupport
import Testing

/// A mesh with EnvoyFilters, and all that a gateway of namespace `istio-system` is sent.
private struct PatchBench {
  let store = ObjectStore(Graph())
  let model: MeshModel
  let compilation: Compilation

  init(_ resources: [Resource] = [], sendsAllClusters: Bool = true) {
    model = MeshModel(store, options: MeshModel.Options())
    compilation = Compilation(model, sendsAllClusters: sendsAllClusters)
    for resource in resources { store.put(resource) }
  }

  var proxies: ProxyClass {
    let node = ProxyNode(
      type: .router, id: "edge-1.istio-system", ipAddresses: ["10.0.0.9"],
      dnsDomain: "istio-system.svc.cluster.local", configNamespace: "istio-system",
      istioVersion: IstioVersion(major: 1, minor: 31, patch: 0),
      metadata: NodeMetadata(
        labels: ["istio": "ingressgateway"],
        raw: ["ISTIO_VERSION": "1.31.0", "TIER": "gold"]))
    return model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
  }

  /// The bytes of everything, by type and name.
  var all: [String: [UInt8]] {
    var all: [String: [UInt8]] = [:]
    func take<Name>(_ type: String, _ table: ResourceTable<Name>) {
      let names = table.names(proxies)
      for name in names {
        all["\(type) \(table.text(name))"] =
          table.bodies(ResourceKey(proxies, name))?.flattened()
      }
      #expect(Set(names.map(table.text)).count == names.count, "each name is there once")
    }
    take("listener", compilation.listeners)
    take("route", compilation.routes)
    take("cluster", compilation.clusters)
    return all
  }

  /// How often each function was computed for a change and for reading all that is sent.
  func recomputed(_ change: () throws -> Void) rethrows -> [String: Int] {
    let before = store.graph.computed
    try change()
    _ = all
    return store.graph.computed.map { ($0.key, $0.value - before[$0.key, default: 0]) }
      .filter { $0.1 > 0 }.reduce(into: [:]) { $0[$1.0] = $1.1 }
  }
}

@Suite struct EnvoyFilterTests {
  /// The objects of the golden cases that are about EnvoyFilters.
  private static let resources: [Resource] = {
    let cases = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cases.path)) ?? []
    return names.filter { $0.hasPrefix("envoy-filter-") }.sorted().flatMap { name -> [Resource] in
      let file = cases.appending(path: name).appending(path: "in.yaml")
      guard let text = try? Data(contentsOf: file) else { return [] }
      return ParsedFile(Array(text), path: name).documents.compactMap {
        if case .accepted(let resource) = decode($0).outcome { resource } else { nil }
      }
    }
  }()

  private static let filters: [Object<EnvoyFilter>] = resources.compactMap {
    if case .envoyFilter(let filter) = $0 { filter } else { nil }
  }

  private static func filter(
    _ name: String, _ patches: [EnvoyFilter.Patch], priority: Int = 0
  ) -> Resource {
    .envoyFilter(
      Object(
        metadata: ObjectMeta(name: name, namespace: "istio-system"),
        spec: EnvoyFilter(priority: priority, patches: patches),
        place: Place(file: "t", line: 1, column: 1)))
  }

  private static func accepted(_ text: String) throws -> [Resource] {
    let file = ParsedFile(Array(text.utf8), path: "t.yaml")
    return try file.documents.map { document in
      let decoded = decode(document)
      guard case .accepted(let resource) = decoded.outcome else {
        throw GoldenError.incomplete("\(decoded.diagnostics.map(\.problem))")
      }
      return resource
    }
  }

  /// Patches come and go between edits of everything else, in any order; what is sent must not
  /// remember how it got there.
  @Test(arguments: UInt64(0)..<15) func oneEditAtATimeEqualsStartingOver(seed: UInt64) {
    let pool = Self.filters.flatMap(\.spec.patches)
    #expect(pool.count > 80)
    var random = SeededRandom(seed: seed)
    var mesh = RandomMesh(seed: seed)
    var objects: [String: Resource] = [:]
    let incremental = PatchBench()
    for resource in Self.resources where resource.name.kind != "EnvoyFilter" {
      objects[resource.name.path] = resource
      incremental.store.put(resource)
    }
    for step in 1...25 {
      mesh.edit().apply(to: incremental.store)
      if step % 2 == 0 {
        let name = ["x", "y", "z"].randomElement(using: &random)!
        let patches = (0..<Int.random(in: 0...12, using: &random)).map { _ in
          pool.randomElement(using: &random)!
        }
        let filter = Self.filter(
          name, patches, priority: Int.random(in: -1...1, using: &random))
        objects[filter.name.path] = patches.isEmpty ? nil : filter
        if patches.isEmpty {
          incremental.store.remove(
            .envoyFilter, NamespacedName(namespace: "istio-system", name: name))
        } else {
          incremental.store.put(filter)
        }
      }
      if step % 3 == 0 { continue }
      let again = PatchBench(
        mesh.shuffled() + objects.values.sorted { $0.name.path < $1.name.path })
      // Compared here and not in the expectation, which would print the bytes.
      let isEqual = incremental.all == again.all
      #expect(isEqual, "seed \(seed), step \(step)")
      if step % 5 == 0 { incremental.store.graph.settle() }
    }
  }

  private static func mesh(_ size: Int, edited: Int? = nil) throws -> [Resource] {
    let servers = (0..<size).map { number in
      """
        - port: {number: 443, name: p\(number), protocol: HTTPS}
          hosts: [\(number == edited ? "new" : "h")\(number).example.com]
          tls: {mode: SIMPLE, credentialName: c\(number)}
      """
    }
    let gateway = """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: gw, namespace: istio-system}
      spec:
        selector: {istio: ingressgateway}
        servers:
        - port: {number: 80, name: http, protocol: HTTP}
          hosts: ['*']
      \(servers.joined(separator: "\n"))
      """
    let routes = try (0..<size).map { try virtualService($0, path: "/") }
    return try accepted(gateway) + routes
  }

  private static func virtualService(_ number: Int, path: String) throws -> Resource {
    try accepted(
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: v\(number), namespace: shop}
      spec:
        hosts: [h\(number).example.com]
        gateways: [istio-system/gw]
        http:
        - match: [{uri: {prefix: \(path)}}]
          route: [{destination: {host: s, port: {number: 80}}}]
      """)[0]
  }

  @Test func aMeshWithoutEnvoyFiltersPaysNothing() throws {
    let bench = PatchBench(try Self.mesh(20))
    _ = bench.all
    for name in bench.store.graph.computed.keys.sorted() {
      #expect(!name.hasPrefix("patched") && name != "assembledListener", "\(name)")
    }
    // Patches of another type make nothing again.
    let counts = try bench.recomputed {
      bench.store.put(
        try Self.accepted(
          """
          apiVersion: networking.istio.io/v1alpha3
          kind: EnvoyFilter
          metadata: {name: late, namespace: istio-system}
          spec:
            configPatches:
            - applyTo: BOOTSTRAP
              patch: {operation: MERGE, value: {}}
          """)[0])
    }
    #expect(counts.values.reduce(0, +) < 20, "\(counts)")
  }

  @Test func anEditedRouteOrServerIsPatchedAgainAndNoOther() throws {
    let size = 200
    let bench = PatchBench(try Self.mesh(size))
    bench.store.put(
      try Self.accepted(
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: headers, namespace: istio-system}
        spec:
          configPatches:
          - applyTo: HTTP_ROUTE
            match: {context: GATEWAY}
            patch:
              operation: MERGE
              value: {response_headers_to_remove: [server]}
          - applyTo: FILTER_CHAIN
            match: {context: GATEWAY}
            patch:
              operation: MERGE
              value: {transport_socket_connect_timeout: 3s}
        """)[0])
    _ = bench.all
    let route = try bench.recomputed {
      bench.store.put(try Self.virtualService(7, path: "/new"))
    }
    #expect(route["patchedVirtualHost"] == 2, "of port 80 and of its own")
    #expect(route["patchedFilterChain"] == nil && route["assembledListener"] == nil)
    #expect(route.values.reduce(0, +) < 30, "\(route)")
    let server = try bench.recomputed {
      bench.store.put(try Self.mesh(size, edited: 7)[0])
    }
    #expect(server["patchedFilterChain"] == 1)
    #expect(server["assembledListener"] == 1)
  }

  private static let mentioning = """
    apiVersion: v1
    kind: Service
    metadata: {name: limits, namespace: shop}
    spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: other, namespace: shop}
    spec: {clusterIP: 10.0.0.2, ports: [{name: http, port: 80}]}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: needed, namespace: shop}
    spec: {clusterIP: 10.0.0.3, ports: [{name: http, port: 80}, {name: tcp, port: 81}]}
    ---
    apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata:
      name: lua
      namespace: istio-system
      annotations:
        envoyfilter.istio.io/referenced-services: shop/needed.shop.svc.cluster.local,x/other.shop.svc.cluster.local
    spec:
      configPatches:
      - applyTo: HTTP_FILTER
        match: {context: GATEWAY}
        patch:
          operation: INSERT_FIRST
          value:
            name: lua
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
              default_source_code:
                inline_string: |
                  h:httpCall("outbound|80||limits.shop.svc.cluster.local", {})
      - applyTo: EXTENSION_CONFIG
        match: {context: SIDECAR_INBOUND}
        patch:
          operation: ADD
          value:
            name: by-name
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer
              max_request_bytes: 5
      - applyTo: EXTENSION_CONFIG
        patch:
          operation: MERGE
          value: {name: never, typed_config: {}}
      - applyTo: CLUSTER
        match: {context: GATEWAY}
        patch:
          operation: ADD
          value:
            name: own
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                common_tls_context:
                  tls_certificate_sds_secret_configs:
                  - name: kubernetes://client
                  - name: kubernetes://elsewhere/client
    """

  /// A patch for any context is one for gateways where there is a gateway, and for no other proxy.
  @Test func sidecarsAreAddedNothingOfGateways() throws {
    let bench = PatchBench(
      try Self.accepted(
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: any, namespace: istio-system}
        spec:
          configPatches:
          - applyTo: LISTENER
            patch: {operation: ADD, value: {name: added}}
        """))
    let listeners = bench.compilation.listeners
    #expect(listeners.names(bench.proxies).map(\.text) == ["added"])
    let node = ProxyNode(
      type: .sidecar, id: "app-1.istio-system", ipAddresses: ["10.0.0.8"],
      dnsDomain: "istio-system.svc.cluster.local", configNamespace: "istio-system",
      metadata: NodeMetadata(raw: [:]))
    let sidecar = bench.model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
    #expect(listeners.names(sidecar).isEmpty)
  }

  @Test func whatPatchesNameIsSent() throws {
    let objects = try Self.accepted(Self.mentioning)
    let bench = PatchBench(objects, sendsAllClusters: false)
    let clusters = bench.compilation.clusters.names(bench.proxies).map(\.text)
    #expect(
      clusters == [
        "outbound|80||limits.shop.svc.cluster.local", "outbound|80||needed.shop.svc.cluster.local",
        "outbound|81||needed.shop.svc.cluster.local", "BlackHoleCluster", "own",
      ])
    #expect(
      bench.compilation.secrets.names(bench.proxies).map(\.text) == ["kubernetes://client"])
    let extensions = bench.compilation.extensions
    #expect(extensions.names(bench.proxies).map(\.text) == ["by-name"])
    let config = extensions.bodies(ResourceKey(bench.proxies, .fixed("by-name")))
    #expect(config.map { $0.count > "by-name".utf8.count } == true)
  }
}
