internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// What is found in a Telemetry: others for the same workloads, and providers that the mesh's settings
/// do not have (istioctl's telemetry analyzers).
struct TelemetryAnalysis {
  private let conflicts: SelectorConflicts
  private let providers: ProviderNames

  init(_ store: ObjectStore, _ workloads: Workloads, _ providers: ProviderNames) {
    conflicts = SelectorConflicts(store, store.writtenTelemetries, .telemetry, workloads) {
      $0.attachment.selector
    }
    self.providers = providers
  }

  func remarks(_ id: NamespacedName, _ telemetry: Telemetry) -> [Remark] {
    conflicts.remarks(id, telemetry.attachment.selector) + logs(telemetry) + traces(telemetry)
      + metrics(telemetry)
  }

  private func logs(_ telemetry: Telemetry) -> [Remark] {
    telemetry.accessLogging.enumerated().flatMap { index, logging -> [Remark] in
      let spot = Spot.element("accessLogging", index)
      if logging.providers.isEmpty, !logging.disabled, !providers.haveDefaultLogs {
        return [Remark(spot, .logsWithoutProvider())]
      }
      return unknown(logging.providers, spot)
    }
  }

  private func traces(_ telemetry: Telemetry) -> [Remark] {
    telemetry.tracing.enumerated().flatMap { index, tracing -> [Remark] in
      let spot = Spot.element("tracing", index)
      let old = tracing.providers.filter { providers[$0] == .lightstep }.map {
        Remark(spot, ".providers", .deprecatedLightstep($0), basis: .settings)
      }
      return old + unknown(tracing.providers, spot)
    }
  }

  private func metrics(_ telemetry: Telemetry) -> [Remark] {
    telemetry.metrics.enumerated().flatMap { unknown($1.providers, .element("metrics", $0)) }
  }

  private func unknown(_ names: [String], _ spot: Spot) -> [Remark] {
    names.filter { providers[$0] == nil }.map { name in
      Remark(
        spot, ".providers", .unknownProvider(name, known: providers.names), basis: .settings)
    }
  }
}

/// The extension providers of the mesh's settings, by name.
struct ProviderNames {
  enum Sort: Hashable {
    case lightstep
    case other
  }

  private struct Known: Hashable {
    var sorts: [String: Sort] = [:]
    var haveDefaultLogs = false
  }

  private let known: Single<Known>

  init(_ store: ObjectStore) {
    known = Single(store.graph, "provider names") {
      let settings = store.meshConfig
      let all = ExtensionProvider.builtIn + settings.extensionProviders
      return Known(
        sorts: Dictionary(all.map { ($0.name, $0.provider.sort) }) { $1 },
        haveDefaultLogs: settings.defaultProviders?.accessLogging.isEmpty == false)
    }
  }

  /// Nil for a name that nothing has.
  subscript(name: String) -> Sort? { known().sorts[name] }
  var names: [String] { known().sorts.keys.sorted() }
  var haveDefaultLogs: Bool { known().haveDefaultLogs }
}

extension ExtensionProvider.Provider {
  fileprivate var sort: ProviderNames.Sort {
    switch self {
    case .lightstep: .lightstep
    case .envoyExtAuthzHttp, .envoyExtAuthzGrpc, .zipkin, .datadog, .stackdriver, .opencensus,
      .skywalking, .opentelemetry, .prometheus,
      .envoyFileAccessLog, .envoyHttpAls, .envoyTcpAls, .envoyOtelAls, .sds:
      .other
    }
  }
}
