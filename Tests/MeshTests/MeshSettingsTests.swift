import Mesh
import Resources
import Store
import Testing

/// MeshConfig's settings about who sees what.
@Suite struct MeshSettingsTests {
  private static func namespace(_ name: String, _ labels: [String: String] = [:]) -> Resource {
    .namespace(
      ServiceBench.object(Namespace(), ServiceBench.meta("", name, labels: labels)))
  }

  private static func entry(
    _ namespace: String, _ host: String, exportTo: [ExportTarget] = []
  ) -> Resource {
    ServiceBench.entry(
      namespace, host,
      ServiceEntry(hosts: [host], ports: [.init(number: 80, name: "http")], exportTo: exportTo))
  }

  private static func hosts(_ bench: ServiceBench, seenBy namespace: String) -> [String] {
    let visible = bench.model.services.visible(namespace).map(\.host)
    for host in visible {
      // All ways to ask agree.
      #expect(bench.model.services.key(of: host, visibleTo: namespace) != nil)
      #expect(bench.model.services.service(host, visibleTo: namespace) != nil)
    }
    return visible.sorted()
  }

  @Test func serviceEntriesAreSeenAsFarAsTheMeshLetsThem() {
    let bench = ServiceBench([
      Self.namespace("open", ["tier": "a"]), Self.namespace("shut", ["tier": "b"]),
      Self.entry("open", "open.com"), Self.entry("shut", "shut.com"),
      Self.entry("shut", "own.com", exportTo: [.ownNamespace]),
      Self.entry("shut", "away.com", exportTo: [.namespace("open")]),
      Self.entry("other", "other.com"), ServiceBench.service("shut", "s"),
    ])
    var mesh = MeshConfig()
    mesh.serviceEntryVisibility = .init(
      defaultVisibility: .none, applyToSidecars: true,
      policies: [
        .init(visibility: .everyone, namespaceSelectors: [.init(matchLabels: ["tier": "a"])]),
        .init(visibility: .everyone, namespaceSelectors: [nil]),
        .init(
          visibility: .namespace,
          namespaceSelectors: [
            .init(matchExpressions: [.init(key: "tier", condition: .isIn(["b"]))])
          ]),
      ])
    let everything = ["away.com", "open.com", "other.com", "s.shut.svc.cluster.local", "shut.com"]
    #expect(Self.hosts(bench, seenBy: "open") == everything)
    bench.store.set(meshConfig: mesh)
    #expect(Self.hosts(bench, seenBy: "open") == ["open.com", "s.shut.svc.cluster.local"])
    #expect(bench.model.services.service("shut.com", visibleTo: "open") == nil)
    #expect(bench.model.services.service("away.com", visibleTo: "open") == nil)
    #expect(
      Self.hosts(bench, seenBy: "shut") == [
        "open.com", "own.com", "s.shut.svc.cluster.local", "shut.com",
      ])
    bench.store.put(Self.namespace("shut", ["tier": "a"]))
    #expect(Self.hosts(bench, seenBy: "open") == everything.filter { $0 != "other.com" })
    mesh.serviceEntryVisibility?.applyToSidecars = false
    bench.store.set(meshConfig: mesh)
    #expect(Self.hosts(bench, seenBy: "open") == everything)
  }

  @Test func hostsOfOneClusterHaveEndpointsForItsProxiesOnly() {
    let bench = ServiceBench([
      ServiceBench.service("shop", "s"), ServiceBench.service("kube-system", "dns"),
      ServiceBench.service("kube-system", "free"),
    ])
    var mesh = MeshConfig()
    mesh.defaultConfig.discoveryAddress = "istiod.istio-system.svc:15012"
    mesh.serviceSettings = [
      .init(isClusterLocal: true, hosts: ["*.shop.svc.cluster.local"]),
      .init(isClusterLocal: false, hosts: ["open.shop.svc.cluster.local"]),
    ]
    bench.store.set(meshConfig: mesh)
    func isLocal(_ host: String) -> Bool { bench.model.endpoints.isClusterLocal(host) }
    #expect(isLocal("s.shop.svc.cluster.local"))
    #expect(!isLocal("open.shop.svc.cluster.local"))
    #expect(!isLocal("s.other.svc.cluster.local"))
    #expect(isLocal("dns.kube-system.svc.cluster.local"))
    #expect(isLocal("kubernetes.default.svc.cluster.local"))
    #expect(isLocal("istiod.istio-system.svc.cluster.local"))
    // A default goes whole with a part of it, as istiod has it.
    mesh.serviceSettings = [.init(hosts: ["free.kube-system.svc.cluster.local"])]
    bench.store.set(meshConfig: mesh)
    #expect(!isLocal("free.kube-system.svc.cluster.local"))
    #expect(!isLocal("dns.kube-system.svc.cluster.local"))
  }
}
