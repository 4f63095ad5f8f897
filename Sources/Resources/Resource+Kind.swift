extension Resource {
  package var kind: Kind {
    switch self {
    case .gateway: .gateway
    case .virtualService: .virtualService
    case .destinationRule: .destinationRule
    case .serviceEntry: .serviceEntry
    case .workloadEntry: .workloadEntry
    case .authorizationPolicy: .authorizationPolicy
    case .requestAuthentication: .requestAuthentication
    case .peerAuthentication: .peerAuthentication
    case .envoyFilter: .envoyFilter
    case .telemetry: .telemetry
    case .wasmPlugin: .wasmPlugin
    case .trafficExtension: .trafficExtension
    case .proxyConfig: .proxyConfig
    case .sidecar: .sidecar
    case .workloadGroup: .workloadGroup
    case .service: .service
    case .pod: .pod
    case .node: .node
    case .namespace: .namespace
    case .secret: .secret
    case .configMap: .configMap
    case .endpointSlice: .endpointSlice
    }
  }
}
