extension MeshConfig {
  /// Settings for some hosts.
  package struct ServiceSettings: Hashable, Sendable {
    package var isClusterLocal: Bool
    package var hosts: [String]

    package init(isClusterLocal: Bool = false, hosts: [String] = []) {
      self.isClusterLocal = isClusterLocal
      self.hosts = hosts
    }
  }

  /// Which ServiceEntries are seen beyond their namespace.
  package struct ServiceEntryVisibility: Hashable, Sendable {
    package var defaultVisibility: Visibility
    package var applyToSidecars: Bool
    package var policies: [Policy]

    package init(
      defaultVisibility: Visibility = .unspecified, applyToSidecars: Bool = false,
      policies: [Policy] = []
    ) {
      self.defaultVisibility = defaultVisibility
      self.applyToSidecars = applyToSidecars
      self.policies = policies
    }

    package enum Visibility: String, CaseIterable, Sendable {
      case unspecified = "VISIBILITY_UNSPECIFIED"
      case none = "NONE"
      case namespace = "NAMESPACE"
      case everyone = "PUBLIC"
    }

    package struct Policy: Hashable, Sendable {
      package var visibility: Visibility
      /// All of these; nil, where a rule says nothing, holds of no namespace.
      package var namespaceSelectors: [LabelSelector?]

      package init(
        visibility: Visibility = .unspecified, namespaceSelectors: [LabelSelector?] = []
      ) {
        self.visibility = visibility
        self.namespaceSelectors = namespaceSelectors
      }
    }
  }

  /// How Kubernetes Ingress objects are taken up.
  package struct IngressSettings: Hashable, Sendable {
    package var ingressClass: String
    package var service: String
    package var selector: String
    package var mode: Mode

    package init(
      ingressClass: String = "istio", service: String = "istio-ingressgateway",
      selector: String = "ingressgateway", mode: Mode = .strict
    ) {
      self.ingressClass = ingressClass
      self.service = service
      self.selector = selector
      self.mode = mode
    }

    package enum Mode: String, CaseIterable, Sendable {
      case unspecified = "UNSPECIFIED"
      case off = "OFF"
      case `default` = "DEFAULT"
      case strict = "STRICT"
    }
  }

  /// The access log that a proxy writes without any Telemetry.
  package struct AccessLogSettings: Hashable, Sendable {
    /// Nil writes none.
    package var file: String?
    /// Nil is Istio's own.
    package var format: String?
    package var encoding: Encoding
    package var usesEnvoyService: Bool
    package var disablesListenerLog: Bool

    package init(
      file: String? = nil, format: String? = nil, encoding: Encoding = .text,
      usesEnvoyService: Bool = false, disablesListenerLog: Bool = false
    ) {
      self.file = file
      self.format = format
      self.encoding = encoding
      self.usesEnvoyService = usesEnvoyService
      self.disablesListenerLog = disablesListenerLog
    }

    package enum Encoding: String, CaseIterable, Sendable {
      case text = "TEXT"
      case json = "JSON"
    }
  }

  package struct DefaultProviders: Hashable, Sendable {
    package var tracing: [String]
    package var metrics: [String]
    package var accessLogging: [String]

    package init(tracing: [String] = [], metrics: [String] = [], accessLogging: [String] = []) {
      self.tracing = tracing
      self.metrics = metrics
      self.accessLogging = accessLogging
    }
  }
}

/// A Kubernetes label selector: all of it must hold.
package struct LabelSelector: Hashable, Sendable {
  package var matchLabels: [String: String]
  package var matchExpressions: [Requirement]

  package init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
    self.matchLabels = matchLabels
    self.matchExpressions = matchExpressions
  }

  package struct Requirement: Hashable, Sendable {
    package var key: String
    package var condition: Condition

    package init(key: String, condition: Condition) {
      self.key = key
      self.condition = condition
    }
  }

  /// Whether an object with these labels is chosen: one without requirements chooses all.
  package func matches(_ labels: [String: String]) -> Bool {
    matchLabels.allSatisfy { labels[$0.key] == $0.value }
      && matchExpressions.allSatisfy { $0.condition.holds(labels[$0.key]) }
  }

  package enum Condition: Hashable, Sendable {
    /// Whether it holds for a label's value; nil is a label that is not there.
    func holds(_ value: String?) -> Bool {
      switch self {
      case .isIn(let values): value.map(values.contains) ?? false
      case .isNotIn(let values): value.map { !values.contains($0) } ?? true
      case .exists: value != nil
      case .doesNotExist: value == nil
      }
    }

    case isIn([String])
    case isNotIn([String])
    case exists
    case doesNotExist
  }
}
