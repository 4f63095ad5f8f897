package import Documents

extension ExtensionProvider {
  package struct HTTPHeader: Hashable, Sendable {
    package var name: String
    package var value: HeaderValue

    package init(name: String, value: HeaderValue) {
      self.name = name
      self.value = value
    }
  }

  package enum HeaderValue: Hashable, Sendable {
    case text(String)
    /// The value of an environment variable of istiod.
    case environment(String)
  }

  package struct Zipkin: Hashable, Sendable {
    package var backend: Backend
    package var maxTagLength: Int
    package var enable64bitTraceId: Bool
    package var path: String?
    package var traceContextOption: TraceContext
    package var timeout: Duration?
    package var headers: [HTTPHeader]

    package init(
      backend: Backend, maxTagLength: Int = 0, enable64bitTraceId: Bool = false,
      path: String? = nil, traceContextOption: TraceContext = .b3, timeout: Duration? = nil,
      headers: [HTTPHeader] = []
    ) {
      self.backend = backend
      self.maxTagLength = maxTagLength
      self.enable64bitTraceId = enable64bitTraceId
      self.path = path
      self.traceContextOption = traceContextOption
      self.timeout = timeout
      self.headers = headers
    }

    package enum TraceContext: String, CaseIterable, Sendable {
      case b3 = "USE_B3"
      case b3WithW3C = "USE_B3_WITH_W3C_PROPAGATION"
    }
  }

  package struct Datadog: Hashable, Sendable {
    package var backend: Backend
    package var maxTagLength: Int

    package init(backend: Backend, maxTagLength: Int = 0) {
      self.backend = backend
      self.maxTagLength = maxTagLength
    }
  }

  package struct SkyWalking: Hashable, Sendable {
    package var backend: Backend
    package var accessToken: String?

    package init(backend: Backend, accessToken: String? = nil) {
      self.backend = backend
      self.accessToken = accessToken
    }
  }

  package struct OpenTelemetry: Hashable, Sendable {
    package var backend: Backend
    package var maxTagLength: Int
    package var transport: Transport
    package var detectsEnvironment: Bool
    package var detectsDynatrace: Bool
    package var enrichment: Enrichment
    package var dynatraceSampler: DynatraceSampler?

    package init(
      backend: Backend, maxTagLength: Int = 0,
      transport: Transport = .grpc(timeout: nil, initialMetadata: []),
      detectsEnvironment: Bool = false, detectsDynatrace: Bool = false,
      enrichment: Enrichment = .istioCanonical, dynatraceSampler: DynatraceSampler? = nil
    ) {
      self.backend = backend
      self.maxTagLength = maxTagLength
      self.transport = transport
      self.detectsEnvironment = detectsEnvironment
      self.detectsDynatrace = detectsDynatrace
      self.enrichment = enrichment
      self.dynatraceSampler = dynatraceSampler
    }

    package enum Transport: Hashable, Sendable {
      case http(HTTPService)
      case grpc(timeout: Duration?, initialMetadata: [HTTPHeader])
    }

    package enum Enrichment: String, CaseIterable, Sendable {
      case istioCanonical = "ISTIO_CANONICAL"
      case otelSemanticConventions = "OTEL_SEMANTIC_CONVENTIONS"
    }
  }

  package struct HTTPService: Hashable, Sendable {
    package var path: String?
    package var timeout: Duration?
    package var headers: [HTTPHeader]

    package init(path: String? = nil, timeout: Duration? = nil, headers: [HTTPHeader] = []) {
      self.path = path
      self.timeout = timeout
      self.headers = headers
    }
  }

  package struct DynatraceSampler: Hashable, Sendable {
    package var tenant: String
    package var clusterID: Int
    package var rootSpansPerMinute: Int
    package var httpBackend: Backend?
    package var httpService: HTTPService?

    package init(
      tenant: String, clusterID: Int = 0, rootSpansPerMinute: Int = 0, httpBackend: Backend? = nil,
      httpService: HTTPService? = nil
    ) {
      self.tenant = tenant
      self.clusterID = clusterID
      self.rootSpansPerMinute = rootSpansPerMinute
      self.httpBackend = httpBackend
      self.httpService = httpService
    }
  }

  package struct FileAccessLog: Hashable, Sendable {
    package var path: String?
    package var format: LogFormat?
    package var omitEmptyValues: Bool

    package init(path: String? = nil, format: LogFormat? = nil, omitEmptyValues: Bool = false) {
      self.path = path
      self.format = format
      self.omitEmptyValues = omitEmptyValues
    }
  }

  package enum LogFormat: Hashable, Sendable {
    case text(String)
    /// A mapping, as written; null for an empty one.
    case labels(Node)
  }

  package struct GRPCAccessLog: Hashable, Sendable {
    package var backend: Backend
    package var logName: String?
    package var filterStateObjectsToLog: [String]
    package var additionalRequestHeadersToLog: [String]
    package var additionalResponseHeadersToLog: [String]
    package var additionalResponseTrailersToLog: [String]

    package init(
      backend: Backend, logName: String? = nil, filterStateObjectsToLog: [String] = [],
      additionalRequestHeadersToLog: [String] = [], additionalResponseHeadersToLog: [String] = [],
      additionalResponseTrailersToLog: [String] = []
    ) {
      self.backend = backend
      self.logName = logName
      self.filterStateObjectsToLog = filterStateObjectsToLog
      self.additionalRequestHeadersToLog = additionalRequestHeadersToLog
      self.additionalResponseHeadersToLog = additionalResponseHeadersToLog
      self.additionalResponseTrailersToLog = additionalResponseTrailersToLog
    }
  }

  package struct OpenTelemetryAccessLog: Hashable, Sendable {
    package var backend: Backend
    package var logName: String?
    package var text: String?
    /// Sorted by key.
    package var labels: [Named<Node>]

    package init(
      backend: Backend, logName: String? = nil, text: String? = nil,
      labels: [Named<Node>] = []
    ) {
      self.backend = backend
      self.logName = logName
      self.text = text
      self.labels = labels
    }
  }
}
