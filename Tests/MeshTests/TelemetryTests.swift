import Mesh
import Resources
import Store
import Testing

/// What Telemetries say of each side of a proxy's traffic.
@Suite struct TelemetryTests {
  private static func telemetry(
    _ namespace: String, _ name: String, created: Int64 = 0, _ telemetry: Telemetry
  ) -> Resource {
    .telemetry(
      ServiceBench.object(telemetry, ServiceBench.meta(namespace, name, created: created)))
  }

  private static let selected = PolicyAttachment(selector: ["role": "edge"])

  private func applied(
    _ telemetries: [Resource], _ side: AppliedTelemetry.Side,
    _ defaults: MeshConfig.DefaultProviders = .init(
      tracing: ["spans"], metrics: ["prometheus"], accessLogging: ["envoy"])
  ) -> AppliedTelemetry {
    let bench = ServiceBench(telemetries)
    var mesh = MeshConfig()
    mesh.defaultProviders = defaults
    bench.store.set(meshConfig: mesh)
    return bench.model.policies.telemetry.applied(.init(bench.proxies(), side))
  }

  @Test func whereNobodySaysAnythingTheMeshsDefaultsHold() {
    let applied = applied([], .server)
    #expect(applied.accessLogs.map(\.provider) == ["envoy"])
    #expect(applied.metrics.map(\.provider) == ["prometheus"])
    #expect(applied.tracing?.provider == "spans")
    let nothing = self.applied([], .server, .init())
    #expect(nothing.accessLogs.isEmpty && nothing.metrics.isEmpty && nothing.tracing == nil)
  }

  @Test func aSideIsToldWhatIsForIt() {
    let telemetries = [
      Self.telemetry(
        "edge", "t",
        Telemetry(
          attachment: Self.selected,
          metrics: [
            .init(overrides: [
              .init(mode: .server, disabled: true),
              .init(metric: .standard(.requestCount), mode: .client, disabled: true),
            ])
          ],
          tracing: [.init(mode: .server, disableSpanReporting: true)],
          accessLogging: [
            .init(mode: .client, disabled: true),
            .init(mode: .server, providers: ["lines"], filter: "a"),
          ]))
    ]
    let (client, server) = (applied(telemetries, .client), applied(telemetries, .server))
    #expect(client.metrics.map { $0.overrides.map(\.disabled) } == [[true]])
    #expect(server.metrics.isEmpty)
    #expect(client.tracing?.disabled == false && server.tracing?.disabled == true)
    #expect(client.accessLogs == [.init(provider: "envoy", disabled: true, filter: nil)])
    #expect(server.accessLogs == [.init(provider: "lines", disabled: false, filter: "a")])
  }

  @Test func metricsThatAreSpokenOfAgainAreBack() {
    let off = Self.telemetry(
      "istio-system", "off", Telemetry(metrics: [.init(overrides: [.init(disabled: true)])]))
    #expect(applied([off], .client).metrics.isEmpty)
    let again = Self.telemetry(
      "edge", "again",
      Telemetry(metrics: [.init(overrides: [.init(metric: .custom("x"), mode: .client)])]))
    #expect(
      applied([off, again], .client).metrics.map { $0.overrides.map(\.metric) } == [
        [.custom("x")]
      ])
    #expect(applied([off, again], .server).metrics.isEmpty)
  }

  @Test func theOldestOfANamespaceCountsAndAllOfAWorkload() {
    func logs(_ provider: String) -> [Telemetry.AccessLogging] { [.init(providers: [provider])] }
    let telemetries = [
      Self.telemetry("edge", "b", created: 2, Telemetry(accessLogging: logs("younger"))),
      Self.telemetry("edge", "c", created: 1, Telemetry(accessLogging: logs("older"))),
      Self.telemetry(
        "istio-system", "elsewhere",
        Telemetry(attachment: Self.selected, accessLogging: logs("elsewhere"))),
    ]
    #expect(applied(telemetries, .client).accessLogs.map(\.provider) == ["older"])
    let ofWorkload = ["first", "last"].enumerated().map { index, name in
      Self.telemetry(
        "edge", name, created: Int64(10 + index),
        Telemetry(attachment: Self.selected, accessLogging: logs(name)))
    }
    #expect(
      applied(telemetries + ofWorkload.reversed(), .client).accessLogs.map(\.provider) == ["last"])
  }
}
