import Incremental
import Mesh
import Resources
import Store
import Testing

@Suite struct EndpointQueriesTests {
  typealias Bench = ServiceBench

  private static let key = ServiceKey(host: "s.a.svc.cluster.local", namespace: "a")

  private static func slice(
    _ name: String = "s-1", _ endpoints: [EndpointSlice.Endpoint], port: String = "http"
  ) -> Resource {
    .endpointSlice(
      Bench.object(
        EndpointSlice(endpoints: endpoints, ports: [.init(name: port, port: 8080)]),
        Bench.meta("a", name, labels: ["kubernetes.io/service-name": "s"])))
  }

  private static func pod(
    _ name: String, ip: String, node: String? = nil, labels: [String: String] = [:],
    owner: OwnerReference? = nil, isReady: Bool? = true
  ) -> Resource {
    let metadata = ObjectMeta(
      name: name, namespace: "a", labels: labels,
      creationTimestamp: Timestamp(secondsSince1970: 0),
      generateName: owner == nil ? nil : "made-", ownerReferences: owner.map { [$0] } ?? [])
    return .pod(
      Bench.object(
        Pod(serviceAccountName: "app", nodeName: node, address: ip, isReady: isReady), metadata))
  }

  private static func target(_ pod: String) -> EndpointSlice.Target {
    .pod(namespace: "a", name: pod)
  }

  private func endpoints(_ bench: Bench, _ key: ServiceKey = Self.key) -> ServiceEndpoints {
    bench.model.endpoints.endpoints(key)
  }

  private func addresses(_ bench: Bench, _ key: ServiceKey = Self.key) -> [String] {
    endpoints(bench, key).map { endpoint in
      switch endpoint.address {
      case .socket(let ip, let port): "\(ip):\(port)"
      case .hostname(let name, let port): "\(name):\(port)"
      case .pipe(let path): path
      case .absent: "-"
      }
    }
  }

  @Test func anEndpointOfAPodWaitsForThePod() {
    let bench = Bench([
      Bench.service("a", "s"),
      Self.slice("s-1", [.init(addresses: ["10.1.0.1"], target: Self.target("p"))]),
    ])
    #expect(endpoints(bench).isEmpty)
    bench.store.put(Self.pod("p", ip: "10.1.0.1"))
    #expect(addresses(bench) == ["10.1.0.1:8080"])
    #expect(bench.model.endpoints.identities(Self.key) == ["spiffe://cluster.local/ns/a/sa/app"])
  }

  @Test func anAddressInTwoSlicesCountsOnce() {
    let endpoint = EndpointSlice.Endpoint(addresses: ["10.1.0.1"])
    let bench = Bench([
      Bench.service("a", "s"), Self.slice("s-1", [endpoint]),
      Self.slice("s-2", [endpoint, .init(addresses: ["10.1.0.2"])]),
    ])
    #expect(addresses(bench) == ["10.1.0.1:8080", "10.1.0.2:8080"])
  }

  @Test(arguments: [
    (nil, nil, nil, false, ServiceEndpoint.Health.healthy),
    (true, false, true, false, .healthy), (false, true, false, false, .unhealthy),
    (false, true, true, false, .terminating), (false, nil, nil, false, .terminating),
    (false, true, true, true, .draining), (false, false, true, true, .terminating),
  ])
  func conditionsSayHowAnEndpointIs(
    ready: Bool?, serving: Bool?, terminating: Bool?, holdsSessions: Bool,
    expected: ServiceEndpoint.Health
  ) {
    let labels = holdsSessions ? ["istio.io/persistent-session": "c"] : [:]
    let endpoint = EndpointSlice.Endpoint(
      addresses: ["10.1.0.1"], isReady: ready, isServing: serving, isTerminating: terminating)
    let bench = Bench([Bench.service("a", "s", labels: labels), Self.slice("s-1", [endpoint])])
    #expect(endpoints(bench).map(\.health) == [expected])
  }

