internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// The Secrets that Gateways' servers take their certificates from (istioctl's gateway.SecretAnalyzer):
/// whether they are there, where the proxies are, and hold a certificate. Files that say nothing of
/// Secrets leave it to others.
struct CredentialSecrets {
  private let workloads: Workloads
  private let byName: Index<String, NamespacedName>
  private let hasCertificate: Derived<NamespacedName, Bool>
  /// Secrets of that name that are refused as they are written now.
  private let refused: Index<String, NamespacedName>
  private let areKnown: Single<Bool>

  init(_ store: ObjectStore, _ workloads: Workloads) {
    self.workloads = workloads
    let byName = Index<String, NamespacedName>(store.graph)
    byName.follow(store.secrets) { id, _ in [(id.name, id)] }
    self.byName = byName
    let all = Index<WholeMesh, NamespacedName>(store.graph)
    all.follow(store.secrets) { id, _ in [(WholeMesh(), id)] }
    let refused = Index<String, NamespacedName>(store.graph)
    refused.follow(store.refused) { name, _ in
      name.kind == Secret.kind.rawValue
        ? [(name.name, NamespacedName(namespace: name.namespace, name: name.name))] : []
    }
    self.refused = refused
    areKnown = Single(store.graph, "secrets are known") { !all[WholeMesh()].isEmpty }
    hasCertificate = Derived(store.graph, "secret has a certificate") { id in
      // Of one that has not been read nothing bad is said.
      store.secrets[id].map { !$0.spec.isRead || $0.spec.serverCertificate != nil } ?? false
    }
  }

  func remarks(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    let selected =
      gateway.selector.isEmpty ? [] : workloads.selected(by: gateway.selector)
    let namespaces = Set(selected.map(\.id.namespace))
    return gateway.servers.enumerated().flatMap { index, server in
      server.plainCredentials.compactMap { name in
        // Where no proxy is known, any namespace may be theirs.
        let isTheirs = { (secret: NamespacedName) in
          namespaces.isEmpty || namespaces.contains(secret.namespace)
        }
        if let bad = refused[name].first(where: isTheirs) {
          return Remark(
            .element("servers", index), ".tls", .refusedCredential("\(bad)"),
            basis: .surroundings)
        }
        let found = byName[name].filter(isTheirs)
        guard let finding = finding(name, found, namespaces.sorted()) else { return nil }
        return Remark(.element("servers", index), ".tls", finding, basis: .surroundings)
      }
    }
  }

  private func finding(
    _ name: String, _ found: [NamespacedName], _ namespaces: [String]
  ) -> Finding? {
    guard let first = found.first else {
      return areKnown() ? .unknownCredential(name, namespaces: namespaces) : nil
    }
    return found.contains { hasCertificate($0) } ? nil : .credentialOfNoCertificate("\(first)")
  }
}

extension Gateway.Server {
  /// The credentials that are Secrets of the proxies' namespace: names without scheme or namespace.
  fileprivate var plainCredentials: [String] {
    guard let tls, case .credentials(let names) = tls.certificates else { return [] }
    switch tls.mode {
    case .simple, .mutual, .optionalMutual:
      return names.filter { name in !name.utf8.contains { $0 == UInt8(ascii: "/") } }
    case .passthrough, .autoPassthrough, .istioMutual: return []
    }
  }
}
