import Testing

/// Where requests land through a real Envoy. Tests/EndToEnd/Python/landing/README.md says what a case is.
@Suite struct LandingTests {
  @Test func requestsOfTheCasesLandWhereTheyShould() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/landing/cases.py").path
    let cases = Installed.root.appending(path: "Tests/CompilerTests/Cases").path
    let run = try Run(Installed.python, [script, "--binary", Installed.fairlead.path, cases])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }

  /// curl, one HTTP/2 connection, two servers with one certificate.
  @Test func aRequestForAnotherServersHostIsAnswered421() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/landing/misdirected.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
