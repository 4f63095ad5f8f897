import ControlPlane
import Flags

/// `fairlead render`: what a proxy would be sent, without a server.
enum RenderCommand {
  static let command = Command<RenderOptions>(
    "render", "Prints what a proxy would be sent, without serving it",
    synopsis: "--config PATH --proxy FILE|ID [flags]",
    examples: [
      "--config deploy/examples/bookinfo --proxy "
        + "router~127.16.0.1~istio-ingressgateway-1.istio-system~istio-system.svc.cluster.local"
    ],
    flags: meshFlags() + [
      Flag(
        "--proxy", "FILE|ID",
        "whom it is for: a YAML file of proxies (id, metadata), or a\nnode's id",
        sets: \.proxy),
      Flag(
        "--type", "TYPE",
        "clusters, endpoints, listeners, routes, secrets or extensions; all\nunless given, may be repeated",
        addsTo: \.types),
      Flag(
        "-o", "yaml|json|dump", "how to print: dump is names, type URLs and bytes as base64",
        sets: \.format),
    ])

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: RenderOptions()) { options throws(Misuse) in
      guard !options.mesh.configPaths.isEmpty else {
        throw Misuse("render needs something to read: --config PATH")
      }
      guard options.proxy != nil else {
        throw Misuse("render needs to know for whom: --proxy FILE or --proxy ID")
      }
      do throws(RenderedProxies.Failure) {
        let rendered = try RenderedProxies(options)
        for diagnostic in rendered.diagnostics {
          Terminal.complain(diagnostic.text() + "\n")
        }
        switch options.format {
        case .yaml: print(rendered.node.yaml(), terminator: "")
        case .json, .dump: print(rendered.node.json(.indented))
        }
        return .success
      } catch {
        Terminal.complain("fairlead: \(error)\n")
        return .failure
      }
    }
  }
}
