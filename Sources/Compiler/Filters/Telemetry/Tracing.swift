internal import EnvoyAPI
internal import Mesh
internal import Resources

/// How a class of proxies traces requests: as its Telemetries and the mesh's default provider say, or
/// where nothing does to the provider of the bootstrap, with the sampling and tags of ProxyConfig
/// (istiod's `configureTracing`).
struct Tracing {
  private let traits: ProxyTraits
  private let config: ProxyConfig
  private let destination: Destination

  private enum Destination {
    case nowhere
    case bootstrap
    case tracer(Tracer, AppliedTelemetry.Tracing)
  }

  init(_ proxies: ProxyClass, _ model: MeshModel, _ config: ProxyConfig) {
    traits = proxies.traits
    self.config = config
    let mesh = model.store.meshConfig
    guard let applied = model.policies.telemetry.applied(.init(proxies, .client)).tracing else {
      destination = mesh.enableTracing ? .bootstrap : .nowhere
      return
    }
    let provider = applied.disabled ? nil : applied.provider
    destination =
      provider.flatMap { mesh.extensionProvider(named: $0) }
      .flatMap { Tracer($0, model, proxies.traits) }.map { .tracer($0, applied) } ?? .nowhere
  }

  /// The clusters that spans are sent to.
  var references: [ClusterName] {
    if case .tracer(let tracer, _) = destination { tracer.services.map(\.cluster) } else { [] }
  }

  /// Whether the request's id says, for as long as it travels, whether it is traced.
  var usesRequestIDForSampling: Bool {
    if case .tracer(_, let applied) = destination { applied.usesRequestIDForSampling } else { true }
  }

  /// `tracing.no_context_propagation` of a connection manager, encoded: newer than the messages here.
  /// Fields that stand after others of the same message add to them.
  var withholdingOfContext: [UInt8] {
    guard case .tracer(_, let applied) = destination, !applied.propagatesContext,
      (traits.istioVersion ?? .newest) >= IstioVersion(major: 1, minor: 30, patch: 0)
    else { return [] }
    let (tracing, noContextPropagation): (UInt8, UInt8) = (7, 13)
    return [tracing << 3 | 2, 2, noContextPropagation << 3, 1]
  }

  var settings: Envoy.HttpConnectionManager.Tracing? {
    switch destination {
    case .nowhere: return nil
    case .bootstrap:
      let istio = config.tracing?.enableIstioTags ?? true ? istioTags : []
      return settings(tags: istio + tags(config.tracing?.customTags ?? []), sampling: sampling)
    case .tracer(let tracer, let applied):
      let istio = applied.addsIstioTags ? istioTags : []
      let custom =
        applied.customTags.isEmpty ? config.tracing?.customTags ?? [] : applied.customTags
      return settings(
        tags: istio + tags(custom),
        sampling: tracer.samplesByItself ? 100 : applied.randomSampling ?? sampling, tracer)
    }
  }

  private func settings(
    tags: [Tag], sampling: Double, _ tracer: Tracer? = nil
  ) -> Envoy.HttpConnectionManager.Tracing {
    let pathLength = tracer?.maxTagLength ?? config.tracing?.maxPathTagLength ?? 0
    return .init(
      clientSampling: .init(value: 100),
      randomSampling: .init(value: sampling),
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
    let (labels, metadata) = (traits.labels, traits.metadata)
    return [
      literal(
        "istio.canonical_revision", labels["service.istio.io/canonical-revision"], else: "latest"),
      literal(
        "istio.canonical_service", labels["service.istio.io/canonical-name"], else: "unknown"),
      literal("istio.mesh_id", metadata.meshID, else: "unknown"),
      literal("istio.namespace", metadata.namespace, else: "default"),
      literal("istio.cluster_id", metadata.clusterID, else: "unknown"),
      dryRun("allow", "name", "effective_policy_id"), dryRun("allow", "result", "engine_result"),
      dryRun("deny", "name", "effective_policy_id"), dryRun("deny", "result", "engine_result"),
    ]
  }

  private func literal(_ name: String, _ value: String?, else fallback: String) -> Tag {
    let value = value.flatMap { $0.isEmpty ? nil : $0 } ?? fallback
    return (name, .init(tag: name, type: .literal(.init(value: value))))
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

  /// Without those that ProxyConfig leaves empty: Envoy would refuse the listener for them.
  private func tags(_ tags: [Named<TracingTag>]) -> [Tag] {
    tags.filter { !$0.name.isEmpty && $0.value.isStated }.compactMap { tag in
      let type: Envoy.CustomTag.TypeChoice
      switch tag.value {
      case .literal(let value): type = .literal(.init(value: value))
      case .environment(let name, let value):
        type = .environment(.init(name: name, defaultValue: value))
      case .header(let name, let value):
        type = .requestHeader(.init(name: name, defaultValue: value))
      case .formatter(let value):
        guard takesFormatters else { return nil }
        type = .value(value)
      }
      return (tag.name, .init(tag: tag.name, type: type))
    }
  }

  private var takesFormatters: Bool {
    (traits.istioVersion ?? .newest) >= IstioVersion(major: 1, minor: 29, patch: 0)
  }
}
