import Compiler
import Incremental
import Mesh
import Resources
import Store
import Testing

@Suite struct ClusterSelectionTests {
  private static let objects: [Resource] = [
    .service(
      ClusterBench.object(
        Service(clusterIP: "10.0.0.1", ports: [.init(port: 80), .init(port: 81)]), "shop", "s")),
    .service(
      ClusterBench.object(
        Service(type: .externalName, externalName: "x.com", ports: [.init(port: 80)]), "shop",
        "alias")),
    .destinationRule(
      ClusterBench.object(
        DestinationRule(host: "s", subsets: [.init(name: "v1")]), "shop", "d")),
    .serviceEntry(
      ClusterBench.object(
        ServiceEntry(
          hosts: ["secure.com"], ports: [.init(number: 443, name: "tls")], resolution: .dns),
        "shop", "e")),
    .destinationRule(
      ClusterBench.object(
        DestinationRule(
          host: "secure.com",
          trafficPolicy: .init(tls: .init(mode: .mutual, credentialName: "client"))),
        "shop", "tls")),
  ]

  private static let host = "s.shop.svc.cluster.local"

  private func names(_ compiler: ClusterCompiler, _ bench: ClusterBench) -> [String] {
    compiler.clusters.names(bench.proxies).map(compiler.clusters.text)
  }

  @Test func aPortsClusterComesBeforeItsSubsetsAndAnAliasHasNone() {
    let bench = ClusterBench(Self.objects)
    #expect(
      names(bench.compiler, bench) == [
        "outbound|80||\(Self.host)", "outbound|80|v1|\(Self.host)", "outbound|81||\(Self.host)",
        "outbound|81|v1|\(Self.host)", "outbound|443||secure.com", "BlackHoleCluster",
      ])
    #expect(bench.compiler.endpoints.names(bench.proxies).count == 4)
  }

  @Test func whatNothingNamesIsLeftOutAndWhatIsNotThereIsToo() {
    let bench = ClusterBench(Self.objects)
    let compiler = ClusterCompiler(
      bench.model,
      gateways: .referenced { _ in
        [
          .outbound(port: 81, subset: "v1", host: Self.host),
          .outbound(port: 81, subset: "v2", host: Self.host),
          .outbound(port: 82, host: Self.host), .outbound(port: 80, host: "nowhere"),
        ]
      })
    #expect(names(compiler, bench) == ["outbound|81|v1|\(Self.host)", "BlackHoleCluster"])
    #expect(compiler.endpoints.names(bench.proxies).map(\.text) == ["outbound|81|v1|\(Self.host)"])
  }

  @Test func aNameThatNothingAnswersToHasNoClusterAndNoEndpoints() {
    let bench = ClusterBench(Self.objects)
    let key = ResourceKey(bench.proxies, ClusterName.outbound(port: 82, host: Self.host))
    #expect(bench.compiler.clusters.bodies(key) == nil)
    // The name alone: field 1 of a ClusterLoadAssignment.
    let name = [UInt8](key.name.text.utf8)
    #expect(
      bench.compiler.endpoints.bodies(key)?.flattened() == [0x0A, UInt8(name.count)] + name)
  }
}
