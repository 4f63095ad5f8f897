import Testing

/// What was sent and why, on its page and in the metrics.
@Suite struct PushTests {
  @Test func whatIsSentIsToldWithItsCauseAndWhoeverDoesNotTakeItToo() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/pushes.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
