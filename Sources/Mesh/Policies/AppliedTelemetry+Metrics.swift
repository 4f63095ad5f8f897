internal import Resources

extension AppliedTelemetry {
  /// What overrides of one metric add up to.
  private struct Change {
    var disabled: Bool?
    var tags: [String: Telemetry.TagOverride] = [:]
  }

  /// What one provider is told, for one side.
  private struct Collected {
    var interval: Duration?
    /// All metrics are turned off, and none was spoken of since.
    var isOff = false
    var changes: [Telemetry.Metric: Change] = [:]

    mutating func apply(_ override: Telemetry.Override) {
      if override.metric == .standard(.all), override.disabled == true {
        isOff = true
        return
      }
      isOff = false
      for metric in override.metric.each {
        var change = changes[metric] ?? Change()
        change.disabled = override.disabled ?? change.disabled
        for tag in override.tags { change.tags[tag.name] = tag.value }
        changes[metric] = change
      }
    }
  }

  static func metrics(
    _ entries: [Telemetry.Metrics], _ defaults: [String], _ side: Side
  ) -> [Metrics] {
    guard !entries.isEmpty else {
      return Set(defaults).sorted().map {
        Metrics(provider: $0, reportingInterval: nil, overrides: [])
      }
    }
    let inScope = entries.last { !$0.providers.isEmpty }?.providers ?? defaults
    var collected: [String: Collected] = [:]
    var inherited = defaults
    for entry in entries {
      if !entry.providers.isEmpty { inherited = entry.providers }
      for provider in inherited where inScope.contains(provider) {
        var mine = collected[provider] ?? Collected()
        mine.interval = entry.reportingInterval ?? mine.interval
        for override in entry.overrides where side.isMeant(by: override.mode) {
          mine.apply(override)
        }
        collected[provider] = mine
      }
    }
    return collected.filter { !$0.value.isOff }.sorted { $0.key < $1.key }.map {
      Metrics(
        provider: $0.key, reportingInterval: $0.value.interval,
        overrides: overrides($0.value.changes))
    }
  }

  private static func overrides(
    _ changes: [Telemetry.Metric: Change]
  ) -> [Metrics.Override] {
    changes.map { metric, change in
      Metrics.Override(
        metric: metric, disabled: change.disabled ?? false,
        tags: change.tags.map { Named(name: $0.key, value: $0.value) }
          .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }.sorted {
      $0.metric.sortingName.utf8.lexicographicallyPrecedes($1.metric.sortingName.utf8)
    }
  }
}

extension Telemetry.Metric {
  /// The metric itself, or those that all metrics stands for.
  fileprivate var each: [Telemetry.Metric] {
    guard self == .standard(.all) else { return [self] }
    return Telemetry.StandardMetric.allCases.filter { $0 != .all }.map { .standard($0) }
  }

  fileprivate var sortingName: String {
    switch self {
    case .standard(let metric): metric.rawValue
    case .custom(let name): name
    }
  }
}
