import Testing

/// The example through a real Envoy: plain, HTTPS, weights, a rule edited, a file broken and mended.
@Suite struct DemoTests {
  @Test(arguments: [["--ads", "delta"], ["--ads", "sotw"], ["--ads", "delta", "--unix"]])
  func theExampleAnswersAsItsRulesSay(flags: [String]) throws {
    let script = Installed.root.appending(path: "scripts/demo.py").path
    let run = try Run(
      Installed.python, [script, "--check", "--binary", Installed.fairlead.path] + flags)
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }
}
