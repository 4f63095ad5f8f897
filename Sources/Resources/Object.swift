package import Diagnostics

/// One decoded object: what all kinds have in common, and the kind's own fields.
///
/// Two objects are equal when they mean the same: where an object stood in its file is no part of
/// it, so that a line added above it is not a change.
///
/// A class that never changes: whoever holds an object holds the same one.
package final class Object<Spec: ResourceSpec>: Hashable, Sendable {
  package let metadata: ObjectMeta
  package let spec: Spec
  package let place: Place

  package init(metadata: ObjectMeta, spec: Spec, place: Place) {
    self.metadata = metadata
    self.spec = spec
    self.place = place
  }

  /// As messages and the debug pages call it: `VirtualService shop/cart`.
  package var name: ObjectName {
    ObjectName(
      kind: Spec.kind.rawValue, namespace: metadata.namespace, name: metadata.name)
  }

  package static func == (a: Object, b: Object) -> Bool {
    a === b || (a.spec == b.spec && a.metadata == b.metadata)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(metadata)
    hasher.combine(spec)
  }
}

/// The fields of one kind, from `spec` and what is read of `status`.
package protocol ResourceSpec: Hashable, Sendable {
  static var kind: Kind { get }
}

/// The kinds that are decoded to values of their own.
package enum Kind: String, CaseIterable, Hashable, Sendable {
  case gateway = "Gateway"
  case virtualService = "VirtualService"
  case destinationRule = "DestinationRule"
  case serviceEntry = "ServiceEntry"
  case workloadEntry = "WorkloadEntry"
  case authorizationPolicy = "AuthorizationPolicy"
  case requestAuthentication = "RequestAuthentication"
  case peerAuthentication = "PeerAuthentication"
  case envoyFilter = "EnvoyFilter"
  case telemetry = "Telemetry"
  case wasmPlugin = "WasmPlugin"
  case trafficExtension = "TrafficExtension"
  case proxyConfig = "ProxyConfig"
  case sidecar = "Sidecar"
  case workloadGroup = "WorkloadGroup"
  case service = "Service"
  case pod = "Pod"
  case node = "Node"
  case namespace = "Namespace"
  case secret = "Secret"
  case configMap = "ConfigMap"
  case endpointSlice = "EndpointSlice"
}

extension Kind {
  /// Whether it counts in each cluster of a mesh: what runs there. All else is read from one of them.
  package var isOfEveryCluster: Bool {
    switch self {
    case .service, .endpointSlice, .pod, .node, .namespace: true
    case .gateway, .virtualService, .destinationRule, .serviceEntry, .workloadEntry,
      .authorizationPolicy, .requestAuthentication, .peerAuthentication, .envoyFilter, .telemetry,
      .wasmPlugin, .trafficExtension, .proxyConfig, .sidecar, .workloadGroup, .secret, .configMap:
      false
    }
  }
}

/// One object of any kind.
package enum Resource: Hashable, Sendable {
  case gateway(Object<Gateway>)
  case virtualService(Object<VirtualService>)
  case destinationRule(Object<DestinationRule>)
  case serviceEntry(Object<ServiceEntry>)
  case workloadEntry(Object<WorkloadEntry>)
  case authorizationPolicy(Object<AuthorizationPolicy>)
  case requestAuthentication(Object<RequestAuthentication>)
  case peerAuthentication(Object<PeerAuthentication>)
  case envoyFilter(Object<EnvoyFilter>)
  case telemetry(Object<Telemetry>)
  case wasmPlugin(Object<WasmPlugin>)
  case trafficExtension(Object<TrafficExtension>)
  case proxyConfig(Object<WorkloadProxyConfig>)
  case sidecar(Object<Sidecar>)
  case workloadGroup(Object<WorkloadGroup>)
  case service(Object<Service>)
  case pod(Object<Pod>)
  case node(Object<KubernetesNode>)
  case namespace(Object<Namespace>)
  case secret(Object<Secret>)
  case configMap(Object<ConfigMap>)
  case endpointSlice(Object<EndpointSlice>)
}

/// An object that this one belongs to; a pod's workload is named after its controller.
package struct OwnerReference: Hashable, Sendable {
  package var kind: String
  package var name: String
  package var isController: Bool

  package init(kind: String, name: String, isController: Bool = false) {
    self.kind = kind
    self.name = name
    self.isController = isController
  }
}

/// A moment as Kubernetes writes it: RFC 3339 to the second, compared in UTC.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var secondsSince1970: Int64

  package init(secondsSince1970: Int64) {
    self.secondsSince1970 = secondsSince1970
  }

  package static func < (a: Timestamp, b: Timestamp) -> Bool {
    a.secondsSince1970 < b.secondsSince1970
  }
}

/// Where a part of an object stood in the object's file, for messages about it.
///
/// All positions are equal, and add nothing to a hash: moving a line is not a change.
package struct SourcePosition: Hashable, Sendable {
  package var line: Int32
  package var column: Int32

  package init(line: Int32, column: Int32) {
    self.line = line
    self.column = column
  }

  package static let unknown = SourcePosition(line: 0, column: 0)

  package func place(in file: String) -> Place {
    Place(file: file, line: Int(line), column: Int(column))
  }

  package static func == (a: Self, b: Self) -> Bool { true }
  package func hash(into hasher: inout Hasher) {}
}

/// An entry of a map whose order must not depend on hashing: maps that reach Envoy are arrays of
/// these, sorted by name.
package struct Named<Value: Hashable & Sendable>: Hashable, Sendable {
  package var name: String
  package var value: Value

  package init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}
