/// telemetry.istio.io Telemetry: the logs, metrics and traces of workloads.
package struct Telemetry: ResourceSpec, AttachedSpec {
  package static let kind = Kind.telemetry

  package var attachment: PolicyAttachment
  package var metrics: [Metrics]
  package var tracing: [Tracing]
  package var accessLogging: [AccessLogging]

  package init(
    attachment: PolicyAttachment = PolicyAttachment(), metrics: [Metrics] = [],
    tracing: [Tracing] = [], accessLogging: [AccessLogging] = []
  ) {
    self.attachment = attachment
    self.metrics = metrics
    self.tracing = tracing
    self.accessLogging = accessLogging
  }

  /// Requests that a workload sends, that it takes, or both. A gateway counts as one that sends.
  package enum WorkloadMode: String, CaseIterable, Sendable {
    case clientAndServer = "CLIENT_AND_SERVER"
    case client = "CLIENT"
    case server = "SERVER"
  }

  package struct Metrics: Hashable, Sendable {
    /// Empty for those of the Telemetry before.
    package var providers: [String]
    package var overrides: [Override]
    package var reportingInterval: Duration?

    package init(
      providers: [String] = [], overrides: [Override] = [], reportingInterval: Duration? = nil
    ) {
      self.providers = providers
      self.overrides = overrides
      self.reportingInterval = reportingInterval
    }
  }

  package struct Override: Hashable, Sendable {
    package var metric: Metric
    package var mode: WorkloadMode
    package var disabled: Bool?
    /// Sorted by name.
    package var tags: [Named<TagOverride>]

    package init(
      metric: Metric = .standard(.all), mode: WorkloadMode = .clientAndServer,
      disabled: Bool? = nil, tags: [Named<TagOverride>] = []
    ) {
      self.metric = metric
      self.mode = mode
      self.disabled = disabled
      self.tags = tags
    }
  }

  package enum Metric: Hashable, Sendable {
    case standard(StandardMetric)
    case custom(String)
  }

  package enum StandardMetric: String, CaseIterable, Sendable {
    case all = "ALL_METRICS"
    case requestCount = "REQUEST_COUNT"
    case requestDuration = "REQUEST_DURATION"
    case requestSize = "REQUEST_SIZE"
    case responseSize = "RESPONSE_SIZE"
    case tcpOpenedConnections = "TCP_OPENED_CONNECTIONS"
    case tcpClosedConnections = "TCP_CLOSED_CONNECTIONS"
    case tcpSentBytes = "TCP_SENT_BYTES"
    case tcpReceivedBytes = "TCP_RECEIVED_BYTES"
    case grpcRequestMessages = "GRPC_REQUEST_MESSAGES"
    case grpcResponseMessages = "GRPC_RESPONSE_MESSAGES"
  }

  package enum TagOverride: Hashable, Sendable {
    /// A CEL expression.
    case upsert(String)
    case remove
  }

  package struct Tracing: Hashable, Sendable {
    package var mode: WorkloadMode
    package var providers: [String]
    /// Percent.
    package var randomSampling: Double?
    package var disableSpanReporting: Bool?
    /// Sorted by name; nil where none are written, and those before hold.
    package var customTags: [Named<TracingTag>]?
    package var useRequestIDForTraceSampling: Bool?
    package var enableIstioTags: Bool?
    package var disableContextPropagation: Bool?

    package init(
      mode: WorkloadMode = .clientAndServer, providers: [String] = [],
      randomSampling: Double? = nil, disableSpanReporting: Bool? = nil,
      customTags: [Named<TracingTag>]? = nil, useRequestIDForTraceSampling: Bool? = nil,
      enableIstioTags: Bool? = nil, disableContextPropagation: Bool? = nil
    ) {
      self.mode = mode
      self.providers = providers
      self.randomSampling = randomSampling
      self.disableSpanReporting = disableSpanReporting
      self.customTags = customTags
      self.useRequestIDForTraceSampling = useRequestIDForTraceSampling
      self.enableIstioTags = enableIstioTags
      self.disableContextPropagation = disableContextPropagation
    }
  }

  package struct AccessLogging: Hashable, Sendable {
    package var mode: WorkloadMode
    package var providers: [String]
    package var disabled: Bool
    /// What is logged: a CEL expression.
    package var filter: String?

    package init(
      mode: WorkloadMode = .clientAndServer, providers: [String] = [], disabled: Bool = false,
      filter: String? = nil
    ) {
      self.mode = mode
      self.providers = providers
      self.disabled = disabled
      self.filter = filter
    }
  }
}
