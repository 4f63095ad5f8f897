import Testing

/// Several I/O threads, asked by gRPC's own client.
@Suite struct ThreadsTests {
  @Test(arguments: ["tcp", "unix"]) func clientsOfAllThreadsAreServedAlikeAndLeaveNothing(
    over kind: String
  ) throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/threads.py").path
    let example = Installed.root.appending(path: "deploy/examples/bookinfo").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, example, kind])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }

  @Test func aGatewayThatHasNothingIsServedBeforeACrowdThatHas() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/admission.py").path
    let example = Installed.root.appending(path: "deploy/examples/bookinfo").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, example])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
