import Testing

/// Where requests land through a real Envoy. Tests/EndToEnd/Python/landing/README.md says what a case is.
@Suite struct LandingTests {
  @Test func requestsOfTheCasesLandWhereTheyShould() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/landing/cases.py").path
    let cases = Installed.root.appending(path: "Tests/CompilerTests/Cases").path
    let run = try Run(Installed.python, [script, "--binary", Installed.fairlead.path, cases])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }

  /// misdirected.py: curl, one HTTP/2 connection, two servers with one certificate.
  /// rotation.py: a long request while its gateway's certificate is replaced.
  /// secrets_by_sds.py: certificates and authorities of every kind of Secret.
  /// accepted.py: one random mesh after the other, none of which an Envoy refuses; FAIRLEAD_SEEDS says how many.
  @Test(arguments: ["misdirected.py", "rotation.py", "secrets_by_sds.py", "accepted.py"])
  func whatClientsSeeIsAsTheScriptSays(script: String) throws {
    let path = Installed.root.appending(path: "Tests/EndToEnd/Python/landing/\(script)").path
    let run = try Run(Installed.python, [path, Installed.fairlead.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
