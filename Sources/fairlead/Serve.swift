import ControlPlane
import Flags

/// `fairlead serve`: the control plane itself, until SIGTERM.
enum ServeCommand {
  static let command = Command<ServeOptions>(
    "serve", "Follows resources and serves them to Envoys over xDS, until it is told to stop",
    synopsis: "--config PATH [flags]",
    examples: [
      "--config deploy/examples/bookinfo",
      "--config mesh/ --mesh-config mesh.yaml --xds-address unix:/run/fairlead.sock",
    ],
    flags: meshFlags() + [
      Flag(
        "--xds-address", "ADDRESS",
        "where Envoys connect, in plaintext: HOST:PORT or unix:PATH;\n"
          + "127.0.0.1:15010 unless given, port 0 for any free one",
        sets: \.xdsAddress),
      Flag(
        "--http-address", "ADDRESS",
        "/ready, /metrics and /debug pages; 127.0.0.1:8080 unless given",
        sets: \.httpAddress),
      Flag(
        "--metrics-address", "ADDRESS", "the same pages once more, as istiod has them on :15014",
        sets: \.metricsAddress),
      Flag(
        "--log-level", "LEVEL", "debug, info, warning or error; info unless given",
        sets: \.logLevel),
      Flag("--log-format", "text|json", "how log lines look; text unless given", sets: \.logFormat),
      .unserved("--kubeconfig", "FILE", instead: "give files or directories with --config"),
      .unserved("--context", "NAME", instead: "give files or directories with --config"),
      .unserved(
        "--secure-xds-address", "ADDRESS", instead: "serve on loopback or a Unix socket"),
    ])

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: ServeOptions()) { options throws(Misuse) in
      guard !options.mesh.configPaths.isEmpty else {
        throw Misuse("serve needs something to follow: --config PATH")
      }
      do throws(Daemon.Failure) {
        try Daemon(options).run()
        return .success
      } catch {
        Terminal.complain("fairlead: \(error)\n")
        return .failure
      }
    }
  }
}
