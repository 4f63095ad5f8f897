internal import Delivery
internal import Diagnostics
internal import Documents
internal import HTTPServer
internal import Linux
internal import Resources

/// The pages of the HTTP address: probes, metrics, and what is going on inside, under istiod's paths.
struct DebugPages: Sendable {
  let mailboxes: Mailboxes
  let readiness: Readiness
  let pushes: PushLog

  init(_ mailboxes: Mailboxes, _ readiness: Readiness, _ pushes: PushLog) {
    self.mailboxes = mailboxes
    self.readiness = readiness
    self.pushes = pushes
  }

  var all: [Page] {
    [
      Page("/ready", "200 once the first snapshot of all sources is compiled") { _ in
        ready()
      },
      Page("/healthz", "200 while the process serves") { _ in .text("ok\n") },
      Page("/metrics", "counters and gauges for Prometheus") { _ in metrics() },
      Page("/debug/syncz", "how far each client is with each type of resource") { _ in syncz() },
      Page(
        "/debug/pushes",
        "what was sent lately, why, and what became of it: ?object=, ?proxy=, ?type=, ?o=json"
      ) { pushPage($0) },
      Page("/debug/config_dump", "what a client was sent: ?proxy=ID") { request in
        dump(request) { $0 == .endpoints ? nil : $0 }
      },
      Page("/debug/endpointz", "the endpoints a client was sent: ?proxy=ID; of all without") {
        endpointz($0)
      },
      Page("/debug/status", "status of objects as written to Kubernetes") { _ in status() },
      Page("/debug/root", "hashes of what this replica has and sends: equal on equal ones") { _ in
        root()
      },
      Page("/debug/kubernetes", "how each kind of object is followed") { _ in kubernetes() },
      Page("/debug/rejected", "objects that validation refuses, and why") { _ in rejected() },
      Page(
        "/debug/analysis",
        "what istioctl analyze says of the same source; all that check says: ?show=all"
      ) { analysis($0) },
    ]
  }

  private func ready() -> Response {
    let clusters = readiness.clusters
    guard !readiness.isReady else { return .text("ready\n" + clusters.lines(now: .now)) }
    let reasons = clusters.waitingFor.map { "\($0)\n" }.joined()
    return .text("the first snapshot is not compiled yet\n\(reasons)", status: 503)
  }

  private func kubernetes() -> Response {
    guard let clusters = readiness.clusters.entries(now: .now) else {
      return .text("files are followed here, no cluster\n", status: 404)
    }
    let writer = readiness.writer.map { [Node.Entry(key: "status", value: $0.node)] } ?? []
    return .json(Node(.mapping(clusters + writer)).jsonBytes(.indented))
  }

  // MARK: Of the compile thread

  private func status() -> Response {
    answered(
      byEngine: { $0.statuses?.all ?? [:] },
      { all in
        Node(
          .mapping(
            all.sorted { $0.key < $1.key }.map {
              .init(key: $0.key.path, value: Node(.mapping($0.value.fields)))
            }))
      })
  }

  private func rejected() -> Response {
    answered(byEngine: \.refusalsByIstiod) { refusals in
      Node(
        .mapping(
          refusals.sorted { $0.key < $1.key }.map {
            .init(key: $0.key.path, value: Node(.string($0.value)))
          }))
    }
  }

  private func analysis(_ request: Request) -> Response {
    let showsAll = request["show"] == "all"
    return answered(
      byEngine: { showsAll ? $0.analysis() : $0.istioctlsFindings }, { $0.json })
  }

  private func answered<Value: Sendable>(
    byEngine question: @escaping @Sendable (Engine) -> Value, _ node: (Value) -> Node
  ) -> Response {
    do throws(LinuxError) {
      guard let value = try mailboxes.ask(engine: question) else { return .busy }
      return .json(node(value).jsonBytes(.indented))
    } catch {
      return .text("\(error)\n", status: 500)
    }
  }

  // MARK: Of the I/O threads

  /// What `question` answers of each thread's discovery service; a page that says so if a thread is too
  /// busy.
  func answered<Value: Sendable>(
    byServices question: @escaping @Sendable (DiscoveryService) -> Value,
    _ response: ([Value]) -> Response
  ) -> Response {
    do throws(LinuxError) {
      return try mailboxes.ask(services: question).map(response) ?? .busy
    } catch {
      return .text("\(error)\n", status: 500)
    }
  }

