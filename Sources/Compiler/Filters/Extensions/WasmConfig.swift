internal import EnvoyAPI
internal import Mesh
internal import Resources
internal import Segments
internal import Store
internal import TLS

/// A WebAssembly module as the configuration of a filter (istiod's `buildWasmConfig`).
struct WasmConfig {
  private let id: NamespacedName
  private let module: WasmModule
  private let resourceVersion: String?
  private let reader: Reader
  private let store: ObjectStore

  /// Who fetches the module.
  enum Reader: Hashable {
    /// Istio's agent, which hands Envoy a file. It may have what the module is pulled with, or not.
    case agent(mayHaveSecrets: Bool)
    /// Envoy itself, which knows HTTP and files.
    case envoy

    init(_ traits: ProxyTraits) {
      self =
        traits.istioVersion == nil ? .envoy : .agent(mayHaveSecrets: traits.mayHaveSecrets)
    }
  }

  init(
    _ id: NamespacedName, _ module: WasmModule, resourceVersion: String?, reader: Reader,
    _ store: ObjectStore
  ) {
    self.id = id
    self.module = module
    self.resourceVersion = resourceVersion
    self.reader = reader
    self.store = store
  }

  var resource: Segment {
    let forAgent = forAgent
    return Envoy.segment {
      Envoy.TypedExtensionConfig(
        name: ExtensionName.attached(id).text,
        typedConfig: code.map { filter(plugin($0, forAgent)) } ?? standIn)
    }
  }

  private func filter(_ config: Envoy.PluginConfig) -> Envoy.AnyMessage {
    module.isNetworkFilter
      ? .pack(Envoy.NetworkWasm(config: config)) : .pack(Envoy.Wasm(config: config))
  }

  private func plugin(
    _ code: Envoy.AsyncDataSource, _ forAgent: [(String, String)]
  ) -> Envoy.PluginConfig {
    .init(
      name: "\(id.namespace).\(id.name)", rootId: module.rootID,
      vm: .vmConfig(
        .init(
          runtime: "envoy.wasm.runtime.v8", code: code,
          environmentVariables: environment(forAgent))),
      configuration: module.configuration.map { .text($0) } ?? .init(),
      failurePolicy: failurePolicy)
  }

  private var failurePolicy: Envoy.FailurePolicy {
    switch module.failStrategy {
    case .close: .failClosed
    case .open: .failOpen
    case .reload: .failReload
    }
  }

  /// Nil where the reader has no way to it.
  private var code: Envoy.AsyncDataSource? {
    switch (module.source, reader) {
    case (.file(let path), _):
      .init(specifier: .local(.init(specifier: .filename(path))))
    case (.image(let url), .agent): .remote(url, cluster: "_", sha256: module.sha256)
    case (.http(let address), .agent):
      .remote(address.url, cluster: "_", sha256: module.sha256)
    case (.http(let address), .envoy):
      module.sha256.map {
        .remote(address.url, cluster: ClusterName.extensionHost(address).text, sha256: $0)
      }
    case (.image, .envoy): nil
    }
  }

  // MARK: The virtual machine's environment

  private static let prefix = "ISTIO_META_WASM_"

  private func environment(_ forAgent: [(String, String)]) -> Envoy.EnvironmentVariables {
    let own = module.environment.compactMap { variable in
      variable.value.map { (variable.name, $0) }
    }
    let values = Dictionary(forAgent + own) { _, last in last }
    return .init(
      hostEnvKeys: module.environment.filter { $0.value == nil }.map(\.name),
      keyValues: .init(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
  }

  /// What the agent is told in the way Envoy would tell the module.
  private var forAgent: [(String, String)] {
    guard case .agent(let mayHaveSecrets) = reader else { return [] }
    let secret = module.imagePullSecret.map {
      (Self.prefix + "IMAGE_PULL_SECRET", mayHaveSecrets ? credentials(in: $0) ?? "" : "")
    }
    let policy =
      module.imagePullPolicy == .unspecified
      ? nil : (Self.prefix + "IMAGE_PULL_POLICY", module.imagePullPolicy.rawValue)
    return [secret, policy].compactMap { $0 } + [(Self.prefix + "PLUGIN_RESOURCE_VERSION", version)]
  }

  /// Another one whenever the module is another: of an object that has no versions, a checksum.
  private var version: String {
    resourceVersion
      ?? Envoy.segment { code.map { plugin($0, []) } ?? Envoy.PluginConfig() }.hash.description
  }

  private func credentials(in secret: String) -> String? {
    let id = NamespacedName(namespace: self.id.namespace, name: secret)
    return store.secrets[id]?.spec.imageCredentials?.withBytes { bytes in
      String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
    }
  }

  // MARK: Without the module

  /// What the agent puts in the place of a module it cannot fetch: all is let through, or nothing.
  private var standIn: Envoy.AnyMessage {
    let isOpen = module.failStrategy == .open
    let rules = isOpen ? nil : Envoy.RBAC()
    let statistics = isOpen ? "wasm-default-allow" : "wasm-default-deny"
    return module.isNetworkFilter
      ? .pack(Envoy.NetworkRBAC(rules: rules, statPrefix: statistics))
      : .pack(Envoy.HTTPRBAC(rules: rules, rulesStatPrefix: statistics))
  }
}

extension Envoy.AsyncDataSource {
  fileprivate static func remote(
    _ uri: String, cluster: String, sha256: String?
  ) -> Envoy.AsyncDataSource {
    .init(
      specifier: .remote(
        .init(
          httpUri: .init(uri: uri, httpUpstreamType: .cluster(cluster), timeout: .seconds(30)),
          sha256: sha256 ?? "")))
  }
}

extension Envoy.AnyMessage {
  /// A `google.protobuf.StringValue`.
  fileprivate static func text(_ text: String) -> Envoy.AnyMessage {
    .init(
      typeUrl: "type.googleapis.com/google.protobuf.StringValue",
      value: Rope.field(1, Rope(Segment(Array(text.utf8)))).flattened())
  }
}
