package import Diagnostics

extension Resource {
  /// Kind, namespace and name.
  package var name: ObjectName {
    switch self {
    case .gateway(let object): object.name
    case .virtualService(let object): object.name
    case .destinationRule(let object): object.name
    case .serviceEntry(let object): object.name
    case .workloadEntry(let object): object.name
    case .authorizationPolicy(let object): object.name
    case .requestAuthentication(let object): object.name
    case .peerAuthentication(let object): object.name
    case .envoyFilter(let object): object.name
    case .telemetry(let object): object.name
    case .wasmPlugin(let object): object.name
    case .trafficExtension(let object): object.name
    case .proxyConfig(let object): object.name
    case .sidecar(let object): object.name
    case .workloadGroup(let object): object.name
    case .service(let object): object.name
    case .pod(let object): object.name
    case .node(let object): object.name
    case .namespace(let object): object.name
    case .secret(let object): object.name
    case .configMap(let object): object.name
    case .endpointSlice(let object): object.name
    }
  }

  /// Where it stands in its file.
  package var place: Place {
    switch self {
    case .gateway(let object): object.place
    case .virtualService(let object): object.place
    case .destinationRule(let object): object.place
    case .serviceEntry(let object): object.place
    case .workloadEntry(let object): object.place
    case .authorizationPolicy(let object): object.place
    case .requestAuthentication(let object): object.place
    case .peerAuthentication(let object): object.place
    case .envoyFilter(let object): object.place
    case .telemetry(let object): object.place
    case .wasmPlugin(let object): object.place
    case .trafficExtension(let object): object.place
    case .proxyConfig(let object): object.place
    case .sidecar(let object): object.place
    case .workloadGroup(let object): object.place
    case .service(let object): object.place
    case .pod(let object): object.place
    case .node(let object): object.place
    case .namespace(let object): object.place
    case .secret(let object): object.place
    case .configMap(let object): object.place
    case .endpointSlice(let object): object.place
    }
  }
}
