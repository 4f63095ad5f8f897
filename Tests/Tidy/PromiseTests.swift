import Testing

/// What the project's texts say about the project.
@Suite struct PromiseTests {
  @Test func nothingTrackedNamesAMachineOrARegistry() {
    let machine =
      #"/(?:work|root|Users)/\w|/home/\w+/\w|\bpypi\.|files\.pythonhosted|ghcr\.io|docker\.io|gcr\.io|"#
      + #"quay\.io|--index-url|--extra-index-url|BEGIN (?:\w+ )?PRIVATE KEY"#
    for file in SourceTree.tracked where !file.path.hasPrefix("Tests/Tidy/") {
      #expect(file.findings(machine) == [])
    }
  }

  /// A flag nobody can read about is a flag nobody has.
  @Test func readmeTellsOfEveryFlagAndVariable() throws {
    let readme = try #require(SourceTree.file("README.md")).text
    for file in SourceTree.sources where file.module == "fairlead" {
      for flag in file.captures(#"Flag\(\s*"(-[-\w]+)""#) {
        #expect(readme.contains("`\(flag)"), "\(flag) of \(file.path)")
      }
    }
    for file in SourceTree.sources {
      for variable in file.captures(#"(?:getenv|environmentVariable)\("(\w+)"\)"#) {
        #expect(readme.contains("`\(variable)`"), "\(variable) of \(file.path)")
      }
    }
  }

  /// .ci/run runs README's commands by reading README, so that none can be shown that fails.
  @Test func ciRunsTheCommandsOfReadme() throws {
    let readme = try #require(SourceTree.file("README.md"))
    let ci = try #require(SourceTree.file(".ci/run")).text
    #expect(ci.contains("scripts/readme.py"))
    #expect(readme.findings("^```(?!sh$|yaml$|text$|$)") == [])
    #expect(readme.findings("^```sh$").count >= 2)
  }

  @Test func everyScriptSaysWhatItIsFor() {
    for file in SourceTree.tracked
    where file.path.hasPrefix("scripts/")
      && (file.name.hasSuffix(".py") || file.name.hasSuffix(".sh"))
    {
      let opening = file.lines.prefix(2)
      #expect(
        opening.contains { $0.hasPrefix("# ") || $0.hasPrefix("\"\"\"") }, "\(file.path)")
    }
  }
}
