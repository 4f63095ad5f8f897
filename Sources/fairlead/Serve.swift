import ControlPlane
import Flags

/// `fairlead serve`: the control plane itself, until SIGTERM.
enum ServeCommand {
  static let command = Command<ServeOptions>(
    "serve", "Follows resources and serves them to Envoys over xDS, until it is told to stop",
    synopsis: "[--config PATH | --kubeconfig FILE] [flags]",
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
        "--virtual-hosts",
        "gateways that can (Envoy 1.40 and later, delta) are sent each virtual\n"
          + "host by itself: an edit of one of 50,000 is sent alone",
        turnsOn: \.sendsVirtualHosts),
      Flag(
        "--io-threads", "N",
        "threads for the sockets of Envoys; one fewer than there are processors,\n8 at most, "
          + "unless given",
        sets: \.ioThreads),
      Flag(
        "--max-connection-age", "DURATION",
        "ask connections this old to come again, to whichever replica; 30m\nunless given, 0 for never",
        sets: \.connectionAge),
      Flag(
        "--audit-interval", "DURATION",
        "how long after an audit of all that is computed the next one begins,\n"
          + "each with at most a hundredth of one processor; 30m unless given, 0 for none",
        sets: \.auditInterval),
      Flag(
        "--connection-share", "N",
        "connections this replica is meant to carry: above it, the oldest are\nasked to come again, "
          + "few at a time",
        sets: \.connectionShare),
      Flag(
        "--http-address", "ADDRESS",
        "/ready, /metrics and /debug pages; 127.0.0.1:8080 unless given",
        sets: \.httpAddress),
      Flag(
        "--metrics-address", "ADDRESS", "the same pages once more, as istiod has them on :15014",
        sets: \.metricsAddress),
      Flag(
        "--jwks-ca", "FILE",
        "certificates in PEM that servers of jwksUri may prove themselves\nwith, beside the system's",
        sets: \.keyAuthoritiesFile),
      Flag(
        "--log-level", "LEVEL", "debug, info, warning or error; info unless given",
        sets: \.logLevel),
      Flag("--log-format", "text|json", "how log lines look; text unless given", sets: \.logFormat),
      Flag(
        "--kubeconfig", "FILE",
        "follow a Kubernetes API server in place of files; in a pod,\n"
          + "its service account is what counts unless either is given",
        sets: \.cluster.kubeconfig),
      Flag(
        "--context", "NAME", "which of the kubeconfig's contexts; its current one unless given",
        sets: \.cluster.context),
      Flag(
        "--revision", "NAME",
        "read only objects with this istio.io/rev, and those with none;\ndefault unless given",
        sets: \.cluster.revision),
      Flag(
        "--remote-cluster-timeout", "TIME",
        "how long a start waits for another cluster of the mesh; 30s unless given",
        sets: \.cluster.remotePatience),
      Flag(
        "--write-status", "addresses|analysis",
        "write to the cluster's objects, one of all replicas at a time:\n"
          + "virtual addresses of ServiceEntries, what analysis finds",
        addsTo: \.cluster.writtenStatuses),
      .unserved(
        "--secure-xds-address", "ADDRESS", instead: "serve on loopback or a Unix socket"),
    ])

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: ServeOptions()) { options throws(Misuse) in
      try options.checkSource()
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

extension ServeOptions {
  /// There is one place that objects come from.
  fileprivate func checkSource() throws(Misuse) {
    if !mesh.configPaths.isEmpty {
      guard cluster.kubeconfig == nil else {
        throw Misuse("serve follows files or a cluster: --config or --kubeconfig, not both")
      }
      guard cluster.writtenStatuses.isEmpty else {
        throw Misuse("--write-status writes to a cluster, and --config names files")
      }
    } else if cluster.kubeconfig == nil, !isInPod {
      throw Misuse(
        "serve needs something to follow: --config PATH or --kubeconfig FILE")
    }
    guard (1...256).contains(ioThreads) else {
      throw Misuse("--io-threads \(ioThreads): from 1 to 256 can be had")
    }
    if cluster.context != nil, cluster.kubeconfig == nil {
      throw Misuse("--context names one of a kubeconfig: --kubeconfig FILE")
    }
  }
}
