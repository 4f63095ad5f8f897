internal import Documents
internal import HTTPServer
internal import Linux
internal import Mesh
internal import Segments

extension DebugPages {
  /// What replicas are compared by, and where they differ: kind by kind of what they have, type by type
  /// of what they send to proxies that are alike.
  func root() -> Response {
    do throws(LinuxError) {
      guard let roots = try ReplicaRoots(asking: mailboxes) else { return .busy }
      return .json(roots.node.jsonBytes(.indented))
    } catch {
      return .text("\(error)\n", status: 500)
    }
  }

  /// Nil if a thread is too busy.
  func rootMetrics() throws(LinuxError) -> String? {
    try ReplicaRoots(asking: mailboxes)?.metrics.map(\.text).joined()
  }
}

private struct ReplicaRoots {
  /// Proxies that are alike to the compiler, and what they are sent.
  struct SentClass {
    let traits: ClassTraits
    let proxies: Int
    let types: [Root]
    let whole: Root
  }

  let whole: Root
  let kinds: [Root]
  let classes: [SentClass]

  init?(asking mailboxes: Mailboxes) throws(LinuxError) {
    let known = try mailboxes.ask(engine: { engine in
      (
        engine.roots.all,
        engine.publisher.numberedClasses
      )
    })
    let sent = try mailboxes.ask(services: { $0.sums })
    guard let (kinds, classes) = known, let sent else { return nil }
    self.kinds = kinds
    whole = Root(name: "", of: kinds)
    // Threads that serve a class serve it from equal catalogs.
    let byNumber = sent.reduce(into: [:]) { all, thread in all.merge(thread) { first, _ in first } }
    self.classes = classes.compactMap { number, proxyClass, proxies in
      byNumber[number].map { sums in
        let traits = ClassTraits(proxyClass)
        let types = sums.map {
          Root(name: $0.type.serviceName.lowercased(), count: $0.count, hash: $0.hash)
        }
        return SentClass(
          traits: traits, proxies: proxies, types: types, whole: Root(name: traits.name, of: types))
      }
    }.sorted { ($0.traits.name, $0.whole.text) < ($1.traits.name, $1.whole.text) }
  }

  var node: Node {
    func named(_ roots: [Root], counting word: String) -> Node {
      Node(.mapping(roots.map { .init(key: $0.name, value: $0.node(counting: word)) }))
    }
    return Node(
      .mapping([
        .init(key: "root", value: .text(whole.text)),
        .init(key: "kinds", value: named(kinds, counting: "objects")),
        .init(
          key: "classes",
          value: Node(
            .sequence(
              classes.map { sent in
                Node(
                  .mapping([
                    .init(key: "class", value: .text(sent.traits.name)),
                    .init(key: "about", value: .text(sent.traits.about)),
                    .init(key: "proxies", value: Node(.integer(Int64(sent.proxies)))),
                    .init(key: "root", value: .text(sent.whole.text)),
                    .init(key: "types", value: named(sent.types, counting: "resources")),
                  ]))
              }))),
      ]))
  }

  var metrics: [MetricFamily] {
    [
      .gauge(
        "fairlead_root", "Of all objects that count: equal on replicas that have the same",
        whole.number),
      MetricFamily(
        name: "fairlead_kind_root", kind: "gauge", help: "The same of each kind",
        samples: kinds.map { ([("kind", $0.name)], $0.number) }),
      MetricFamily(
        name: "fairlead_sent_root", kind: "gauge",
        help: "Of what proxies are sent that are alike: equal on replicas that send the same",
        samples: Dictionary(classes.map { ($0.traits.name, $0.whole.number) }) { $0 &+ $1 }
          .sorted { $0.key < $1.key }.prefix(Limits.classesInMetrics).map {
            ([("class", $0.key)], $0.value)
          }),
    ]
  }
}

/// What proxies of a class have in common, in words that are the same on every replica.
private struct ClassTraits: Sendable {
  /// 8 hexadecimal digits.
  let name: String
  let about: String

  init(_ proxies: ProxyClass) {
    let traits = proxies.traits
    let labels = traits.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
    let version = traits.istioVersion.map { "\($0.major).\($0.minor).\($0.patch)" }
    about = "\(traits.type.rawValue) \(traits.namespace) {\(labels.joined(separator: ","))}"
    let rest = [
      about, traits.dnsDomain, traits.clusterID, traits.network, "\(traits.locality)",
      "\(traits.addressFamilies)", version ?? "", traits.serviceCluster,
      "\(traits.mayHaveSecrets)", "\(traits.takesVirtualHosts)",
    ]
    let hash = ContentHash(of: Node(.sequence(rest.map { Node(.string($0)) })))
    name = String(hash.description.prefix(8))
  }
}