  /// Slices whose endpoints have one address each are held as they are, others address by address: what
  /// they say is the same, and so is what they are equal to.
  @Test func aSliceSaysTheSameHoweverItIsHeld() {
    func read(_ endpoints: [EndpointSlice.Endpoint]) -> ServiceEndpoints {
      self.endpoints(Bench([Bench.service("a", "s"), Self.slice("s-1", endpoints)]))
    }
    let one = EndpointSlice.Endpoint(addresses: ["10.1.0.1"])
    let two = EndpointSlice.Endpoint(addresses: ["10.1.0.2"])
    let (apart, together) = (
      read([one, two]), read([.init(addresses: ["10.1.0.1", "10.1.0.2"])])
    )
    #expect(apart == together && Array(apart) == Array(together) && apart.count == 2)
    #expect(apart.hashValue == together.hashValue)
    #expect(apart == read([one, two]) && together != read([two, one]))
    // Of a pod that is not known there is nothing to send.
    let unknown = EndpointSlice.Endpoint(addresses: ["10.1.0.3"], target: Self.target("gone"))
    #expect(read([one, unknown, two]) == apart)
    let unready = EndpointSlice.Endpoint(
      addresses: ["10.1.0.2"], isReady: false, isTerminating: false)
    #expect(read([one, unready]) != apart)
    #expect(read([one, unready]).map(\.health) == [.healthy, .unhealthy])
    #expect(read([one, .init(addresses: ["10.1.0.9"])]) != apart && read([one]) != apart)
  }

