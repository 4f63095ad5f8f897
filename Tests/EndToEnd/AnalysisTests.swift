import Foundation
import Testing

/// What a user reads about a mesh: the same from `check`, from the page of a server, and in its log.
///
/// Cases/NAME: in.yaml; expected.json, everything there is to say; istioctl.json, what of it istioctl's
/// analyze says of the same file.
@Suite struct AnalysisTests {
  static let cases = Installed.root.appending(path: "Tests/EndToEnd/Cases/analysis")
  static let updates = ProcessInfo.processInfo.environment["FAIRLEAD_UPDATE_GOLDENS"] == "1"

  @Test func checkAndPageAndLogSayTheSame() throws {
    let mesh = try String(contentsOf: Self.cases.appending(path: "in.yaml"), encoding: .utf8)
    let folder = try TemporaryFolder()
    let file = try folder.write(mesh, as: "in.yaml")
    let check = try Run(Installed.fairlead, ["check", "-o", "json", file])
    #expect(check.status == 1)
    let everything = check.output.replacing("\(folder.url.path)/", with: "")
    try expect(everything, "expected.json")

    let serving = try Serving(on: file)
    #expect(try serving.page("/debug/analysis?show=all") + "\n" == check.output)
    let page = try serving.page("/debug/analysis")
    try expect(page.replacing("\(folder.url.path)/", with: "") + "\n", "istioctl.json")
    // What is wrong in an object was logged as it was read, before the server listened.
    _ = try serving.logLine(containing: "there is no Gateway edge/gone")
    #expect(serving.stop() == 0)
  }

  private func expect(_ found: String, _ name: String) throws {
    let url = Self.cases.appending(path: name)
    if Self.updates { try found.write(to: url, atomically: true, encoding: .utf8) }
    #expect(found == (try String(contentsOf: url, encoding: .utf8)), "\(name)")
  }
}
