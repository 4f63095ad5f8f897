/// networking.istio.io WorkloadGroup: what machines that register themselves have in common.
package struct WorkloadGroup: ResourceSpec {
  package static let kind = Kind.workloadGroup

  /// Labels and annotations of the WorkloadEntries that are made.
  package var labels: [String: String]
  package var annotations: [String: String]
  /// What an entry says but for the machine's own address.
  package var template: WorkloadEntry
  package var probe: ReadinessProbe?

  package init(
    labels: [String: String] = [:], annotations: [String: String] = [:], template: WorkloadEntry,
    probe: ReadinessProbe? = nil
  ) {
    self.labels = labels
    self.annotations = annotations
    self.template = template
    self.probe = probe
  }

  /// How a machine's agent finds out whether its application is well. 0 leaves a number at its default.
  package struct ReadinessProbe: Hashable, Sendable {
    package var initialDelaySeconds: Int
    package var timeoutSeconds: Int
    package var periodSeconds: Int
    package var successThreshold: Int
    package var failureThreshold: Int
    package var method: Method

    package init(
      initialDelaySeconds: Int = 0, timeoutSeconds: Int = 0, periodSeconds: Int = 0,
      successThreshold: Int = 0, failureThreshold: Int = 0, method: Method
    ) {
      self.initialDelaySeconds = initialDelaySeconds
      self.timeoutSeconds = timeoutSeconds
      self.periodSeconds = periodSeconds
      self.successThreshold = successThreshold
      self.failureThreshold = failureThreshold
      self.method = method
    }

    package enum Method: Hashable, Sendable {
      case httpGet(HTTPGet)
      case tcpSocket(host: String?, port: Int)
      case exec([String])
    }

    package struct HTTPGet: Hashable, Sendable {
      package var path: String?
      package var host: String?
      package var port: Int
      package var scheme: Scheme
      package var headers: [Named<String>]

      package init(
        path: String? = nil, host: String? = nil, port: Int, scheme: Scheme = .http,
        headers: [Named<String>] = []
      ) {
        self.path = path
        self.host = host
        self.port = port
        self.scheme = scheme
        self.headers = headers
      }

      package enum Scheme: String, CaseIterable, Sendable {
        case http = "HTTP"
        case https = "HTTPS"
      }
    }
  }
}
