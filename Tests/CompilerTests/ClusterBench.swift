import Compiler
import Diagnostics
import Incremental
import Mesh
import Resources
import Segments
import Store
import TestSupport

/// A mesh, its cluster compiler, and a gateway proxy of namespace `edge` in region `r1`.
struct ClusterBench {
  let store: ObjectStore
  let model: MeshModel
  let compiler: ClusterCompiler

  init(_ resources: [Resource] = []) {
    store = ObjectStore(Graph())
    model = MeshModel(store, options: MeshModel.Options())
    compiler = ClusterCompiler(model, gateways: .all)
    for resource in resources { store.put(resource) }
  }

  var proxies: ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.edge", ipAddresses: ["10.0.0.9"],
      dnsDomain: "edge.svc.cluster.local", configNamespace: "edge",
      metadata: NodeMetadata(raw: [:]), locality: NodeLocality(region: "r1"))
    return model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
  }

  /// The bytes of all clusters and assignments, by name.
  func resources() -> [String: [UInt8]] {
    var resources: [String: [UInt8]] = [:]
    for (kind, table) in [("cluster", compiler.clusters), ("endpoints", compiler.endpoints)] {
      for name in table.names(proxies) {
        resources["\(kind) \(table.text(name))"] =
          table.bodies(ResourceKey(proxies, name))?.flattened()
      }
    }
    return resources
  }

  static func object<Spec: ResourceSpec>(
    _ spec: Spec, _ namespace: String, _ name: String, labels: [String: String] = [:]
  ) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: name, namespace: namespace, labels: labels), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }
}

/// Services and all that stands behind them, with few names, so that hosts collide, selectors meet and
/// rules of several namespaces hit the same service.
struct RandomServices {
  enum Edit {
    case put(Resource)
    case remove(Kind, NamespacedName)

    func apply(to store: ObjectStore) {
      switch self {
      case .put(let resource): store.put(resource)
      case .remove(let kind, let id): store.remove(kind, id)
      }
    }
  }

  private var objects: [String: Resource] = [:]
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// All that is there, in a random order.
  mutating func shuffled() -> [Resource] {
    objects.sorted { $0.key < $1.key }.map(\.value).shuffled(using: &random)
  }

  mutating func edit() -> Edit {
    let kinds: [Kind] = [
      .service, .serviceEntry, .endpointSlice, .endpointSlice, .pod, .pod, .node, .workloadEntry,
      .destinationRule, .destinationRule, .peerAuthentication, .peerAuthentication,
    ]
    let kind = pick(kinds)
    let namespace = kind == .node ? "" : pick(["edge", "shop", "istio-system"])
    let id = NamespacedName(namespace: namespace, name: pick(["a", "b", "c"]))
    let key = "\(kind) \(id)"
    if objects[key] != nil, chance(4) {
      objects[key] = nil
      return .remove(kind, id)
    }
    let resource = resource(kind, id)
    objects[key] = resource
    return .put(resource)
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements.randomElement(using: &random)!
  }
  private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
  private mutating func some<Element>(_ elements: [Element]) -> [Element] {
    elements.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)).map { $0 }
  }
  private mutating func labels() -> [String: String] {
    ["app": pick(["x", "y"]), "version": pick(["v1", "v2"])]
  }

  private mutating func peerAuthentication() -> PeerAuthentication {
    PeerAuthentication(
      attachment: PolicyAttachment(selector: chance(2) ? nil : labels()),
      mode: pick([nil, .disable, .strict]),
      portModes: chance(2) ? [:] : [8080: pick([nil, .disable, .permissive])])
  }

  private mutating func resource(_ kind: Kind, _ id: NamespacedName) -> Resource {
    func object<Spec: ResourceSpec>(_ spec: Spec, _ labels: [String: String] = [:]) -> Object<Spec>
    {
      ClusterBench.object(spec, id.namespace, id.name, labels: labels)
    }
    switch kind {
    case .service: return .service(object(service()))
    case .serviceEntry: return .serviceEntry(object(serviceEntry()))
    case .peerAuthentication: return .peerAuthentication(object(peerAuthentication()))
    case .endpointSlice:
      return .endpointSlice(object(slice(), ["kubernetes.io/service-name": pick(["a", "b"])]))
    case .pod:
      let labels = labels().merging(
        chance(2) ? ["security.istio.io/tlsMode": "istio"] : [:]
      ) { own, _ in own }
      return .pod(
        object(
          Pod(
            serviceAccountName: pick(["one", "two"]), nodeName: pick(["a", "b", nil]),
            address: pick(["10.1.0.1", "10.1.0.2"]), isReady: !chance(3)), labels))
    case .node:
      return .node(
        object(
          KubernetesNode(), ["topology.kubernetes.io/region": pick(["r1", "r2"])]))
    case .workloadEntry:
      return .workloadEntry(object(workloadEntry()))
    default: return .destinationRule(object(destinationRule()))
    }
  }

  private mutating func service() -> Service {
    Service(
      clusterIP: chance(4) ? "None" : "10.0.0.1",
      ports: some(["http", "grpc", "tcp"]).enumerated().map { index, name in
        .init(name: name, port: 80 + index)
      }, selector: chance(2) ? ["app": pick(["x", "y"])] : [:],
      trafficDistribution: chance(4) ? "PreferClose" : nil)
  }

  private mutating func serviceEntry() -> ServiceEntry {
    let selects = chance(2)
    return ServiceEntry(
      hosts: some(["x.com", "a.shop.svc.cluster.local", "*.y.com"]),
      ports: [.init(number: pick([80, 81]), name: pick(["http", "tcp"]), portProtocol: .http)],
      location: pick([.meshExternal, .meshInternal]),
      resolution: pick([.static, .dns, .dnsRoundRobin, .none]),
      endpoints: selects ? [] : some([workloadEntry(), workloadEntry()]),
      workloadSelector: selects ? ["app": pick(["x", "y"])] : nil,
      exportTo: chance(3) ? [.ownNamespace] : [])
  }

  private mutating func workloadEntry() -> WorkloadEntry {
    WorkloadEntry(
      address: pick(["10.2.0.1", "10.2.0.2", "vm.com"]), labels: labels(),
      locality: pick(["r1/z1", "r2", nil]), weight: pick([0, 3]),
      serviceAccount: pick(["vm", nil]))
  }

  private mutating func slice() -> EndpointSlice {
    EndpointSlice(
      endpoints: some(["10.1.0.1", "10.1.0.2", "10.1.0.3"]).map { address in
        .init(
          addresses: [address], isReady: !chance(4), isTerminating: chance(2),
          target: chance(3) ? nil : .pod(namespace: "shop", name: pick(["a", "b"])))
      }, ports: [.init(name: pick(["http", "grpc"]), port: 8080)])
  }

  private mutating func destinationRule() -> DestinationRule {
    DestinationRule(
      host: pick(["a", "x.com", "*.shop.svc.cluster.local", "*.com"]),
      trafficPolicy: chance(3)
        ? nil
        : TrafficPolicy(
          loadBalancer: .init(policy: .simple(pick([.random, .passthrough, .roundRobin]))),
          outlierDetection: chance(2) ? OutlierDetection() : nil,
          tls: chance(3) ? .init(mode: pick([.istioMutual, .disable, .simple])) : nil),
      subsets: some(["v1", "v2"]).map { .init(name: $0, labels: ["version": $0]) },
      exportTo: chance(2) ? [] : [.ownNamespace])
  }
}
