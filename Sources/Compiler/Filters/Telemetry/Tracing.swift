internal import EnvoyAPI
internal import Mesh
internal import Resources

/// How requests are traced where no Telemetry says so: to the mesh's default provider, else to that of
/// the bootstrap, with the sampling and tags of ProxyConfig (istiod's `configureTracing`).
struct Tracing {
  private let traits: ProxyTraits
  private let config: ProxyConfig
  private let destination: Destination

  private enum Destination {
    case nowhere
    case bootstrap
    case tracer(Tracer)
  }

  init(_ traits: ProxyTraits, _ model: MeshModel, _ config: ProxyConfig) {
    self.traits = traits
    self.config = config
    let mesh = model.store.meshConfig
    if let name = mesh.defaultProviders?.tracing.first {
      destination =
        mesh.extensionProvider(named: name).flatMap { Tracer($0, model, traits) }
        .map { .tracer($0) } ?? .nowhere
    } else {
      destination = mesh.enableTracing ? .bootstrap : .nowhere
    }
  }

  /// The clusters that spans are sent to.
  var references: [ClusterName] {
    if case .tracer(let tracer) = destination { tracer.services.map(\.cluster) } else { [] }
  }

  var settings: Envoy.HttpConnectionManager.Tracing? {
    switch destination {
    case .nowhere: nil
    case .bootstrap:
      settings(
        tags: config.tracing?.enableIstioTags ?? true ? istioTags + customTags : customTags)
    case .tracer(let tracer):
      settings(tags: istioTags + customTags, tracer)
    }
  }

  private func settings(
    tags: [Tag], _ tracer: Tracer? = nil
  ) -> Envoy.HttpConnectionManager.Tracing {
    let pathLength = tracer?.maxTagLength ?? config.tracing?.maxPathTagLength ?? 0
    return .init(
      clientSampling: .init(value: 100),
      randomSampling: .init(value: tracer?.samplesByItself == true ? 100 : sampling),
      overallSampling: .init(value: 100),
      maxPathTagLength: pathLength > 0 ? UInt32(clamping: pathLength) : nil,
      customTags: tags.sorted { $0.name < $1.name }.map(\.tag),
      provider: tracer?.provider,
      spawnUpstreamSpan: tracer?.spawnsUpstreamSpan == true ? true : nil)
  }

  /// Percent. Without a setting, or with one beyond 100, istiod's PILOT_TRACE_SAMPLING: 1.
  private var sampling: Double {
    let stated = config.tracing?.sampling ?? 0
    return stated == 0 || stated > 100 ? 1 : stated
  }

  private typealias Tag = (name: String, tag: Envoy.CustomTag)

  private var istioTags: [Tag] {
    let labels = traits.labels
    return [
      literal(
        "istio.canonical_revision", labels["service.istio.io/canonical-revision"] ?? "latest"),
      literal("istio.canonical_service", labels["service.istio.io/canonical-name"] ?? "unknown"),
      literal("istio.mesh_id", traits.metadata.meshID ?? "unknown"),
      literal("istio.namespace", traits.metadata.namespace ?? "default"),
      literal("istio.cluster_id", traits.metadata.clusterID ?? "unknown"),
      dryRun("allow", "name", "effective_policy_id"), dryRun("allow", "result", "engine_result"),
      dryRun("deny", "name", "effective_policy_id"), dryRun("deny", "result", "engine_result"),
    ]
  }

  private func literal(_ name: String, _ value: String) -> Tag {
    (name, .init(tag: name, type: .literal(.init(value: value))))
  }

  /// What a policy that is only tried out would have done, as the RBAC filter notes it.
  private func dryRun(_ action: String, _ what: String, _ key: String) -> Tag {
    let name = "istio.authorization.dry_run.\(action)_policy.\(what)"
    return (
      name,
      .init(
        tag: name,
        type: .metadata(
          .init(
            kind: .init(kind: .request(.init())),
            metadataKey: .init(
              key: "envoy.filters.http.rbac",
              path: [.init(segment: .key("istio_dry_run_\(action)_shadow_\(key)"))]))))
    )
  }

  private var customTags: [Tag] {
    (config.tracing?.customTags ?? []).map { tag in
      let type: Envoy.CustomTag.TypeChoice =
        switch tag.value {
        case .literal(let value): .literal(.init(value: value))
        case .environment(let name, let value):
          .environment(.init(name: name, defaultValue: value))
        case .header(let name, let value): .requestHeader(.init(name: name, defaultValue: value))
        }
      return (tag.name, .init(tag: tag.name, type: type))
    }
  }
}
