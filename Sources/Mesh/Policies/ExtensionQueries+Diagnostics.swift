internal import Diagnostics
internal import Resources
internal import Store

extension AttachedExtension {
  /// What to tell the owner of an extension that proxies of these traits are sent. `place` is the
  /// object's.
  func diagnostics(for traits: ProxyTraits, _ store: ObjectStore, at place: Place) -> [Diagnostic] {
    guard case .wasm(let module) = spec.program, mayBeFor(.client) else { return [] }
    let isPlugin = id.name.hasSuffix(Self.marker)
    let object = ObjectName(
      kind: (isPlugin ? Kind.wasmPlugin : .trafficExtension).rawValue, namespace: id.namespace,
      name: isPlugin ? String(id.name.dropLast(Self.marker.count)) : id.name)
    let prefix = isPlugin ? "" : "wasm."
    var findings: [(String, Finding)] = []
    if traits.istioVersion == nil, !module.isFetchedByEnvoy {
      findings.append(
        ("url", .moduleNeedsAgent(letsThrough: module.failStrategy == .open)))
    }
    if traits.istioVersion != nil, let secret = module.imagePullSecret,
      !store.secrets[NamespacedName(namespace: id.namespace, name: secret)].mayHoldImageCredentials
    {
      findings.append(
        ("imagePullSecret", .withoutImageCredentials(secret, namespace: id.namespace)))
    }
    return findings.map { $0.1.about(prefix + $0.0, of: object, at: place) }
  }
}

extension Object<Secret>? {
  /// Of one that has not been read nothing bad is said.
  fileprivate var mayHoldImageCredentials: Bool {
    guard let secret = self?.spec else { return false }
    return !secret.isRead || secret.imageCredentials != nil
  }
}

extension WasmModule {
  /// Whether an Envoy without Istio's agent has a way to it.
  package var isFetchedByEnvoy: Bool {
    switch source {
    case .file: true
    // Envoy wants to know what it gets.
    case .http: sha256 != nil
    case .image: false
    }
  }
}
