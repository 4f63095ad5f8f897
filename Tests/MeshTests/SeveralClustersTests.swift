import Incremental
import Mesh
import Resources
import Store
import TestSupport
import Testing

/// A mesh over several clusters, by the rules of istiod's aggregate controller and of its Kubernetes
/// controller, of which there is one a cluster.
@Suite struct SeveralClustersTests {
  typealias Bench = ServiceBench

  private static let host = "s.a.svc.cluster.local"
  private static let key = ServiceKey(host: host, namespace: "a")

  private static func slice(_ addresses: [String], pods: [String] = []) -> Resource {
    .endpointSlice(
      Bench.object(
        EndpointSlice(
          endpoints: addresses.enumerated().map { index, address in
            .init(
              addresses: [address],
              target: pods.isEmpty ? nil : .pod(namespace: "a", name: pods[index]))
          }, ports: [.init(name: "http", port: 8080)]),
        Bench.meta("a", "s-1", labels: ["kubernetes.io/service-name": "s"])))
  }

  private static func pod(
    _ name: String, ip: String, labels: [String: String] = [:]
  ) -> Resource {
    .pod(
      Bench.object(
        Pod(serviceAccountName: "app", nodeName: "n", address: ip, isReady: true),
        Bench.meta("a", name, labels: labels)))
  }

  private static func node(region: String) -> Resource {
    .node(
      Bench.object(
        KubernetesNode(), Bench.meta("", "n", labels: ["topology.kubernetes.io/region": region])))
  }

  private static func system(network: String) -> Resource {
    .namespace(
      Bench.object(
        Namespace(), Bench.meta("", "sys", labels: ["topology.istio.io/network": network])))
  }

  private static func eastWestGateway(_ address: String) -> Resource {
    .service(
      Bench.object(
        Service(
          type: .loadBalancer, ports: [.init(name: "tls", port: 15443)],
          loadBalancerIngress: [.init(ip: address)]),
        Bench.meta("sys", "eastwest", labels: ["topology.istio.io/network": "\(address)-net"])))
  }

  private func bench(
    own: [Resource], west: [Resource] = [], east: [Resource] = []
  ) -> Bench {
    let bench = Bench(own, options: .init(clusterID: "main", systemNamespace: "sys"))
    bench.store.set(remoteClusters: ["west", "east"])
    for resource in west { bench.store.put(resource, in: .remote("west")) }
    for resource in east { bench.store.put(resource, in: .remote("east")) }
    return bench
  }

  private func endpoints(_ bench: Bench, for cluster: String = "main") -> [String] {
    bench.model.services.service(Self.key).map { service in
      bench.model.endpoints.endpoints(of: service, forCluster: cluster).map { endpoint in
        guard case .socket(let ip, _) = endpoint.address else { return "-" }
        return "\(endpoint.workload.clusterID) \(ip)"
      }
    } ?? []
  }

  /// aggregate/controller_test.go, TestServicesForMultiCluster.
  @Test func aServiceOfSeveralClustersIsOneAndOfItsFirstClustersKind() {
    let bench = bench(
      own: [Bench.service("a", "s", created: 9, exportTo: ".")],
      west: [
        Bench.service("a", "s", created: 1, ports: [.init(name: "tcp", port: 9)], exportTo: "*"),
        Bench.service("a", "world"),
      ])
    let services = bench.model.services
    #expect(services.visible("b").map(\.host) == ["world.a.svc.cluster.local"])
    #expect(services.visible("a").map(\.host) == [Self.host, "world.a.svc.cluster.local"])
    #expect(services.service(Self.key)?.ports.map(\.number) == [80])
    bench.store.remove(.service, NamespacedName(namespace: "a", name: "s"))
    #expect(services.service(Self.key)?.ports.map(\.number) == [9])
    #expect(services.visible("b").map(\.host) == ["world.a.svc.cluster.local", Self.host])
    bench.store.remove(
      .service, NamespacedName(namespace: "a", name: "s"), in: .remote("west"))
    #expect(services.service(Self.key) == nil)
  }

  /// mergeService: "Merge service accounts from different clusters".
  @Test func identitiesThatAnyClusterStatesCount() {
    let stating = { (account: String) -> Resource in
      .service(
        Bench.object(
          Service(clusterIP: "10.0.0.1", ports: [.http]),
          Bench.meta(
            "a", "s",
            annotations: ["alpha.istio.io/canonical-serviceaccounts": account])))
    }
    let bench = bench(
      own: [stating("x")], west: [stating("y"), stating("x")], east: [stating("z")])
    #expect(bench.model.services.service(Self.key)?.subjectAltNames == ["x", "z"])
    bench.store.put(stating("y"), in: .remote("west"))
    #expect(bench.model.services.service(Self.key)?.subjectAltNames == ["x", "z", "y"])
  }

