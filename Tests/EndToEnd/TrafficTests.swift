import Testing

/// A real Envoy under load while clusters come and go and Fairlead is restarted.
@Suite struct TrafficTests {
  @Test(arguments: ["delta", "sotw"]) func noRequestNoticesAChange(mode: String) throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/traffic.py").path
    let run = try Run(
      Installed.python, [script, Installed.fairlead.path, Installed.envoy.path, mode])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
