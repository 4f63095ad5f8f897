import Testing

/// Connections that are asked to come again: for their age, and where there are too many.
@Suite struct GoAwayTests {
  @Test(arguments: ["delta", "sotw", "share"]) func whoIsAskedToComeAgainLosesNothing(
    mode: String
  ) throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/goaway.py").path
    let run = try Run(
      Installed.python, [script, Installed.fairlead.path, Installed.envoy.path, mode])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
