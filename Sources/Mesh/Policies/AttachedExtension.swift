package import Resources
package import Store

/// A WasmPlugin or TrafficExtension that is attached to a class of proxies: what both come to, by the
/// name istiod knows it by.
package struct AttachedExtension: Hashable, Sendable {
  /// A plugin's name ends with ``marker``, which no Kubernetes name can have in it.
  package let id: NamespacedName
  package let spec: TrafficExtension

  package static let marker = "~istio-translated-wasmplugin"

  /// Whether it is for connections to some port of a proxy that is their client or server.
  package func mayBeFor(_ side: AppliedTelemetry.Side) -> Bool {
    spec.match.isEmpty || spec.match.contains { side.isMeant(by: $0.mode) }
  }
}

/// Where an extension stands in filter chains, and as what: all of it that listeners say.
package struct ExtensionPlacement: Hashable, Sendable {
  package let id: NamespacedName
  package let phase: TrafficExtension.Phase
  package let filter: Filter
  private let match: [TrafficExtension.TrafficSelector]

  package enum Filter: Hashable, Sendable {
    case httpModule
    case networkModule
    case script(String)
  }

  init(_ attached: AttachedExtension) {
    id = attached.id
    phase = attached.spec.phase
    match = attached.spec.match
    filter =
      switch attached.spec.program {
      case .lua(let script): .script(script)
      case .wasm(let module): module.type == .network ? .networkModule : .httpModule
      }
  }

  var looksAtPorts: Bool { match.contains { !$0.ports.isEmpty } }

  /// Whether it is for connections to that port of a proxy that is their client or server.
  package func isFor(_ side: AppliedTelemetry.Side, port: Int) -> Bool {
    match.isEmpty
      || match.contains {
        side.isMeant(by: $0.mode) && ($0.ports.isEmpty || $0.ports.contains(port))
      }
  }
}