  /// kube/conversion.go: only commas part them.
  @Test func annotatedIdentitiesAreTakenAsTheyAreWritten() {
    let service = Resource.service(
      Bench.object(
        Service(clusterIP: "10.0.0.1", ports: [.http]),
        Bench.meta(
          "a", "s", annotations: ["alpha.istio.io/canonical-serviceaccounts": "x, y"])))
    let bench = bench(own: [service], west: [], east: [])
    #expect(bench.model.services.service(Self.key)?.subjectAltNames == ["x", " y"])
  }

  /// endpointshards.go: shards in the order of their clusters' names.
  @Test func endpointsComeFromAllClustersEachWithItsOwnPodsNodesAndNetwork() {
    let bench = bench(
      own: [
        Bench.service("a", "s"), Self.slice(["10.1.0.1"], pods: ["p"]), Self.system(network: "m"),
        Self.pod("p", ip: "10.1.0.1"), Self.node(region: "here"),
      ],
      west: [
        Self.slice(["10.1.0.1"], pods: ["p"]), Self.pod("p", ip: "10.1.0.1"),
        Self.node(region: "far"), Self.system(network: "w"),
      ],
      east: [Bench.service("a", "s"), Self.slice(["10.3.0.1"]), Self.pod("q", ip: "10.3.0.1")])
    #expect(endpoints(bench) == ["east 10.3.0.1", "main 10.1.0.1", "west 10.1.0.1"])
    let workloads = bench.model.endpoints.endpoints(Self.key).map(\.workload)
    #expect(workloads.map(\.name) == ["q", "p", "p"])
    #expect(workloads.map(\.network) == ["", "m", "w"])
    #expect(workloads.map(\.locality.region) == ["", "here", "far"])
    #expect(workloads.map { $0.labels["topology.istio.io/cluster"] } == ["east", "main", "west"])
    bench.store.set(
      meshNetworks: MeshNetworks(networks: [
        Named(name: "of-east", value: .init(endpoints: [.fromRegistry("east")]))
      ]))
    #expect(
      bench.model.endpoints.endpoints(Self.key).map(\.workload.network) == ["of-east", "m", "w"])
  }

  /// endpoint_builder.go, snapshotShards: "only include endpoints that reside in the same cluster".
  @Test func aClusterLocalHostHasEachClustersOwnEndpoints() {
    let bench = bench(
      own: [Bench.service("a", "s"), Self.slice(["10.1.0.1"])], west: [Self.slice(["10.2.0.1"])])
    #expect(endpoints(bench, for: "west") == ["main 10.1.0.1", "west 10.2.0.1"])
    bench.store.set(
      meshConfig: MeshConfig(
        serviceSettings: [.init(isClusterLocal: true, hosts: ["*.a.svc.cluster.local"])]))
    #expect(endpoints(bench) == ["main 10.1.0.1"])
    #expect(endpoints(bench, for: "west") == ["west 10.2.0.1"])
    #expect(endpoints(bench, for: "nowhere") == [])
  }

  /// A pod event of any cluster is told to ServiceEntries (multicluster.go, initializeCluster).
  @Test func aServiceEntrySelectsPodsOfAllClusters() {
    let bench = bench(
      own: [
        Bench.entry(
          "a", "e",
          ServiceEntry(
            hosts: ["e.example"], ports: [.init(number: 80, name: "http", portProtocol: .http)],
            resolution: .static, workloadSelector: ["app": "x"]))
      ],
      west: [Self.pod("p", ip: "10.2.0.1", labels: ["app": "x"])])
    let key = ServiceKey(host: "e.example", namespace: "a")
    #expect(bench.model.endpoints.endpoints(key).map(\.workload.clusterID) == ["west"])
  }

  /// aggregate/controller.go, skipSearchingRegistryForProxy.
  @Test func aProxysPodAndServicesAreThoseOfItsOwnCluster() {
    let gateway = { (port: Int) -> Resource in
      Bench.service(
        "edge", "gateway", ports: [.init(name: "http", port: port, targetPort: .number(port))],
        selector: ["of": "edge"])
    }
    let pod = { (labels: [String: String]) -> Resource in
      .pod(
        Bench.object(Pod(address: "10.9.9.9"), Bench.meta("edge", "gateway", labels: labels)))
    }
    let bench = bench(
      own: [gateway(81), pod(["of": "edge", "in": "main"])],
      west: [gateway(82), pod(["of": "edge", "in": "west"])])
    for (cluster, port) in [("main", 81), ("west", 82)] {
      let node = ProxyNode(
        type: .router, id: "gateway.edge", ipAddresses: ["10.9.9.9"],
        dnsDomain: "edge.svc.cluster.local", configNamespace: "edge",
        metadata: NodeMetadata(clusterID: cluster, raw: [:]))
      let proxies = bench.model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
      #expect(proxies.traits.labels["in"] == cluster)
      #expect(bench.model.services.targets(proxies).map(\.targetPort) == [port])
    }
  }

  /// GetProxyWorkloadLabels: what is nearest is told by the network of the proxy's pod.
  @Test func aProxysNetworkIsItsPods() {
    let pod = { (labels: [String: String]) -> Resource in
      .pod(Bench.object(Pod(address: "10.9.9.9"), Bench.meta("edge", "gateway", labels: labels)))
    }
    let bench = bench(
      own: [Self.system(network: "near"), pod([:])], west: [Self.system(network: "far"), pod([:])])
    func network(in cluster: String, stated: String? = nil) -> String? {
      let node = ProxyNode(
        type: .router, id: "gateway.edge", ipAddresses: ["10.9.9.9"],
        dnsDomain: "edge.svc.cluster.local", configNamespace: "edge",
        metadata: NodeMetadata(clusterID: cluster, network: stated, raw: [:]))
      return bench.model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
        .traits.labels["topology.istio.io/network"]
    }
    #expect(network(in: "main") == "near" && network(in: "west", stated: "x") == "far")
    #expect(network(in: "east", stated: "x") == "x")
    bench.store.put(Self.system(network: "farther"), in: .remote("west"))
    #expect(network(in: "west") == "farther")
    bench.store.put(pod(["topology.istio.io/network": "own"]), in: .remote("west"))
    #expect(network(in: "west") == "own")
  }

  /// mesh_network_test.go: every cluster's gateways lead into its network.
  @Test func everyClustersGatewaysAreKnown() {
    let bench = bench(
      own: [Self.eastWestGateway("1.1.1.1")], west: [Self.eastWestGateway("2.2.2.2")])
    let gateways = bench.model.networks.gateways
    #expect(gateways.gateways(into: "1.1.1.1-net", cluster: "").map(\.clusterID) == ["main"])
    #expect(gateways.gateways(into: "2.2.2.2-net", cluster: "").map(\.clusterID) == ["west"])
    bench.store.set(
      meshNetworks: MeshNetworks(networks: [
        Named(
          name: "named",
          value: .init(
            endpoints: [.fromRegistry("west")],
            gateways: [
              .init(address: .registryServiceName("eastwest.sys.svc.cluster.local"), port: 15443)
            ]))
      ]))
    let named = bench.model.networks.gateways.gateways(into: "named", cluster: "west")
    #expect(named.map(\.address) == ["2.2.2.2"])
  }

  /// Changes come in any order, and repeat; what they come to must not remember how.
  @Test(arguments: UInt64(0)..<40) func theOrderOfClustersChangesDoesNotCount(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let clusters: [KubernetesCluster] = [.own, .remote("east"), .remote("west")]
    let changed = bench(own: [])
    var present: [LocatedName: Resource] = [:]
    for _ in 1...40 {
      let cluster = clusters.randomElement(using: &random)!
      let id = NamespacedName(namespace: "a", name: ["s", "t"].randomElement(using: &random)!)
      if Bool.random(using: &random) {
        let service = Bench.service(
          "a", id.name, created: .random(in: 0...3, using: &random),
          ports: [.init(name: "p", port: .random(in: 1...3, using: &random))],
          exportTo: [nil, ".", "*"].randomElement(using: &random)!)
        changed.store.put(service, in: cluster)
        present[LocatedName(id, in: cluster)] = service
      } else {
        changed.store.remove(.service, id, in: cluster)
        present[LocatedName(id, in: cluster)] = nil
      }
      let fresh = bench(own: [])
      for (name, service) in present { fresh.store.put(service, in: name.cluster) }
      for namespace in ["a", "b"] {
        let (some, all) = (changed.model.services, fresh.model.services)
        #expect(some.visible(namespace) == all.visible(namespace), "seed \(seed)")
        #expect(
          some.visible(namespace).map(some.service) == all.visible(namespace).map(all.service),
          "seed \(seed)")
      }
    }
  }
}