  private func syncz() -> Response {
    answered(
      byServices: { service in
        service.calls.values.compactMap { call in
          call.proxy.map {
            ClientSync(
              number: call.number, proxy: $0, status: call.stream.status, lag: call.lag,
              now: service.elapsed)
          }
        }
      },
      { clients in
        let inOrder = clients.joined().sorted { $0.number < $1.number }
        return .json(Node(.sequence(inOrder.map(\.node))).jsonBytes(.indented))
      })
  }

  /// The configuration of the first client whose id contains the parameter, types chosen by `shows`.
  private func dump(
    _ request: Request, _ shows: @escaping @Sendable (ResourceType) -> ResourceType?
  ) -> Response {
    guard let wanted = request["proxy"] ?? request["proxyID"], !wanted.isEmpty else {
      return .text("You must provide a proxyID in the query string\n", status: 400)
    }
    return answered(
      byServices: { service in
        service.call(matching: wanted).map { call in
          (
            call.number,
            ResourceType.allCases.compactMap(shows).map {
              ConfigDump.Held(
                type: $0, resources: call.stream.held($0), replaced: call.stream.replaced($0))
            }
          )
        }
      },
      { found in
        guard let (_, held) = found.compactMap({ $0 }).min(by: { $0.0 < $1.0 }) else {
          return .text(
            "Proxy not connected to this instance. It may be connected to another\n", status: 404)
        }
        return .json(ConfigDump(held).node.jsonBytes(.indented))
      })
  }

  private func endpointz(_ request: Request) -> Response {
    if request["proxy"] != nil { return dump(request) { $0 == .endpoints ? $0 : nil } }
    return answered(
      byServices: { service in
        var seen: Set<String> = []
        return service.calls.values.sorted { $0.number < $1.number }
          .flatMap { $0.stream.held(.endpoints) }.filter { seen.insert($0.name).inserted }
      },
      { held in
        var seen: Set<String> = []
        let all = held.joined().filter { seen.insert($0.name).inserted }
        return .json(
          ConfigDump([.init(type: .endpoints, resources: all)]).node.jsonBytes(.indented))
      })
  }
}

extension Response {
  static let busy = Response.text("the thread that knows is busy; try again\n", status: 503)
}

/// A client in /debug/syncz, in istiod's fields.
private struct ClientSync: Sendable {
  let number: StreamNumber
  let proxy: ProxyNode
  let status: StreamStatus
  let lag: (lag: Lag, queuedBytes: Int)?
  let now: Duration

  var node: Node {
    let version = proxy.istioVersion.map { "\($0.major).\($0.minor).\($0.patch)" } ?? ""
    return Node(
      .mapping(
        [
          .init(key: "cluster_id", value: .text(proxy.metadata.clusterID ?? "")),
          .init(key: "proxy", value: .text(proxy.id)),
          .init(key: "proxy_type", value: .text(proxy.type.rawValue)),
          .init(key: "istio_version", value: .text(version)),
          .init(
            key: "resources",
            value: Node(
              .mapping(status.types.map { .init(key: $0.type.typeURL, value: ClientSync.type($0)) })
            )
          ),
        ] + (lag.map { [.init(key: "behind", value: behind($0, $1))] } ?? [])))
  }

  /// What the client lacks, and for how long.
  private func behind(_ lag: Lag, _ queuedBytes: Int) -> Node {
    func names(_ types: Set<ResourceType>) -> Node {
      Node(
        .sequence(
          ResourceType.allCases.filter(types.contains).map { .text($0.serviceName) }))
    }
    return Node(
      .mapping([
        .init(key: "milliseconds", value: Node(.number((now - lag.since).inMilliseconds))),
        .init(key: "push", value: lag.push.map { Node(.integer(Int64($0))) } ?? Node(.null)),
        .init(key: "unsent", value: names(lag.unsent)),
        .init(key: "unanswered", value: names(lag.unanswered)),
        .init(key: "queuedBytes", value: Node(.integer(Int64(queuedBytes)))),
      ]))
  }

  private static func type(_ status: StreamStatus.TypeStatus) -> Node {
    var entries: [Node.Entry] = [
      .init(key: "state", value: .text(status.syncState.rawValue)),
      .init(key: "sent", value: .text(status.record.sent?.nonce ?? "")),
      .init(key: "acked", value: .text(status.record.accepted?.nonce ?? "")),
      .init(
        key: "version",
        value: .text(status.record.sent.map { status.type.shown(version: $0.version) } ?? "")),
      .init(key: "resources", value: Node(.integer(Int64(status.heldCount)))),
    ]
    if let rejected = status.record.rejected {
      entries.append(.init(key: "lastError", value: .text(rejected.reason.message)))
    }
    return Node(.mapping(entries))
  }
}

extension Node {
  static func text(_ text: String) -> Node { Node(.string(text)) }
}
