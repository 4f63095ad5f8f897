import AllocationCounter
import Segments
import Testing

@testable import Delivery

/// What is remembered of a client, and what it costs to answer it.
@Suite struct BookkeepingTests {
  private static let all: [ResourceType] = [.cluster, .endpoints, .listener, .routes]

  private static func contents(_ count: Int) -> [ResourceType: [String: String?]] {
    let clusters = (0..<count).map { "c\($0)" }
    return [
      .cluster: Dictionary(uniqueKeysWithValues: clusters.map { ($0, "1") }),
      .endpoints: Dictionary(uniqueKeysWithValues: clusters.map { ($0, "1") }),
      .listener: ["l": "1"], .routes: ["r": "1"],
    ]
  }

  /// A client that has all there is of what it asked for.
  private static func settled(
    _ mode: DiscoveryStream.Mode, _ count: Int
  ) throws -> (world: StreamHarness, names: [ResourceType: [String]]) {
    var world = StreamHarness(mode)
    world.set(contents(count))
    let names: [ResourceType: [String]] = [
      .endpoints: (0..<count).map { "c\($0)" }, .routes: ["r"],
    ]
    for type in all {
      switch mode {
      case .delta: world.ask(type, plus: names[type] ?? [])
      case .stateOfTheWorld: world.ask(type, names[type] ?? [])
      }
    }
    _ = try world.acceptedAnswers(names)
    return (world, names)
  }

  @Test(arguments: [DiscoveryStream.Mode.delta, .stateOfTheWorld])
  func ofAClientThatHasWhatThereIsNothingIsWrittenDown(_ mode: DiscoveryStream.Mode) throws {
    var (world, names) = try Self.settled(mode, 200)
    #expect(world.stream.noteCount == 0)
    world.set([
      .cluster: ["c7": "2", "c8": nil, "new": "1"], .endpoints: ["c7": "2"], .routes: ["r": "2"],
    ])
    _ = try world.acceptedAnswers(names)
    #expect(world.stream.noteCount == 0)
    #expect(world.stream.held(.cluster).map(\.name).count == 200)
    #expect(world.stream.held(.routes).map(\.version) == [world.catalog[.routes]["r"]?.version])
  }

  /// It never pulls what changes; the notes on what it has are those of what changed.
  @Test func aClientThatDoesNotReadIsRememberedByWhatItLacks() throws {
    var (world, _) = try Self.settled(.delta, 200)
    for edition in 0..<5000 { world.set([.cluster: ["c\(edition % 3)": "\(edition)"]]) }
    #expect(world.stream.noteCount <= 3)
    #expect(world.stream.replaced(.cluster).map(\.name) == ["c0", "c1", "c2"])
    #expect(world.stream.held(.cluster).count == 197)
    world.set([.cluster: ["c0": "1", "c1": "1", "c2": nil]])
    #expect(world.stream.replaced(.cluster).map(\.name) == ["c2"])
    #expect(world.stream.held(.cluster).count == 199)
    // What is again as it was is not sent.
    #expect(try world.acceptedAnswers() == ["CDS -c2"])
    #expect(world.stream.noteCount == 0)
  }

  /// Another catalog, alike but for one resource, as when a pod's labels have changed.
  @Test(arguments: [DiscoveryStream.Mode.delta, .stateOfTheWorld])
  func anotherCatalogCostsWhatItHasDifferent(_ mode: DiscoveryStream.Mode) throws {
    let (world, names) = try Self.settled(mode, 50)
    let other = Catalog(placeholder: ModelMesh.placeholder)
    var contents = Self.contents(50)
    contents[.endpoints]?["c3"] = "2"
    contents[.listener] = ["l": "1", "m": "1"]
    other.apply(StreamHarness.update(contents))
    world.stream.use(other)
    let answers = try world.acceptedAnswers(names)
    #expect(
      answers
        == ["EDS c3=2", mode == .delta ? "LDS m=1" : "LDS 1 1"].map {
          mode == .delta ? $0 : $0.replacing("c3=", with: "")
        })
    #expect(world.stream.noteCount == 0)
  }

  /// In state of the world a client's versions say all it has of clusters, endpoints and listeners.
  @Test func whoComesBackWithWhatThereIsIsSentNothing() throws {
    let (world, names) = try Self.settled(.stateOfTheWorld, 100)
    let again = DiscoveryStream(mode: .stateOfTheWorld, limits: DeliveryLimits())
    again.use(world.catalog)
    for type in Self.all {
      var request = DiscoveryRequest()
      request.typeURL = type.typeURL
      request.names = names[type] ?? []
      request.version = world.status(type)?.record.accepted?.version ?? ""
      again.receive(request)
    }
    var sent: [ResourceType: Int] = [:]
    while let response = again.nextResponse(now: .seconds(60)) {
      sent[response.type] = response.resourceCount
    }
    #expect(sent == [.routes: 1])
    #expect(again.noteCount == 0)
    #expect(again.status.types.allSatisfy { $0.record.sent != nil })
  }

  /// A name more, or another content, and the version says nothing any more.
  @Test(arguments: ["another name", "another content", "a name less"])
  func aVersionOfSomethingElseIsNotBelieved(_ difference: String) throws {
    var (world, names) = try Self.settled(.stateOfTheWorld, 20)
    switch difference {
    case "another name": names[.endpoints]?.append("unknown")
    case "a name less": names[.endpoints]?.removeLast()
    case _: world.set([.endpoints: ["c5": "2"]])
    }
    let again = DiscoveryStream(mode: .stateOfTheWorld, limits: DeliveryLimits())
    again.use(world.catalog)
    for type in [ResourceType.cluster, .endpoints] {
      var request = DiscoveryRequest()
      request.typeURL = type.typeURL
      request.names = names[type] ?? []
      request.version = world.status(type)?.record.accepted?.version ?? ""
      again.receive(request)
    }
    let response = try #require(again.nextResponse(now: .zero))
    #expect(response.type == .endpoints)
    #expect(response.resourceCount == names[.endpoints]?.count)
  }

  /// A change among many costs the allocations of one among few, at a client that has all of them.
  @Test func aChangeCostsTheSameAmongManyResources() throws {
    func allocations(_ count: Int) throws -> Int {
      var (world, _) = try Self.settled(.delta, count)
      for edition in 2..<6 {
        world.set([.endpoints: ["c3": "\(edition)"]])
        _ = try world.acceptedAnswers()
      }
      world.set([.endpoints: ["c3": "x"]])
      let before = allocation_count_of_thread()
      let response = world.stream.nextResponse(now: .zero)
      let used = Int(allocation_count_of_thread() - before)
      #expect(response?.resourceCount == 1)
      return used
    }
    let (few, many) = (try allocations(10), try allocations(3000))
    #expect(many <= few + 5)
  }
}

extension DiscoveryStream {
  /// Of how many names it is written down what the client has of them.
  fileprivate var noteCount: Int { subscriptions.reduce(0) { $0 + ($1?.exceptions.count ?? 0) } }
}
