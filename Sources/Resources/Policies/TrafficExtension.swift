/// extensions.istio.io TrafficExtension: a WebAssembly module or a Lua script in filter chains.
package struct TrafficExtension: ResourceSpec, AttachedSpec {
  package static let kind = Kind.trafficExtension

  package var attachment: PolicyAttachment
  package var phase: Phase
  /// The highest comes first; nil comes last.
  package var priority: Int?
  /// One of these must fit; empty for all traffic.
  package var match: [TrafficSelector]
  package var program: Program
  /// What Kubernetes counts the object's versions with; nil for one from a file.
  package var resourceVersion: String?

  package init(
    attachment: PolicyAttachment = PolicyAttachment(), phase: Phase = .unspecified,
    priority: Int? = nil, match: [TrafficSelector] = [], program: Program,
    resourceVersion: String? = nil
  ) {
    self.attachment = attachment
    self.phase = phase
    self.priority = priority
    self.match = match
    self.program = program
    self.resourceVersion = resourceVersion
  }

  /// Where in a filter chain it stands: before Istio's filters of that purpose.
  package enum Phase: String, CaseIterable, Sendable {
    case unspecified = "UNSPECIFIED"
    case authn = "AUTHN"
    case authz = "AUTHZ"
    case stats = "STATS"
  }

  package enum Program: Hashable, Sendable {
    case wasm(WasmModule)
    case lua(String)
  }

  package struct TrafficSelector: Hashable, Sendable {
    package var mode: Telemetry.WorkloadMode
    /// Empty for all.
    package var ports: [Int]

    package init(mode: Telemetry.WorkloadMode = .clientAndServer, ports: [Int] = []) {
      self.mode = mode
      self.ports = ports
    }
  }
}

/// A WebAssembly module, and how it is run.
package struct WasmModule: Hashable, Sendable {
  package var source: Source
  /// In hexadecimal digits.
  package var sha256: String?
  package var imagePullPolicy: PullPolicy
  /// The Secret to pull an image with, in the namespace of the object.
  package var imagePullSecret: String?
  /// JSON text; nil for none.
  package var configuration: String?
  /// Which of the module's programs to run.
  package var rootID: String
  package var failStrategy: FailStrategy
  package var environment: [EnvironmentVariable]
  package var type: PluginType

  package init(
    source: Source, sha256: String? = nil, imagePullPolicy: PullPolicy = .unspecified,
    imagePullSecret: String? = nil, configuration: String? = nil, rootID: String = "",
    failStrategy: FailStrategy = .close, environment: [EnvironmentVariable] = [],
    type: PluginType = .unspecified
  ) {
    self.source = source
    self.sha256 = sha256
    self.imagePullPolicy = imagePullPolicy
    self.imagePullSecret = imagePullSecret
    self.configuration = configuration
    self.rootID = rootID
    self.failStrategy = failStrategy
    self.environment = environment
    self.type = type
  }

  /// Where the module comes from.
  package enum Source: Hashable, Sendable {
    /// On the proxy's own machine.
    case file(path: String)
    case http(WebAddress)
    /// What Istio's agent alone can fetch, by its whole URL: an image of a registry.
    case image(url: String)
  }

  package enum PullPolicy: String, CaseIterable, Sendable {
    case unspecified = "UNSPECIFIED_POLICY"
    case ifNotPresent = "IfNotPresent"
    case always = "Always"
  }

  package enum FailStrategy: String, CaseIterable, Sendable {
    case close = "FAIL_CLOSE"
    case open = "FAIL_OPEN"
    case reload = "FAIL_RELOAD"
  }

  package enum PluginType: String, CaseIterable, Sendable {
    /// HTTP.
    case unspecified = "UNSPECIFIED_PLUGIN_TYPE"
    case http = "HTTP"
    case network = "NETWORK"
  }

  package struct EnvironmentVariable: Hashable, Sendable {
    package var name: String
    /// Nil for the proxy's own of that name.
    package var value: String?

    package init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }
}

/// A URL that a module is fetched from by HTTP.
package struct WebAddress: Hashable, Sendable {
  package let url: String
  package let usesTLS: Bool
  /// Without the brackets of an IPv6 address.
  package let host: String
  package let port: Int

  package init(url: String, usesTLS: Bool, host: String, port: Int) {
    self.url = url
    self.usesTLS = usesTLS
    self.host = host
    self.port = port
  }
}
