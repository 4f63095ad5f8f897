package import Resources

/// What the Telemetries that apply to a class of proxies say together, for one side of its traffic
/// (istiod's `pilot/pkg/model/telemetry.go`).
///
/// Providers are names here: whether there is one by it, and what it is, the compiler finds out.
package struct AppliedTelemetry: Hashable, Sendable {
  /// Nobody says; or each provider that is named, sorted, once. One that is turned off is there too: it
  /// keeps what MeshConfig says without any provider from taking its place.
  package let accessLogs: [AccessLog]
  /// Sorted by provider.
  package let metrics: [Metrics]
  /// Nil where nobody says: MeshConfig's older settings hold then.
  package let tracing: Tracing?

  package struct AccessLog: Hashable, Sendable {
    package let provider: String
    package let disabled: Bool
    /// A CEL expression.
    package let filter: String?

    package init(provider: String, disabled: Bool, filter: String?) {
      self.provider = provider
      self.disabled = disabled
      self.filter = filter
    }
  }

  /// The metrics of one provider that counts them.
  package struct Metrics: Hashable, Sendable {
    package let provider: String
    package let reportingInterval: Duration?
    /// Sorted by name.
    package let overrides: [Override]

    package struct Override: Hashable, Sendable {
      package let metric: Telemetry.Metric
      package let disabled: Bool
      /// Sorted by name.
      package let tags: [Named<Telemetry.TagOverride>]
    }
  }

  package struct Tracing: Hashable, Sendable {
    package let provider: String?
    package let disabled: Bool
    /// Percent.
    package let randomSampling: Double?
    /// Sorted by name.
    package let customTags: [Named<TracingTag>]
    package let usesRequestIDForSampling: Bool
    package let addsIstioTags: Bool
    package let propagatesContext: Bool
  }

  /// `telemetries` from those of the whole mesh to those of the workload.
  init(
    _ telemetries: [Telemetry], _ defaults: MeshConfig.DefaultProviders, side: Side
  ) {
    accessLogs = AppliedTelemetry.accessLogs(
      telemetries.map(\.accessLogging).filter { !$0.isEmpty }, defaults.accessLogging, side)
    metrics = AppliedTelemetry.metrics(telemetries.flatMap(\.metrics), defaults.metrics, side)
    tracing = AppliedTelemetry.tracing(telemetries.flatMap(\.tracing), defaults.tracing, side)
  }

  /// Which end of its connections a proxy is. A gateway counts as the client of what it routes to.
  package enum Side: Hashable, Sendable {
    case client, server

    package func isMeant(by mode: Telemetry.WorkloadMode) -> Bool {
      switch mode {
      case .clientAndServer: true
      case .client: self == .client
      case .server: self == .server
      }
    }
  }
}

// MARK: - Access logs

extension AppliedTelemetry {
  /// `levels`: of the mesh, of the namespace, of each Telemetry of the workload.
  private static func accessLogs(
    _ levels: [[Telemetry.AccessLogging]], _ defaults: [String], _ side: Side
  ) -> [AccessLog] {
    guard !levels.isEmpty else {
      return Set(defaults).sorted().map { AccessLog(provider: $0, disabled: false, filter: nil) }
    }
    var inScope = Set(defaults)
    var filters: [String: String] = [:]
    for level in levels {
      var named: Set<String> = []
      for entry in level where side.isMeant(by: entry.mode) {
        named.formUnion(entry.providers)
        for provider in entry.providers { filters[provider] = entry.filter }
      }
      if !named.isEmpty { inScope = named }
    }
    var isDisabled: [String: Bool] = [:]
    var inherited = defaults
    for entry in levels.joined() {
      if !entry.providers.isEmpty { inherited = entry.providers }
      guard side.isMeant(by: entry.mode) else { continue }
      for provider in inherited where inScope.contains(provider) {
        isDisabled[provider] = entry.disabled
      }
    }
    return isDisabled.sorted { $0.key < $1.key }.map { provider, disabled in
      AccessLog(
        provider: provider, disabled: disabled, filter: disabled ? nil : filters[provider])
    }
  }
}

// MARK: - Tracing

extension AppliedTelemetry {
  private static func tracing(
    _ entries: [Telemetry.Tracing], _ defaults: [String], _ side: Side
  ) -> Tracing? {
    guard !entries.isEmpty || !defaults.isEmpty else { return nil }
    let mine = entries.filter { side.isMeant(by: $0.mode) }
    func last<Value>(_ value: (Telemetry.Tracing) -> Value?) -> Value? {
      mine.reversed().lazy.compactMap(value).first
    }
    return Tracing(
      provider: last(\.providers.first) ?? defaults.first,
      disabled: last(\.disableSpanReporting) ?? false,
      randomSampling: last(\.randomSampling),
      customTags: last(\.customTags) ?? [],
      usesRequestIDForSampling: last(\.useRequestIDForTraceSampling) ?? true,
      addsIstioTags: last(\.enableIstioTags) ?? true,
      propagatesContext: last(\.disableContextPropagation) != true)
  }
}