  @Test func aPodsPlaceIsItsOwnLabelOrItsNodes() {
    let node = { (labels: [String: String]) in
      Resource.node(Bench.object(KubernetesNode(), Bench.meta("", "n", labels: labels)))
    }
    let bench = Bench([
      Bench.service("a", "s"), Self.pod("p", ip: "10.1.0.1", node: "n"),
      Self.pod("q", ip: "10.1.0.2", node: "n", labels: ["istio-locality": "r2.z2"]),
      Self.slice(
        "s-1",
        [
          .init(addresses: ["10.1.0.1"], target: Self.target("p")),
          .init(addresses: ["10.1.0.2"], target: Self.target("q")),
        ]),
    ])
    #expect(endpoints(bench).map(\.workload.localityText) == ["", "r2/z2"])
    bench.store.put(node(["topology.kubernetes.io/region": "r1"]))
    #expect(endpoints(bench).map(\.workload.localityText) == ["r1//", "r2/z2"])
    #expect(
      endpoints(bench)[0].workload.labels["topology.kubernetes.io/region"] == "r1")
  }

  @Test(arguments: [
    ("p", nil, [:], "p"),
    (
      "p", OwnerReference?.some(.init(kind: "ReplicaSet", name: "web-7f9", isController: true)),
      ["pod-template-hash": "7f9"], "web"
    ),
    ("p", .init(kind: "ReplicaSet", name: "web-7f9", isController: true), [:], "web-7f9"),
    ("p", .init(kind: "Job", name: "nightly-28412345", isController: true), [:], "nightly"),
    ("p", .init(kind: "Job", name: "once-123", isController: true), [:], "once-123"),
    ("p", .init(kind: "StatefulSet", name: "db", isController: false), [:], "p"),
    ("p", nil, ["service.istio.io/workload-name": "named"], "named"),
  ])
  func aPodsWorkloadIsNamedAfterWhatMadeIt(
    name: String, owner: OwnerReference?, labels: [String: String], expected: String
  ) {
    let bench = Bench([
      Bench.service("a", "s"), Self.pod(name, ip: "10.1.0.1", labels: labels, owner: owner),
      Self.slice("s-1", [.init(addresses: ["10.1.0.1"], target: Self.target(name))]),
    ])
    #expect(endpoints(bench).map(\.workload.name) == [expected])
  }

  @Test func aServiceEntrySelectsPodsThatAreReadyAndWorkloadEntries() {
    let labels = ["app": "x"]
    let entry = WorkloadEntry(
      address: "10.2.0.1", ports: ["p": 9000], labels: labels, weight: 3, serviceAccount: "vm")
    let bench = Bench([
      Bench.entry(
        "a", "e",
        ServiceEntry(
          hosts: ["x.com"], ports: [.init(number: 80, name: "p", targetPort: 8080)],
          resolution: .static, workloadSelector: labels)),
      Self.pod("ready", ip: "10.1.0.1", labels: labels),
      Self.pod("unready", ip: "10.1.0.2", labels: labels, isReady: false),
      Self.pod("other", ip: "10.1.0.3"),
      .workloadEntry(Bench.object(entry, Bench.meta("a", "vm"))),
      .workloadEntry(
        Bench.object(
          WorkloadEntry(address: "vm.example.com", labels: labels), Bench.meta("a", "named"))),
    ])
    let key = ServiceKey(host: "x.com", namespace: "a")
    #expect(addresses(bench, key) == ["10.1.0.1:8080", "10.2.0.1:9000"])
    #expect(endpoints(bench, key).map(\.weight) == [1, 3])
    #expect(endpoints(bench, key).map(\.workload.takesMutualTLS) == [false, true])
    #expect(endpoints(bench, key).map(\.health) == [.healthy, .unknown])
  }

  @Test func aHostWithoutEndpointsStandsForItselfWhereDNSIsAsked() {
    let entry = { (resolution: ServiceEntry.Resolution) in
      ServiceEntry(
        hosts: ["x.com"], ports: [.init(number: 443, name: "tls", targetPort: 8443)],
        resolution: resolution)
    }
    let key = ServiceKey(host: "x.com", namespace: "a")
    #expect(addresses(Bench([Bench.entry("a", "e", entry(.dns))]), key) == ["x.com:8443"])
    #expect(addresses(Bench([Bench.entry("a", "e", entry(.static))]), key).isEmpty)
  }

  /// istiod makes a service of each address, told from others by the address's text.
  @Test(arguments: [
    (["240.0.0.1"], 1), (["240.0.0.1", "240.0.0.2"], 2), (["240.0.0.1", "240.0.0.1"], 1),
    (["240.0.0.1", "240.0.0.1/32"], 1), (["240.0.0.0/8", "240.0.0.0"], 2),
    (["2001:db8::1", "2001:db8::1/128", "2001:DB8::1"], 2),
  ])
  func endpointsCountOnceAnAddress(_ addresses: [String], _ count: Int) {
    let bench = Bench([
      Bench.entry(
        "a", "e",
        ServiceEntry(
          hosts: ["x.com"], addresses: addresses, ports: [.init(number: 80, name: "p")],
          resolution: .static, endpoints: [WorkloadEntry(address: "1.1.1.1")]))
    ])
    let key = ServiceKey(host: "x.com", namespace: "a")
    #expect(self.addresses(bench, key) == Array(repeating: "1.1.1.1:80", count: count))
  }

  @Test func aKubernetesServiceSelectsWorkloadEntriesByItsTargetPorts() {
    let ports = [
      Service.Port(name: "http", port: 80, targetPort: .number(8080)),
      Service.Port(name: "named", port: 81, targetPort: .name("admin")),
      Service.Port(name: "lost", port: 82, targetPort: .name("nowhere")),
    ]
    let bench = Bench([
      Bench.service("a", "s", ports: ports, selector: ["app": "x"]),
      .workloadEntry(
        Bench.object(
          WorkloadEntry(address: "10.2.0.1", ports: ["admin": 9001], labels: ["app": "x"]),
          Bench.meta("a", "vm"))),
    ])
    #expect(addresses(bench) == ["10.2.0.1:8080", "10.2.0.1:9001"])
  }

  @Test func theTrustDomainsAliasesCountAsItsOwn() {
    let bench = Bench([
      Bench.entry(
        "a", "e",
        ServiceEntry(
          hosts: ["x.com"], ports: [.init(number: 80, name: "p")], resolution: .static,
          endpoints: [WorkloadEntry(address: "1.1.1.1", serviceAccount: "vm")],
          subjectAltNames: ["x.com"]))
    ])
    var mesh = MeshConfig()
    mesh.trustDomainAliases = ["old.example"]
    bench.store.set(meshConfig: mesh)
    #expect(
      bench.model.endpoints.identities(ServiceKey(host: "x.com", namespace: "a")) == [
        "spiffe://cluster.local/ns/a/sa/vm", "spiffe://old.example/ns/a/sa/vm", "x.com",
      ])
  }

  @Test func aNetworkIsTheWorkloadsLabelElseTheClustersElseThatOfTheAddress() {
    let network = { (bench: Bench) in endpoints(bench).map(\.workload.network) }
    let slice = Self.slice(
      "s-1",
      [
        .init(addresses: ["10.1.0.1"], target: Self.target("p")),
        .init(addresses: ["10.1.0.2"], target: Self.target("q")),
      ])
    let objects = [
      Bench.service("a", "s"), slice, Self.pod("p", ip: "10.1.0.1"),
      Self.pod("q", ip: "10.1.0.2", labels: ["topology.istio.io/network": "own"]),
      .namespace(
        Bench.object(
          Namespace(), Bench.meta("", "sys", labels: ["topology.istio.io/network": "here"]))),
    ]
    let networks = MeshNetworks(networks: [
      Named(name: "ranged", value: .init(endpoints: [.fromCIDR("10.1.0.0/24")]))
    ])
    let outside = Bench(objects)
    #expect(network(outside) == ["", "own"])
    outside.store.set(meshNetworks: networks)
    #expect(network(outside) == ["ranged", "own"])
    let inside = Bench(objects, options: .init(systemNamespace: "sys"))
    inside.store.set(meshNetworks: networks)
    #expect(network(inside) == ["here", "own"])
  }
}
