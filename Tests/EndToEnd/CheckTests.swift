import Foundation
import Testing

/// `fairlead check`, as people and as programs read it.
@Suite struct CheckTests {
  @Test func theExampleHasNothingWrong() throws {
    let run = try Run(Installed.fairlead, ["check", "deploy/examples/bookinfo"])
    #expect(run.status == 0)
    #expect(run.output == "" && run.complaints == "", "\(run.output)\(run.complaints)")
    let json = try Run(Installed.fairlead, ["check", "-o", "json", "deploy/examples/bookinfo"])
    #expect(json.output == "[]\n")
  }

  @Test func programsGetIstioctlsFields() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      BadFile.virtualService("cart").replacing("[cart.example.com]", with: "{a: 1}"), as: "a.yaml")
    let run = try Run(Installed.fairlead, ["check", "-o", "json", file])
    #expect(run.status == 1)
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: String]])
    let message = try #require(list.first)
    #expect(Set(message.keys) == ["code", "level", "origin", "message", "reference"])
    #expect(message["level"] == "Error")
    #expect(message["origin"] == "VirtualService default/cart")
    #expect(message["reference"] == "\(file):6")
  }

  @Test func aTerminalShowsColoursAndNothingElseDoes() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("{ unclosed: [", as: "a.yaml")
    let escape = "\u{1B}["
    let plain = try Run(Installed.fairlead, ["check", file], environment: ["TERM": "xterm"])
    #expect(!plain.output.contains(escape))
    // script(1) gives its command a terminal.
    let typed = ["-qec", "\(Installed.fairlead.path) check \(file)", "/dev/null"]
    let script = URL(filePath: "/usr/bin/script")
    let shown = try Run(script, typed, environment: ["TERM": "xterm", "NO_COLOR": ""])
    #expect(shown.output.contains(escape), "\(shown.output)")
    let unwanted = try Run(script, typed, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    #expect(!unwanted.output.contains(escape))
    #expect(unwanted.status == 1)
  }

  @Test func aPathThatIsNotThereIsNamed() throws {
    let run = try Run(Installed.fairlead, ["check", "no/such/folder"])
    #expect(run.status == 1)
    #expect((run.output + run.complaints).contains("no/such/folder"))
  }
}
