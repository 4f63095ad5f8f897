import Testing

/// The executable as its users type it.
@Suite struct CommandLineTests {
  private func fairlead(_ arguments: String...) throws -> Run {
    try Run(Installed.fairlead, arguments)
  }

  @Test(arguments: ["serve", "check", "render", "bootstrap", "version"])
  func helpHasAnExampleAndGoesToTheOutput(command: String) throws {
    let help = try fairlead(command, "--help")
    #expect(help.status == 0)
    #expect(help.complaints == "")
    #expect(help.output.contains("  fairlead \(command)"))
    #expect(help.output.contains("Example"))
    #expect(try fairlead("help", command).output == help.output)
  }

  @Test func everyCommandIsListed() throws {
    let help = try fairlead("--help")
    #expect(help.status == 0)
    for command in ["serve", "check", "render", "bootstrap", "version"] {
      #expect(help.output.contains("\n  \(command) "))
    }
    let bare = try fairlead()
    #expect(bare.status == 2)
    #expect(bare.complaints == help.output)
  }

  @Test(arguments: [
    (["serv"], "fairlead: there is no command serv; did you mean serve?"),
    (["serve", "--confg", "x"], "fairlead serve has no flag --confg; did you mean --config?"),
    (["serve"], "fairlead serve needs something to follow: --config PATH or --kubeconfig FILE"),
    (
      ["serve", "--config", "x", "--gateway-clusters", "al"],
      "fairlead --gateway-clusters \"al\" is not one of referenced, all; did you mean all?"
    ),
    (
      ["serve", "--config", "x", "--xds-address", "15010"],
      "fairlead --xds-address \"15010\" is not HOST:PORT or unix:PATH"
    ),
    (["check"], "fairlead check needs something to read: PATH…"),
    (["check", "-o", "yaml", "x"], "fairlead -o \"yaml\" is not one of text, json"),
    (
      ["render", "--config", "x"],
      "fairlead render needs to know for whom: --proxy FILE or --proxy ID"
    ),
    (
      ["bootstrap", "--labels", "gateway"],
      "fairlead --labels \"gateway\" is not KEY=VALUE"
    ),
    (
      ["bootstrap", "--xds-address", "127.0.0.1:0"],
      "fairlead --xds-address 127.0.0.1:0 has no port to connect to"
    ),
  ])
  func aSlipIsStatus2AndNamesWhatIsRight(words: [String], sentence: String) throws {
    let run = try Run(Installed.fairlead, words)
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.complaints.hasPrefix(sentence + "\n"), "\(run.complaints)")
  }

  @Test func versionIsOneLine() throws {
    let run = try fairlead("version")
    #expect(run.status == 0)
    #expect(run.output.wholeMatch(of: /fairlead \d+\.\d+\.\d+\n/) != nil)
    #expect(try fairlead("--version").output == run.output)
  }
}
