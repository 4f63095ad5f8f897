import Compiler
import Mesh
import Resources
import Store
import Testing

/// What rules say that the published messages, and so the goldens, have no word for.
@Suite struct ClusterPolicyTests {
  /// The bytes that istiod sends for the same budget: 5 %, three retries, counted for ten seconds.
  @Test func aRetryBudgetSaysHowLongItCounts() throws {
    let istiods: [UInt8] =
      [0x0a, 0x09, 0x09, 0, 0, 0, 0, 0, 0, 0x14, 0x40]
      + [0x12, 0x02, 0x08, 0x03, 0x1a, 0x02, 0x08, 0x0a]
    let bench = ClusterBench([
      .serviceEntry(
        ClusterBench.object(
          ServiceEntry(
            hosts: ["x.com"], ports: [.init(number: 80, name: "http")], resolution: .dns),
          "edge", "e")),
      .destinationRule(
        ClusterBench.object(
          DestinationRule(
            host: "x.com",
            trafficPolicy: .init(
              retryBudget: .init(percent: 5, budgetInterval: .seconds(10)))), "edge", "d")),
    ])
    let cluster = try #require(bench.resources()["cluster outbound|80||x.com"])
    #expect(cluster.split(separator: istiods, maxSplits: 1).count == 2)
  }
}
