package import Resources
package import Store

/// A WasmPlugin or TrafficExtension that is attached to a class of proxies: what both come to, by the
/// name istiod knows it by.
package struct AttachedExtension: Hashable, Sendable {
  /// A plugin's name ends with ``marker``, which no Kubernetes name can have in it.
  package let id: NamespacedName
  package let spec: TrafficExtension

  package static let marker = "~istio-translated-wasmplugin"

  /// Whether it is for connections to some port.
  package func mayBeFor(_ side: AppliedTelemetry.Side) -> Bool {
    spec.match.isEmpty || spec.match.contains { side.isMeant(by: $0.mode) }
  }

  /// Whether it is for connections to that port of a proxy that is their client or server.
  package func isFor(_ side: AppliedTelemetry.Side, port: Int) -> Bool {
    spec.match.isEmpty
      || spec.match.contains {
        side.isMeant(by: $0.mode) && ($0.ports.isEmpty || $0.ports.contains(port))
      }
  }
}
