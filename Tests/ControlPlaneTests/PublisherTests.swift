import Delivery
import Documents
import Mesh
import Resources
import Segments
import TestSupport
import Testing

@testable import ControlPlane

/// What the I/O thread would hold: a catalog for each class, and which stream is served from which.
private struct Catalogs {
  private(set) var bodies: [ClassNumber: [ResourceType: [String: [UInt8]]]] = [:]
  private(set) var classes: [StreamNumber: ClassNumber] = [:]

  mutating func perform(_ instructions: [Instruction]) {
    for instruction in instructions {
      switch instruction {
      case .update(let number, let update):
        for (type, changes) in update.changes {
          for name in changes.removals { bodies[number, default: [:]][type]?[name] = nil }
          for resource in changes.upserts {
            bodies[number, default: [:]][type, default: [:]][resource.name] =
              resource.body.flattened()
          }
        }
      case .assign(let stream, let number): classes[stream] = number
      case .drop(let number): bodies[number] = nil
      }
    }
  }

  func held(by stream: StreamNumber) -> [ResourceType: [String: [UInt8]]] {
    (classes[stream].flatMap { bodies[$0] } ?? [:]).filter { !$0.value.isEmpty }
  }
}

@Suite struct PublisherTests {
  private static func proxy(_ pod: Int) throws -> ConnectedProxy {
    // One in three takes virtual hosts by themselves.
    try .router(
      "pod-\(pod)", in: "shop", address: pod + 1, label: ("app", "edge"),
      takesVirtualHosts: pod % 3 == 1)
  }

  private static func engine(_ all: Bool) -> Engine {
    var options = MeshOptions()
    options.gatewayClusters = all ? .all : .referenced
    return Engine(options)
  }

  private static func replace(_ path: String, _ text: String?, in engine: Engine) {
    guard let text else { return engine.remove(path) }
    _ = engine.replace(ParsedFile(Array(text.utf8), path: path))
  }

