import Compiler
import Mesh
import Resources
import Store
import Testing

/// Weights and counts as large as a user can write them stop nothing.
@Suite struct EndpointWeightTests {
  @Test func theGreatestWeightsAndManyGatewaysAreServed() {
    let primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53]
    let entry = ServiceEntry(
      hosts: ["x.com"], ports: [.init(number: 80, name: "http")], location: .meshInternal,
      resolution: .static,
      endpoints: primes.map {
        WorkloadEntry(
          address: "10.1.0.\($0)", network: "n\($0)", locality: "r\($0)",
          weight: Int(UInt32.max), serviceAccount: "vm")
      })
    let bench = ClusterBench([
      .serviceEntry(ClusterBench.object(entry, "edge", "e")),
      .destinationRule(
        ClusterBench.object(
          DestinationRule(
            host: "x.com",
            trafficPolicy: .init(
              loadBalancer: .init(
                localityLbSetting: .init(distribute: [
                  .init(from: "*", to: [Named(name: "*", value: Int(UInt32.max))])
                ])))), "edge", "d")),
    ])
    bench.store.set(
      meshNetworks: MeshNetworks(
        networks: primes.map { prime in
          Named(
            name: "n\(prime)",
            value: .init(
              gateways: (0..<prime).map {
                .init(address: .address("10.9.\(prime).\($0)"), port: 15443)
              }))
        }))
    let key = ResourceKey(bench.proxies, ClusterName.outbound(port: 80, host: "x.com"))
    #expect(bench.compiler.endpoints.bodies(key)?.count ?? 0 > 1_000)
  }
}
