import Incremental
import Mesh
import Resources
import Store
import Testing

@Suite struct ServiceQueriesTests {
  typealias Bench = ServiceBench

  private static func entry(_ host: String, port: Int, exportTo: [ExportTarget] = [])
    -> ServiceEntry
  {
    ServiceEntry(
      hosts: [host], ports: [.init(number: port, name: "p\(port)", portProtocol: .http)],
      resolution: .static, exportTo: exportTo)
  }

  private func hosts(_ bench: Bench, _ namespace: String = "edge") -> [String] {
    bench.model.services.visible(namespace).map(\.host)
  }

  @Test func servicesComeInTheOrderTheyWereCreatedThenByName() {
    let bench = Bench([
      Bench.service("b", "y", created: 1), Bench.service("a", "y", created: 1),
      Bench.service("z", "x", created: 1), Bench.service("z", "old", created: 0),
    ])
    #expect(
      hosts(bench) == [
        "old.z.svc.cluster.local", "x.z.svc.cluster.local", "y.a.svc.cluster.local",
        "y.b.svc.cluster.local",
      ])
  }

  @Test func whatIsMeantForANamespaceComesFirstAndHiddenServicesDoNot() {
    let bench = Bench([
      Bench.service("a", "all", created: 0),
      Bench.service("a", "named", created: 1, exportTo: "edge, other"),
      Bench.service("a", "own", created: 2, exportTo: "."),
      Bench.service("a", "none", created: 3, exportTo: "~"),
      Bench.service("edge", "mine", created: 4, exportTo: "."),
    ])
    #expect(
      hosts(bench) == [
        "named.a.svc.cluster.local", "mine.edge.svc.cluster.local", "all.a.svc.cluster.local",
      ])
    #expect(
      bench.model.services.service("own.a.svc.cluster.local", visibleTo: "edge") == nil)
    #expect(
      bench.model.services.service("own.a.svc.cluster.local", visibleTo: "a")?.name == "own")
  }

  @Test func theMeshsDefaultHoldsWhereNothingIsSaid() {
    let bench = Bench([Bench.service("a", "s"), Bench.service("edge", "t")])
    #expect(hosts(bench).count == 2)
    var mesh = MeshConfig()
    mesh.defaultServiceExportTo = [.ownNamespace]
    bench.store.set(meshConfig: mesh)
    #expect(hosts(bench) == ["t.edge.svc.cluster.local"])
    #expect(bench.model.services.service("s.a.svc.cluster.local", visibleTo: "edge") == nil)
    mesh.defaultServiceExportTo = [.namespace("edge")]
    bench.store.set(meshConfig: mesh)
    #expect(hosts(bench, "a").isEmpty)
    #expect(hosts(bench).count == 2)
  }

  @Test func aKubernetesServiceTakesThePlaceOfAServiceEntryOfItsHost() {
    let host = "s.a.svc.cluster.local"
    let bench = Bench([
      Bench.entry("squat", "e", created: 0, Self.entry(host, port: 1)),
      Bench.entry("squat", "other", created: 1, Self.entry("other.com", port: 1)),
      Bench.service("a", "s", created: 9),
    ])
    #expect(
      bench.model.services.visible("edge") == [
        ServiceKey(host: host, namespace: "a"), ServiceKey(host: "other.com", namespace: "squat"),
      ])
    #expect(bench.model.services.service(host, visibleTo: "edge")?.source == .kubernetes)
  }

  @Test func ofServiceEntriesOfOneHostTheOldestCountsAndOneNamespacesPortsAreUnited() {
    let bench = Bench([
      Bench.entry("b", "late", created: 5, Self.entry("h.com", port: 3)),
      Bench.entry("a", "first", created: 1, Self.entry("h.com", port: 1)),
      Bench.entry("a", "second", created: 2, Self.entry("h.com", port: 2)),
    ])
    let service = bench.model.services.service("h.com", visibleTo: "edge")
    #expect(service?.namespace == "a")
    #expect(service?.ports.map(\.number) == [1, 2])
    let preferred = bench.model.services.service("h.com", visibleTo: "edge", preferring: "b")
    #expect(preferred?.ports.map(\.number) == [3])
    let unknown = bench.model.services.service("h.com", visibleTo: "edge", preferring: "c")
    #expect(unknown?.namespace == "a")
  }

  @Test(arguments: [
    ("http-web", nil, PortProtocol.http, 80), ("HTTP2", nil, .http2, 80),
    ("grpc-web-x", nil, .grpcWeb, 80), ("grpc-x", nil, .grpc, 80), ("web", nil, .unsupported, 80),
    ("db", nil, .tcp, 3306), ("web", "http", .http, 80), ("http", "kubernetes.io/h2c", .http2, 80),
    ("http", "kubernetes.io/wss", .https, 80), ("http", "odd", .unsupported, 80),
  ])
  func aPortsNameSaysWhatItSpeaks(
    name: String, appProtocol: String?, expected: PortProtocol, number: Int
  ) {
    let port = Service.Port(name: name, port: number, appProtocol: appProtocol)
    #expect(port.portProtocol == expected)
  }

  @Test func theServicesThatSelectAProxySayWhereItsPortsEnd() {
    let ports = [
      Service.Port(name: "http", port: 80, targetPort: .name("web")),
      Service.Port(name: "again", port: 81, targetPort: .number(8080)),
      Service.Port(name: "plain", port: 9000),
      Service.Port(name: "gone", port: 82, targetPort: .name("nowhere")),
    ]
    let bench = Bench([
      Bench.service("edge", "gw", created: 1, ports: ports, selector: ["role": "edge"]),
      Bench.service("edge", "older", created: 0, selector: ["role": "edge"]),
      Bench.service("edge", "other", selector: ["role": "other"]),
      Bench.service("edge", "none"),
      Bench.service("a", "elsewhere", selector: ["role": "edge"]),
    ])
    let proxies = bench.proxies(ports: [.init(name: "web", containerPort: 8080)])
    #expect(
      bench.model.services.targets(proxies).map { "\($0.service.host) \($0.port.number)" } == [
        "older.edge.svc.cluster.local 80", "gw.edge.svc.cluster.local 80",
        "gw.edge.svc.cluster.local 81", "gw.edge.svc.cluster.local 9000",
      ])
    #expect(bench.model.services.targetPort(of: proxies, servicePort: 80) == 8080)
    #expect(bench.model.services.targetPort(of: proxies, servicePort: 9000) == 9000)
    #expect(bench.model.services.targetPort(of: proxies, servicePort: 82) == nil)
  }

  /// istio's TestDisablePortTranslation.
  @Test func aGatewaysPortIsThatOfAServiceEntryWhoseEndpointItIs() {
    let entry = { (port: Int, address: String) in
      ServiceEntry(
        hosts: ["a.example.com"],
        ports: [.init(number: 80, name: "http", portProtocol: .http, targetPort: port)],
        location: .meshInternal, resolution: .static, endpoints: [WorkloadEntry(address: address)])
    }
    let label = ["experimental.istio.io/disable-gateway-port-translation": "true"]
    let bench = Bench([
      .serviceEntry(
        Bench.object(entry(8081, "10.9.9.9"), Bench.meta("edge", "a", labels: label))),
      Bench.entry("elsewhere", "b", entry(8082, "10.9.9.9")),
      Bench.entry("edge", "c", entry(8083, "10.9.9.8")),
    ])
    #expect(bench.model.services.targetPort(of: bench.proxies(), servicePort: 80) == nil)
    bench.store.put(Bench.entry("edge", "d", entry(8080, "10.9.9.9")))
    #expect(bench.model.services.targetPort(of: bench.proxies(), servicePort: 80) == 8080)
    // A Service that selects the proxies goes before.
    bench.store.put(
      Bench.service(
        "edge", "gw", ports: [.init(name: "http", port: 80, targetPort: .number(9090))],
        selector: ["role": "edge"]))
    #expect(bench.model.services.targetPort(of: bench.proxies(), servicePort: 80) == 9090)
  }

  @Test func aGatewaysPortIsThatOfAServiceEntryThatSelectsIt() {
    let bench = Bench([
      .workloadEntry(
        Bench.object(
          WorkloadEntry(address: "10.9.9.9", ports: ["http": 7070], labels: ["role": "edge"]),
          Bench.meta("edge", "vm"))),
      Bench.entry(
        "edge", "a",
        ServiceEntry(
          hosts: ["a.example.com"],
          ports: [.init(number: 80, name: "http", portProtocol: .http, targetPort: 8080)],
          location: .meshInternal, resolution: .static, workloadSelector: ["role": "edge"])),
    ])
    #expect(bench.model.services.targetPort(of: bench.proxies(), servicePort: 80) == 7070)
  }
}
