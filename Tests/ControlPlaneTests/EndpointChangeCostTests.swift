import AllocationCounter
import Documents
import Ingest
import Mesh
import Resources
import Testing

@testable import ControlPlane

/// What a change of one endpoint costs, of the ten of an EndpointSlice: the values that say something
/// else now, and a number of allocations for each endpoint that is read and sent. In a cluster that is
/// most of what there is to do. Times are the benchmark's (`benchmarks kubernetes`).
@Suite struct EndpointChangeCostTests {
  @Test func aChangeIsReadTakenAndCompiledOnce() throws {
    let engine = try Self.engine(services: 20)
    let read = ReadBatch(try Self.batch([3], notReady: 4), settings: [])
    let computed = engine.model.graph.computed
    let instructions = Self.take(read, by: engine)
    let values = engine.model.graph.computed.compactMap { name, count in
      count == computed[name] ? nil : "\(name) \(count - (computed[name] ?? 0))"
    }
    #expect(
      values.sorted() == [
        "assignment 1", "endpoints 1", "sliceAddresses 1", "sliceEndpoints 1",
      ])
    #expect(Self.changed(instructions) == [1])
  }

  /// Changes that come together are one push.
  @Test func changesThatComeTogetherAreToldTogether() throws {
    let engine = try Self.engine(services: 20)
    let read = ReadBatch(try Self.batch(Array(0..<12), notReady: 4), settings: [])
    let push = engine.publisher.lastPush?.number ?? 0
    #expect(Self.changed(Self.take(read, by: engine)) == [12])
    #expect(engine.publisher.lastPush?.number == push + 1)
  }

  @Test func whatAChangeAllocatesIsBoundedAndTheSameAmongMany() throws {
    let (few, many) = (try Self.cost(amongServices: 10), try Self.cost(amongServices: 100))
    // Without the optimizer; it leaves about half of them.
    #expect(few.read <= 300, "read \(few.read)")
    #expect(few.taken <= 760, "taken \(few.taken)")
    #expect(many.read <= few.read + 10)
    #expect(many.taken <= few.taken + 20)
  }

  /// From a tree to the objects, and from them to what proxies are told.
  private static func cost(amongServices count: Int) throws -> (read: Int, taken: Int) {
    let (engine, recent) = (try engine(services: count), RecentSlices())
    let reader = try #require(JSONReader())
    // Twice beforehand: what is made at the first change and kept is no cost of each.
    for notReady in [4, 5] {
      let batch = try batch([3], notReady: notReady, by: reader)
      _ = take(ReadBatch(batch, settings: [], recalling: recent), by: engine)
    }
    let told = try batch([3], notReady: 6, by: reader)
    let start = allocation_count_of_thread()
    let read = ReadBatch(told, settings: [], recalling: recent)
    let middle = allocation_count_of_thread()
    _ = take(read, by: engine)
    return (Int(middle - start), Int(allocation_count_of_thread() - middle))
  }

  private static func take(_ batch: ReadBatch, by engine: Engine) -> [Instruction] {
    for file in batch.files { _ = engine.replace(file) }
    return engine.publish(.change, changedAt: .zero)
  }

  /// How many resources each class is told of.
  private static func changed(_ instructions: [Instruction]) -> [Int] {
    instructions.compactMap { instruction in
      guard case .update(_, let update) = instruction else { return nil }
      return update.changes.values.reduce(0) { $0 + $1.upserts.count + $1.removals.count }
    }
  }

  // MARK: A cluster

  private static func engine(services count: Int) throws -> Engine {
    let engine = Engine(MeshOptions())
    _ = engine.replace(parsed(gateway, "gateway"))
    for service in 0..<count {
      _ = engine.replace(parsed(Self.service(service), "service-\(service)"))
      for file in ReadBatch(try batch([service], notReady: nil), settings: []).files {
        _ = engine.replace(file)
      }
    }
    let gateway = try ConnectedProxy.router(
      "edge-1", in: "istio-system", address: 1, label: ("istio", "ingressgateway"))
    _ = engine.publisher.connect(1, as: gateway)
    return engine
  }

  private static func parsed(_ text: String, _ name: String) -> ParsedFile {
    ParsedFile(Array(text.utf8), path: "\(name).yaml")
  }

  /// Slices as an API server's watch tells of them.
  private static func batch(
    _ services: [Int], notReady: Int?, by reader: JSONReader? = JSONReader()
  ) throws -> Batch {
    let reader = try #require(reader)
    let fields = try #require(ServedKind.all.first { $0.kind == .endpointSlice }).fields
    let files = try services.map { service in
      let (path, text) = ("slice-\(service)", Array(slice(service, notReady: notReady).utf8))
      let root = try #require(
        reader.tapedTree(of: text, named: path, selecting: FieldTable(fields)).root)
      return ParsedFile(
        path: path, documents: [Document(file: path, root: root)], extent: .whole, diagnostics: [])
    }
    return Batch(from: .cluster(.complete), files: files, removed: [], problems: [])
  }

  private static func slice(_ service: Int, notReady: Int?) -> String {
    let endpoints = (0..<10).map { number in
      """
      {"addresses": ["10.1.\(service % 250).\(number)"], "conditions":
        {"ready": \(number != notReady), "serving": true, "terminating": false},
        "nodeName": "node-\(number)", "zone": "a", "targetRef":
        {"kind": "Pod", "namespace": "shop", "name": "app-\(service)-\(number)"}}
      """
    }
    return """
      {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
       "metadata": {"name": "app-\(service)-x", "namespace": "shop", "generation": 7,
        "labels": {"kubernetes.io/service-name": "app-\(service)", "app": "app-\(service)"}},
       "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
       "endpoints": [\(endpoints.joined(separator: ",\n"))]}
      """
  }

  private static func service(_ number: Int) -> String {
    let pods = (0..<10).map { pod in
      """
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: app-\(number)-\(pod), namespace: shop,
        labels: {app: app-\(number)}}, spec: {serviceAccountName: app-\(number)},
        status: {podIP: 10.1.\(number % 250).\(pod), podIPs: [{ip: 10.1.\(number % 250).\(pod)}]}}
      """
    }
    return """
      {apiVersion: v1, kind: Service, metadata: {name: app-\(number), namespace: shop},
       spec: {clusterIP: 10.2.\(number / 250).\(number % 250), selector: {app: app-\(number)},
       ports: [{name: http, port: 80, targetPort: 8080}]}}
      ---
      {apiVersion: networking.istio.io/v1, kind: VirtualService,
       metadata: {name: app-\(number), namespace: shop}, spec: {hosts: [app-\(number).example.com],
       gateways: [istio-system/edge], http: [{route: [{destination:
       {host: app-\(number).shop.svc.cluster.local, port: {number: 80}}}]}]}}
      \(pods.joined(separator: "\n"))
      """
  }

  private static let gateway = """
    {apiVersion: networking.istio.io/v1, kind: Gateway,
     metadata: {name: edge, namespace: istio-system}, spec: {selector: {istio: ingressgateway},
     servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {name: istio-ingressgateway, namespace: istio-system},
     spec: {clusterIP: 10.255.0.1, selector: {istio: ingressgateway},
     ports: [{name: http2, port: 80, targetPort: 8080}]}}
    """
}
