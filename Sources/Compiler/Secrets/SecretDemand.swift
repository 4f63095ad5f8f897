internal import Incremental
package import Mesh
internal import Resources
package import Store

/// Which Secrets and ConfigMaps are referred to, by whatever proxies may be sent: the contents of all
/// others need not be known.
///
/// It is a matter of the objects alone. Which proxies there are does not count, so that replicas with
/// different proxies know the same.
package final class SecretDemand {
  private let found: Derived<Int, Objects>

  /// What proxies may be sent, and what modules are fetched with.
  package var objects: Objects { found(Self.all) }

  package struct Objects: Hashable, Sendable {
    /// Those without a namespace are in that of the proxy that asks: any.
    package var secrets: Set<NamespacedName> = []
    package var configMaps: Set<NamespacedName> = []
  }

  /// What some object says.
  fileprivate enum Reference: Hashable {
    case credential(String, SecretName.Content)
    /// What an image is pulled with.
    case secret(String)
  }

  private struct Referrer: Hashable, Comparable {
    let kind: Kind
    let id: NamespacedName
    let references: Set<Reference>

    static func < (a: Self, b: Self) -> Bool {
      (a.id, a.kind.rawValue) < (b.id, b.kind.rawValue)
    }
  }

  private static let all = 0

  package init(_ model: MeshModel) {
    let (store, graph) = (model.store, model.graph)
    let referrers = Index<Int, Referrer>(graph)
    func follow<Spec: ResourceSpec>(
      _ inputs: Inputs<NamespacedName, Object<Spec>>, _ references: @escaping (Spec) -> [Reference]
    ) {
      referrers.follow(inputs) { id, object in
        let references = Set(references(object.spec))
        return references.isEmpty
          ? [] : [(Self.all, Referrer(kind: Spec.kind, id: id, references: references))]
      }
    }
    follow(store.gateways) { $0.servers.compactMap(\.tls).flatMap(Self.references) }
    follow(store.destinationRules) {
      $0.tlsSettings.compactMap(\.credentialName).flatMap(Self.both)
    }
    follow(store.envoyFilters) { $0.patches.flatMap(\.mentions.credentials).flatMap(Self.both) }
    follow(store.wasmPlugins) { Self.pullSecret(of: $0.meaning.program) }
    follow(store.trafficExtensions) { Self.pullSecret(of: $0.program) }
    found = Derived(graph, "secretDemand") { all in
      var objects = Objects()
      for referrer in referrers[all] {
        for reference in referrer.references {
          objects.add(reference, of: referrer.id.namespace)
        }
      }
      return objects
    }
  }

  private static func references(_ tls: ServerTLSSettings) -> [Reference] {
    ServerCredentials.named(tls).map { Reference.credential($0, $1) }
  }

  /// What names both a certificate and the CA beside it.
  private static func both(_ credential: String) -> [Reference] {
    [.credential(credential, .certificate), .credential(credential, .authority)]
  }

  private static func pullSecret(of program: TrafficExtension.Program) -> [Reference] {
    guard case .wasm(let module) = program else { return [] }
    return module.imagePullSecret.map { [.secret($0)] } ?? []
  }
}

extension SecretDemand.Objects {
  fileprivate mutating func add(_ reference: SecretDemand.Reference, of namespace: String) {
    switch reference {
    case .secret(let name): secrets.insert(NamespacedName(namespace: namespace, name: name))
    case .credential(let credential, let content):
      switch SecretName(credential: credential, content: content, proxyNamespace: "")?.source
      {
      case .secret(let id)?, .gatewaySecret(let id)?:
        secrets.insert(id)
        // Where the CA is not apart, it is in the Secret itself.
        secrets.insert(
          NamespacedName(namespace: id.namespace, name: SecretName.withoutSuffix(id.name)))
      case .configMap(let id)?: configMaps.insert(id)
      case nil: break
      }
    }
  }
}

extension DestinationRule {
  /// Of all its policies.
  fileprivate var tlsSettings: [ClientTLSSettings] {
    ([trafficPolicy] + subsets.map(\.trafficPolicy)).compactMap { $0 }.flatMap { policy in
      [policy.tls].compactMap { $0 } + policy.portLevelSettings.compactMap(\.tls)
    }
  }
}