  /// Files come and go, pods change their labels and with them their proxies' classes, streams
  /// connect and leave; what each stream is served must not remember how it came to be.
  @Test(arguments: UInt64(0)..<24) func whatIsServedEqualsStartingOver(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let sendsAll = seed % 2 == 0
    let engine = PublisherTests.engine(sendsAll)
    var files = RandomFiles()
    var catalogs = Catalogs()
    var streams: [StreamNumber: ConnectedProxy] = [:]
    for step in 1...30 {
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let path = files.change(using: &random)
        PublisherTests.replace(path, files.texts[path], in: engine)
      }
      let stream = StreamNumber.random(in: 0..<4, using: &random)
      if Int.random(in: 0..<4, using: &random) == 0 {
        streams[stream] = nil
        catalogs.perform(engine.publisher.disconnect(stream))
      } else if streams[stream] == nil {
        let proxy = try PublisherTests.proxy(Int(stream) % 3)
        streams[stream] = proxy
        catalogs.perform(engine.publisher.connect(stream, as: proxy))
      }
      catalogs.perform(engine.publisher.publish(changedAt: .zero))

      // What is refused keeps a version that a fresh engine never saw.
      #expect(!engine.diagnostics.contains { $0.severity == .error }, "seed \(seed), step \(step)")
      let fresh = PublisherTests.engine(sendsAll)
      for (path, text) in files.texts.shuffled(using: &random) {
        PublisherTests.replace(path, text, in: fresh)
      }
      var expected = Catalogs()
      for (stream, proxy) in streams.sorted(by: { $0.key < $1.key }) {
        expected.perform(fresh.publisher.connect(stream, as: proxy))
      }
      for stream in streams.keys.sorted() {
        let (mine, theirs) = (catalogs.held(by: stream), expected.held(by: stream))
        let differing = difference(mine, theirs)
        #expect(differing.isEmpty, "seed \(seed), step \(step), stream \(stream)")
      }
    }
  }

  private func difference(
    _ a: [ResourceType: [String: [UInt8]]], _ b: [ResourceType: [String: [UInt8]]]
  ) -> [String] {
    ResourceType.allCases.flatMap { type -> [String] in
      let (mine, theirs) = (a[type] ?? [:], b[type] ?? [:])
      return Set(mine.keys).union(theirs.keys).filter { mine[$0] != theirs[$0] }
        .map { "\(type.serviceName) \($0)" }.sorted()
    }
  }

  @Test func whenTheLastClientLeavesNothingIsComputedAnyMore() throws {
    var random = SeededRandom(seed: 7)
    let engine = PublisherTests.engine(true)
    var files = RandomFiles()
    for _ in 0..<40 {
      let path = files.change(using: &random)
      PublisherTests.replace(path, files.texts[path], in: engine)
    }
    _ = engine.publisher.connect(1, as: try PublisherTests.proxy(0))
    _ = engine.publisher.publish(changedAt: .zero)
    _ = engine.publisher.disconnect(1)
    _ = engine.publisher.publish(changedAt: .zero)
    #expect(engine.publisher.hasIdleClasses)
    #expect(engine.publisher.forgetIdle().isEmpty)
    #expect(engine.publisher.forgetIdle().count == 1)
    _ = engine.publisher.publish(changedAt: .zero)
    let before = engine.model.graph.totalComputed
    for _ in 0..<20 {
      let path = files.change(using: &random)
      PublisherTests.replace(path, files.texts[path], in: engine)
      #expect(engine.publisher.publish(changedAt: .zero).isEmpty)
    }
    #expect(engine.model.graph.totalComputed == before)
    #expect(engine.publisher.classCount == 0)
  }

  /// What is compiled first goes out first, and the parts together are what one push would be.
  @Test func aLargeClassIsToldInParts() throws {
    let hosts = (0..<Limits.promptResources).map { "h\($0).example.com" }
    let text = """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: many, namespace: shop}
      spec:
        hosts: [\(hosts.joined(separator: ", "))]
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP}]
        endpoints: [{address: 10.0.0.1}]
      """
    let engine = PublisherTests.engine(true)
    PublisherTests.replace("many.yaml", text, in: engine)
    var parts: [[Instruction]] = []
    engine.publisher.connect(1, as: try PublisherTests.proxy(0)) { parts.append($0) }
    let updates = parts.map { part in
      part.compactMap { instruction -> CatalogUpdate? in
        if case .update(_, let update) = instruction { update } else { nil }
      }
    }
    #expect(updates.map(\.count) == [1, 1, 1])
    let told = updates.flatMap(\.self)
    #expect(told.map { Set($0.changes.keys) }.prefix(2) == [[.cluster], [.endpoints]])
    #expect(told.map(\.upcoming.count) == [6, 5, 0])
    #expect(told.flatMap(\.changes.keys).count == ResourceType.allCases.count)
    // The stream is served from the first part on.
    #expect(parts.map(\.count) == [2, 1, 1])
    if case .assign(1, _)? = parts.first?.last {} else { Issue.record("\(parts[0].count)") }
    // Who comes second is told of all at once.
    let second = try #require(engine.publisher.contents(of: 1))
    #expect(second.changes[.endpoints]?.upserts.count == hosts.count && second.upcoming.isEmpty)
  }

  @Test func aClientThatComesAgainFindsItsClassAsItIsNow() throws {
    var random = SeededRandom(seed: 11)
    let engine = PublisherTests.engine(true)
    var files = RandomFiles()
    var written: [String: String] = [:]
    func edit(_ isMeant: (String) -> Bool) {
      let path = files.change(using: &random)
      guard isMeant(path) else { return }
      written[path] = files.texts[path]
      PublisherTests.replace(path, files.texts[path], in: engine)
    }
    for _ in 0..<40 { edit { _ in true } }
    var catalogs = Catalogs()
    catalogs.perform(engine.publisher.connect(1, as: try PublisherTests.proxy(0)))
    catalogs.perform(engine.publisher.disconnect(1))
    // What says of which class the proxy is stays as it is.
    for _ in 0..<30 { edit { $0.hasPrefix("virtual") || $0.hasPrefix("rule") } }
    catalogs.perform(engine.publisher.publish(changedAt: .zero))
    let before = engine.model.graph.totalComputed
    let instructions = engine.publisher.connect(2, as: try PublisherTests.proxy(0))
    #expect(instructions.count == 1, "the class is there: \(instructions)")
    catalogs.perform(instructions)
    // The node's own class is looked up again, and nothing else is.
    #expect(engine.model.graph.totalComputed - before < 10)
    #expect(engine.publisher.forgetIdle().isEmpty && engine.publisher.forgetIdle().isEmpty)
    let fresh = PublisherTests.engine(true)
    for (path, text) in written { PublisherTests.replace(path, text, in: fresh) }
    var expected = Catalogs()
    expected.perform(fresh.publisher.connect(2, as: try PublisherTests.proxy(0)))
    #expect(difference(catalogs.held(by: 2), expected.held(by: 2)).isEmpty)
  }
}
