/// An object's place among those that files define: by file, then by how far down it stands there.
///
/// The number is not a line: it stays while others are written before or behind, so that adding an
/// object is no change to its neighbours.
package struct FileOrder: Hashable, Comparable, Sendable {
  package let file: String
  package let number: UInt64

  package init(file: String, number: UInt64) {
    self.file = file
    self.number = number
  }

  package static func < (a: Self, b: Self) -> Bool { (a.file, a.number) < (b.file, b.number) }
}

extension Resource {
  /// The object with its place among those of files, where the place counts: istiod's own kinds are
  /// created in the order they are read.
  package func placed(at order: FileOrder) -> Resource {
    func placed<Spec>(_ object: Object<Spec>) -> Object<Spec> {
      var metadata = object.metadata
      metadata.fileOrder = order
      return Object(metadata: metadata, spec: object.spec, place: object.place)
    }
    return switch self {
    case .gateway(let object): .gateway(placed(object))
    case .virtualService(let object): .virtualService(placed(object))
    case .destinationRule(let object): .destinationRule(placed(object))
    case .serviceEntry(let object): .serviceEntry(placed(object))
    case .workloadEntry(let object): .workloadEntry(placed(object))
    case .authorizationPolicy(let object): .authorizationPolicy(placed(object))
    case .requestAuthentication(let object): .requestAuthentication(placed(object))
    case .peerAuthentication(let object): .peerAuthentication(placed(object))
    case .envoyFilter(let object): .envoyFilter(placed(object))
    case .telemetry(let object): .telemetry(placed(object))
    case .wasmPlugin(let object): .wasmPlugin(placed(object))
    case .trafficExtension(let object): .trafficExtension(placed(object))
    case .proxyConfig(let object): .proxyConfig(placed(object))
    case .sidecar(let object): .sidecar(placed(object))
    case .workloadGroup(let object): .workloadGroup(placed(object))
    case .service, .pod, .node, .namespace, .secret, .configMap, .endpointSlice: self
    }
  }
}
