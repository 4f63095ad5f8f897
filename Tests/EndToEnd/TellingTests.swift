import Testing

/// Logs, traces and extensions of a real Envoy, as edits have it.
@Suite struct TellingTests {
  @Test func aGatewayLogsTracesAndIsExtendedAsItIsTold() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/landing/telling.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
