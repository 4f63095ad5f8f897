import Foundation
import Testing

/// What is deployed: the chart and the manifests, and the image's files.
@Suite struct DeployTests {
  @Test func theChartIsWhatKubernetesAndEnvoyTake() throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/chart.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, Installed.envoy.path])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
  }

  /// The image has no shell and no library but the binary's own: what is missing shows at the start.
  @Test func theImageHasWhatTheBinaryNeeds() throws {
    let folder = try TemporaryFolder()
    let root = folder.url.appending(path: "root").path
    let script = Installed.root.appending(path: "scripts/image-root.sh").path
    let made = try Run(URL(filePath: script), [Installed.fairlead.path, root])
    #expect(made.status == 0, "\(made.complaints)")
    #expect(!FileManager.default.fileExists(atPath: root + "/bin/sh"))
    let mesh = Installed.root.appending(path: "deploy/examples/bookinfo").path
    try FileManager.default.copyItem(atPath: mesh, toPath: root + "/mesh")
    let inside = try Run(
      URL(filePath: "/usr/bin/unshare"),
      [
        "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc=\(root)/proc", "chroot",
        root,
        "/fairlead", "check", "/mesh",
      ])
    #expect(inside.status == 0, "\(inside.output)\(inside.complaints)")
  }
}
