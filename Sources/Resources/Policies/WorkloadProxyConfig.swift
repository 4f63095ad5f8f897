/// networking.istio.io ProxyConfig: settings that proxies are started with. Injection and Istio's agent
/// read them; what they come to reaches the control plane in a proxy's node metadata.
package struct WorkloadProxyConfig: ResourceSpec {
  package static let kind = Kind.proxyConfig

  /// Labels of the workloads; nil or empty for all of the namespace.
  package var selector: [String: String]?
  /// Worker threads; 0 for as many as there are cores.
  package var concurrency: Int?
  package var environmentVariables: [String: String]
  package var imageType: String?

  package init(
    selector: [String: String]? = nil, concurrency: Int? = nil,
    environmentVariables: [String: String] = [:], imageType: String? = nil
  ) {
    self.selector = selector
    self.concurrency = concurrency
    self.environmentVariables = environmentVariables
    self.imageType = imageType
  }
}
