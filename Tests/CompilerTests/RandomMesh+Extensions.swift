import Resources

extension RandomMesh {
  mutating func telemetry() -> Telemetry {
    Telemetry(
      attachment: attachment(),
      metrics: [
        .init(
          providers: pick([[], ["prometheus"]]),
          overrides: [
            .init(
              metric: pick([.standard(.all), .standard(.requestCount), .custom("own")]),
              mode: pick(Telemetry.WorkloadMode.allCases), disabled: pick([nil, true, false]),
              tags: [.init(name: "t", value: pick([.remove, .upsert("1")]))])
          ])
      ],
      tracing: [
        .init(
          mode: pick(Telemetry.WorkloadMode.allCases), providers: pick([[], ["envoy"]]),
          disableSpanReporting: pick([nil, true]))
      ],
      accessLogging: [
        .init(
          mode: pick(Telemetry.WorkloadMode.allCases), providers: pick([[], ["envoy"]]),
          disabled: chance(3), filter: pick([nil, "response.code > 400"]))
      ])
  }

  mutating func trafficExtension(_ program: TrafficExtension.Program) -> TrafficExtension {
    TrafficExtension(
      attachment: attachment(), phase: pick(TrafficExtension.Phase.allCases),
      priority: pick([nil, 1, 2]),
      match: pick([[], [.init(mode: .client, ports: [80])], [.init(mode: .server)]]),
      program: program)
  }

  mutating func module() -> WasmModule {
    WasmModule(
      source: pick([.file(path: "/a"), .image(url: "oci://a/b")]),
      imagePullSecret: pick([nil, "a"]), configuration: pick([nil, "{}"]),
      failStrategy: pick(WasmModule.FailStrategy.allCases),
      type: pick(WasmModule.PluginType.allCases))
  }

  private mutating func attachment() -> PolicyAttachment {
    PolicyAttachment(selector: pick([nil, ["istio": "ingressgateway"], ["istio": "other"]]))
  }
}
