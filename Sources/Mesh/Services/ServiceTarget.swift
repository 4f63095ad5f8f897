/// A service's port that ends at the proxy itself: what a Gateway's port number means in its pod.
package struct ServiceTarget: Hashable, Sendable {
  package let service: ServiceKey
  package let port: ServicePort
  /// The port in the proxy's pod.
  package let targetPort: Int

  package init(service: ServiceKey, port: ServicePort, targetPort: Int) {
    self.service = service
    self.port = port
    self.targetPort = targetPort
  }
}
