import Testing

/// Virtual hosts one by one, through a real Envoy: new, changed, moved, gone, and after a restart.
@Suite struct VirtualHostTests {
  @Test func whatIsEditedIsRightAtOnceAndSentAlone() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/virtual_hosts.py").path
    let run = try Run(
      Installed.python, [script, Installed.fairlead.path, Installed.envoy.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
