import Testing

/// Keys that policies have fetched, from servers that behave and from others.
@Suite struct KeysTests {
  @Test func tokensAreVerifiedWithWhatServersAnswer() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/keys.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, Installed.envoy.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }

  @Test func whatIsSentOfKeysEnvoyCanUse() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/keysets.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, Installed.envoy.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }

  @Test func renderFetchesNothingAndSaysSo() throws {
    let folder = "Tests/CompilerTests/Cases/listener-token-requests"
    let run = try Run(
      Installed.fairlead,
      ["render", "--config", "\(folder)/in.yaml", "--proxy", "\(folder)/proxy.yaml"])
    #expect(run.status == 0)
    #expect(
      run.complaints.contains(
        "RequestAuthentication edge/fetched jwtRules[0]: keys are not fetched here"))
    #expect(run.output.contains("0xObjM0UvS_oaazjpEYl"))
  }
}
