import Foundation
import Testing

/// `fairlead render` against the server it stands in for.
@Suite struct RenderTests {
  private func render(_ more: String...) throws -> Run {
    try Run(
      Installed.fairlead,
      ["render", "--config", "deploy/examples/bookinfo", "--proxy", Serving.gateway] + more)
  }

  @Test func itPrintsWhatServeSends() throws {
    let folder = try TemporaryFolder()
    let serving = try Serving()
    let offline = try Run(
      Installed.fairlead,
      [
        "render", "--config", serving.folder.url.path, "--proxy", proxies(in: folder), "-o", "dump",
      ])
    #expect(offline.status == 0, "\(offline.complaints)")
    let rendered = try #require(
      try JSONSerialization.jsonObject(with: Data(offline.output.utf8))
        as? [String: [String: [String: String]]])
    let sent = try #require(
      try JSONSerialization.jsonObject(with: Data(serving.resources().utf8))
        as? [String: [String: String]])
    #expect(sent["routes"]?.isEmpty == false && sent["endpoints"]?.isEmpty == false)
    for (kind, resources) in sent {
      #expect(
        rendered[kind]?.mapValues { $0["b64"] } == resources.mapValues(Optional.init), "\(kind)")
    }
  }

  @Test func aTypeIsPrintedAlone() throws {
    let run = try render("--type", "routes")
    #expect(run.status == 0, "\(run.complaints)")
    #expect(run.output.contains("name: http.10080"))
    #expect(!run.output.contains("0.0.0.0_10080"))
    let json = try render("--type", "routes", "-o", "json")
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.output.utf8)) }
  }

  @Test func aProxyMayBeDescribedByAFile() throws {
    let folder = try TemporaryFolder()
    let byFile = try Run(
      Installed.fairlead,
      [
        "render", "--config", "deploy/examples/bookinfo", "--proxy", proxies(in: folder), "--type",
        "listeners",
      ])
    #expect(byFile.status == 0, "\(byFile.complaints)")
    #expect(byFile.output.contains("0.0.0.0_10080"))
  }

  /// The gateway as the online client calls itself.
  private func proxies(in folder: TemporaryFolder) throws -> String {
    try folder.write(
      """
      - name: ingress
        id: \(Serving.gateway)
        type: router
        metadata: \(Serving.metadata)
      """, as: "proxies.yaml")
  }
}
