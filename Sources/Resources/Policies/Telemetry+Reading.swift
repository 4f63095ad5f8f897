internal import Diagnostics
internal import Documents

extension Telemetry: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      attachment: PolicyAttachment(&fields), metrics: fields.many("metrics"),
      tracing: fields.many("tracing"), accessLogging: fields.many("accessLogging"))
    if tracing.count > 1 { fields.report(.severalTracings(), at: "tracing", 1) }
  }
}

extension Fields {
  fileprivate mutating func providers() -> [String] {
    many("providers") { provider in
      let name = provider.text("name")
      if name.isEmpty { provider.report(.missing("name")) }
      return name
    }
  }

  /// `match.mode`
  fileprivate mutating func matchedMode() -> Telemetry.WorkloadMode {
    one("match") { $0.choice("mode") ?? .clientAndServer } ?? .clientAndServer
  }
}

extension Telemetry.Metrics: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      providers: fields.providers(), overrides: fields.many("overrides"),
      reportingInterval: fields.duration("reportingInterval") {
        $0 < .milliseconds(1) ? .shortDuration() : nil
      })
  }
}

extension Telemetry.Override: FieldReadable {
  private typealias Match = (metric: Telemetry.Metric, mode: Telemetry.WorkloadMode)

  init(_ fields: inout Fields) {
    let match = fields.one("match", Self.match) ?? (.standard(.all), .clientAndServer)
    self.init(
      metric: match.metric, mode: match.mode, disabled: fields.bool("disabled"),
      tags: fields.entries("tagOverrides") { reading, _, node in
        Fields.read(node, reading) { Telemetry.TagOverride(&$0) }
      })
    if tags.contains(where: \.name.isEmpty) {
      fields.report(.emptyTagOverrideName(), at: "tagOverrides")
    }
  }

  private static func match(_ fields: inout Fields) -> Match {
    let standard = fields.choice("metric", Telemetry.StandardMetric.self)
    let custom = fields.presentString("customMetric")
    if fields.has("metric"), fields.has("customMetric") {
      fields.report(.exclusive(["metric", "customMetric"]))
    }
    if custom?.isEmpty == true { fields.report(.emptyName(), at: "customMetric") }
    let mode = fields.choice("mode") ?? Telemetry.WorkloadMode.clientAndServer
    return (custom.map { .custom($0) } ?? .standard(standard ?? .all), mode)
  }
}

extension Telemetry.TagOverride {
  private enum Operation: String, CaseIterable {
    case upsert = "UPSERT"
    case remove = "REMOVE"
  }

  fileprivate init(_ fields: inout Fields) {
    let operation = fields.choice("operation", Operation.self) ?? .upsert
    let value = fields.text("value")
    switch operation {
    case .upsert:
      if value.isEmpty { fields.report(.missing("value")) }
      self = .upsert(value)
    case .remove:
      if !value.isEmpty { fields.report(.valueOfRemovedTag(), at: "value") }
      self = .remove
    }
  }
}

extension Telemetry.Tracing: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      mode: fields.matchedMode(), providers: fields.providers(),
      randomSampling: fields.double("randomSamplingPercentage"),
      disableSpanReporting: fields.bool("disableSpanReporting"),
      customTags: fields.has("customTags") || fields.reading.catalogue != nil
        ? fields.entries("customTags") { reading, name, node in
          Fields.read(node, reading) { TracingTag(ofTelemetry: &$0, name: name) } ?? nil
        } : nil,
      useRequestIDForTraceSampling: fields.bool("useRequestIdForTraceSampling"),
      enableIstioTags: fields.bool("enableIstioTags"),
      disableContextPropagation: fields.bool("disableContextPropagation"))
    if providers.count > 1 { fields.report(.severalTracers(), at: "providers", 1) }
    if let randomSampling, !(0...100).contains(randomSampling) {
      fields.report(.percentageOutOfRange(randomSampling), at: "randomSamplingPercentage")
    }
  }
}

extension TracingTag {
  private enum Source: String, CaseIterable {
    case literal, environment, header, formatter
  }

  /// Nil where the tag has no value; that was reported then.
  fileprivate init?(ofTelemetry fields: inout Fields, name: String) {
    let given = Source.allCases.map(\.rawValue).filter { fields.has($0) }
    let literal = fields.one("literal") { $0.required("value") }
    let environment = fields.one("environment") { $0.source() }
    let header = fields.one("header") { $0.source() }
    let formatter =
      fields.one("formatter") { formatter in
        formatter.isGiven("value") ? formatter.format("value") : formatter.text("value")
      } ?? nil
    if name.isEmpty { fields.report(.emptyName()) }
    if given.count > 1 { fields.report(.exclusive(given)) }
    if given.isEmpty { fields.report(.tagWithoutValue(Source.allCases.map(\.rawValue))) }
    if let literal {
      self = .literal(literal)
    } else if let environment {
      self = .environment(name: environment.name, defaultValue: environment.otherwise)
    } else if let header {
      self = .header(name: header.name, defaultValue: header.otherwise)
    } else if let formatter {
      self = .formatter(formatter)
    } else {
      return nil
    }
  }
}

extension Fields {
  fileprivate mutating func required(_ key: String) -> String {
    let text = text(key)
    if text.isEmpty { report(.missing(key)) }
    return text
  }

  fileprivate mutating func source() -> (name: String, otherwise: String) {
    (required("name"), text("defaultValue"))
  }
}

extension Telemetry.AccessLogging: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      mode: fields.matchedMode(), providers: fields.providers(),
      disabled: fields.flag("disabled"),
      filter: fields.one("filter") { filter in
        let expression = filter.text("expression")
        if let mistake = CELExpression.mistake(in: expression) {
          filter.report(.badExpression(mistake), at: "expression")
        }
        guard let foreign = CELExpression.foreignPart(of: expression) else { return expression }
        filter.report(.foreignExpression(foreign), at: "expression")
        return nil
      } ?? nil)
  }
}
