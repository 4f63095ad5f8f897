import AllocationCounter
import Delivery
import Documents
import Mesh
import Resources
import Segments
import Testing

@testable import ControlPlane

/// What an edit costs is what the edit is, and not what the mesh is: nothing here may grow with the
/// number of hosts. Wall-clock times are the scale table's (`make bench-scale`).
@Suite struct EditCostTests {
  enum Delivered: CaseIterable {
    case wholeRouteConfigurations
    case virtualHosts
  }

  /// What one edit of a VirtualService among many came to.
  struct Cost {
    var values = 0
    var allocations = 0
    var resources = 0
    /// Of segments that were not part of what was sent before.
    var newBytes = 0
    var newSegments = 0
  }

  @Test(arguments: Delivered.allCases)
  func anEditCostsTheSameAmongManyHostsAsAmongFew(_ delivered: Delivered) throws {
    let few = try Self.cost(amongHosts: 100, delivered)
    let many = try Self.cost(amongHosts: 2000, delivered)
    #expect(few.values == many.values)
    #expect(few.values <= 12)
    #expect(few.resources == 1 && many.resources == 1)
    #expect(few.newSegments == many.newSegments)
    #expect(few.newSegments <= 4)
    #expect(many.newBytes <= few.newBytes + 16)
    // A list of all hosts is put together anew where they are sent as one; where each is sent by
    // itself nothing is made for the others.
    let lists = delivered == .wholeRouteConfigurations ? 4 * 1900 : 0
    #expect(many.allocations <= few.allocations + 50 + lists)
  }

  /// Ten gateways of one class: what each is sent is the same resource, made once.
  @Test func whatManyGatewaysAreSentIsMadeOnce() throws {
    let engine = try Self.engine(hosts: 50, .wholeRouteConfigurations)
    for stream in StreamNumber(2)...11 {
      let instructions = engine.publisher.connect(
        stream, as: try Self.proxy(Int(stream), .wholeRouteConfigurations))
      #expect(Self.updates(instructions).isEmpty)
    }
    let before = engine.model.graph.totalComputed
    _ = engine.replace(Self.virtualService(7, path: "/other"))
    let updates = Self.updates(engine.publisher.publish(changedAt: .zero))
    #expect(updates.count == 1)
    #expect(engine.model.graph.totalComputed - before <= 12)
  }

  private static func cost(amongHosts count: Int, _ delivered: Delivered) throws -> Cost {
    let engine = try Self.engine(hosts: count, delivered)
    func edit(_ path: String) -> [CatalogUpdate] {
      _ = engine.replace(Self.virtualService(7, path: path))
      return Self.updates(engine.publisher.publish(changedAt: .zero))
    }
    // Twice beforehand: what is made at the first edit and kept is no cost of each.
    let known = edit("/a") + edit("/b")
    let (values, allocations) = (
      engine.model.graph.totalComputed, allocation_count_of_thread()
    )
    let updates = edit("/c")
    var cost = Cost()
    cost.values = engine.model.graph.totalComputed - values
    cost.allocations = Int(allocation_count_of_thread() - allocations)
    let old = Set(Self.segments(known))
    let fresh = Self.segments(updates).filter { !old.contains($0) }
    cost.resources = updates.flatMap(\.changes.values).reduce(0) { $0 + $1.upserts.count }
    cost.newSegments = fresh.count
    cost.newBytes = fresh.reduce(0) { $0 + $1.count }
    return cost
  }

  private static func engine(hosts count: Int, _ delivered: Delivered) throws -> Engine {
    let engine = Engine(MeshOptions())
    _ = engine.replace(ParsedFile(Array(Self.gateway.utf8), path: "gateway.yaml"))
    for index in 0..<count { _ = engine.replace(Self.virtualService(index, path: "/")) }
    _ = engine.publisher.connect(1, as: try Self.proxy(1, delivered))
    return engine
  }

  private static func updates(_ instructions: [Instruction]) -> [CatalogUpdate] {
    instructions.compactMap { if case .update(_, let update) = $0 { update } else { nil } }
  }

  private static func segments(_ updates: [CatalogUpdate]) -> [Segment] {
    updates.flatMap(\.changes.values).flatMap(\.upserts).flatMap { resource in
      var segments: [Segment] = []
      resource.body.forEachSegment { segments.append($0) }
      return segments
    }
  }

  private static func proxy(_ pod: Int, _ delivered: Delivered) throws -> ConnectedProxy {
    try .router(
      "edge-\(pod)", in: "istio-system", address: pod, label: ("istio", "ingressgateway"),
      takesVirtualHosts: delivered == .virtualHosts)
  }

  private static func virtualService(_ index: Int, path: String) -> ParsedFile {
    let text = """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: vs-\(index), namespace: shop}
      spec:
        hosts: [host-\(index).example.com]
        gateways: [istio-system/edge]
        http:
        - match:
          - uri: {prefix: \(path)}
          route:
          - destination: {host: backend.shop.svc.cluster.local}

      """
    return ParsedFile(Array(text.utf8), path: "vs-\(index).yaml")
  }

  private static let gateway = """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: edge, namespace: istio-system}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: ['*']
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: istio-ingressgateway, namespace: istio-system}
    spec:
      clusterIP: 10.255.0.1
      selector: {istio: ingressgateway}
      ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: backend, namespace: shop}
    spec:
      clusterIP: 10.255.0.2
      ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]

    """
}
