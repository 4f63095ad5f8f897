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
    case .service(let object): object.name
    case .pod(let object): object.name
    case .node(let object): object.name
    case .namespace(let object): object.name
    case .secret(let object): object.name
    case .configMap(let object): object.name
    case .endpointSlice(let object): object.name
    }
  }
}
