import Testing

/// HTTP/3 through a real Envoy, asked by another implementation of QUIC.
@Suite struct QUICTests {
  @Test func theHostAnswersOverUDPAsOverTCP() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/quic.py").path
    let run = try Run(
      Installed.python, [script, Installed.fairlead.path, Installed.envoy.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
