import Compiler
import Mesh
import Resources
import Store
import Testing

/// What is computed again after an edit is what the edit touches.
@Suite struct ClusterGranularityTests {
  private static let size = 500

  private static func service(_ number: Int, ports: [Int] = [80]) -> Resource {
    .service(
      ClusterBench.object(
        Service(
          clusterIP: "10.0.0.1", ports: ports.map { .init(name: "http-\($0)", port: $0) }),
        "shop", "s\(number)"))
  }

  private static func slice(_ number: Int, addresses: [String]) -> Resource {
    .endpointSlice(
      ClusterBench.object(
        EndpointSlice(
          endpoints: addresses.map { .init(addresses: [$0]) },
          ports: [.init(name: "http-80", port: 8080)]),
        "shop", "s\(number)-1", labels: ["kubernetes.io/service-name": "s\(number)"]))
  }

  private static func rule(_ number: Int, limit: Int) -> Resource {
    .destinationRule(
      ClusterBench.object(
        DestinationRule(
          host: "s\(number)",
          trafficPolicy: TrafficPolicy(
            connectionPool: .init(http: .init(http2MaxRequests: limit))),
          subsets: [.init(name: "v1", labels: ["version": "v1"])]),
        "shop", "d\(number)"))
  }

  private static func bench() -> ClusterBench {
    let bench = ClusterBench(
      (0..<size).flatMap { number in
        [service(number), slice(number, addresses: ["10.1.0.1"]), rule(number, limit: 1)]
      })
    _ = bench.resources()
    return bench
  }

  /// How often each function was computed for `edit` and for reading all that is served.
  private static func recomputed(
    _ bench: ClusterBench, after edit: () -> Bool
  ) -> [String: Int] {
    let before = bench.store.graph.computed
    #expect(edit())
    _ = bench.resources()
    return bench.store.graph.computed
      .map { ($0.key, $0.value - before[$0.key, default: 0]) }.filter { $0.1 > 0 }
      .reduce(into: [:]) { $0[$1.0] = $1.1 }
  }

  @Test func anEndpointChangesTheAssignmentsOfItsServiceAndNothingElse() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench) {
      bench.store.put(Self.slice(7, addresses: ["10.1.0.1", "10.1.0.2"]))
    }
    #expect(
      counts == [
        "sliceAddresses": 1, "sliceWorkloads": 1, "sliceEndpoints": 1, "endpoints": 1,
        "identities": 1, "assignment": 2,
      ],
      "the main assignment and the subset's")
  }

  @Test func aRulesLimitChangesTheClustersOfItsServiceAndNoList() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench) { bench.store.put(Self.rule(7, limit: 2)) }
    #expect(
      counts == [
        "consolidatedRules": 1, "destinationRules": 1, "service.clusters": 1, "cluster": 2,
        "assignment": 2,
      ])
  }

  @Test func aServicesPortChangesTheListAndItsOwnClusters() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench) { bench.store.put(Self.service(7, ports: [80, 81])) }
    #expect(counts["cluster"] == 4)
    #expect(counts["assignment"] == 4)
    #expect(counts["visibleServices"] == nil)
    #expect(counts["service.clusters"] == 1)
  }

  @Test func aServiceThatComesIsLookedUpByItselfAlone() {
    let bench = Self.bench()
    let counts = Self.recomputed(bench) { bench.store.put(Self.service(Self.size)) }
    #expect(counts["visibleServices"] == 1)
    #expect(counts["service.clusters"] == 1)
    #expect(counts["cluster"] == 1)
    #expect(counts["kubernetesService"] == 1)
  }

  @Test func aMeshSettingThatClustersDoNotReadChangesNone() {
    let bench = Self.bench()
    var mesh = MeshConfig()
    mesh.accessLog.file = "/dev/stdout"
    let unrelated = Self.recomputed(bench) {
      bench.store.set(meshConfig: mesh)
      return true
    }
    #expect(unrelated["cluster"] == nil)
    #expect(unrelated["assignment"] == nil)
    mesh.connectTimeout = .seconds(3)
    let related = Self.recomputed(bench) {
      bench.store.set(meshConfig: mesh)
      return true
    }
    #expect(related["cluster"] == 2 * Self.size + 1)
  }
}
