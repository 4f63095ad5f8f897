import Testing

@testable import Delivery

/// What goes before what, and what waits for whom.
@Suite struct PushOrderTests {
  private static func world(
    _ mode: DiscoveryStream.Mode, limits: DeliveryLimits = DeliveryLimits()
  ) throws -> StreamHarness {
    var world = StreamHarness(mode, limits: limits)
    world.set([
      .cluster: ["x": "x1"], .endpoints: ["x": "e1"], .listener: ["l": "l1"],
      .routes: ["r": "to x"], .secret: ["s": "s1"],
    ])
    switch mode {
    case .delta:
      for type in [ResourceType.listener, .cluster] { world.ask(type, plus: ["*"]) }
      world.ask(.secret, plus: ["s"])
      world.ask(.routes, plus: ["r"])
      world.ask(.endpoints, plus: ["x", "y"])
    case .stateOfTheWorld:
      for type in [ResourceType.listener, .cluster] { world.ask(type, ["*"]) }
      world.ask(.secret, ["s"])
      world.ask(.routes, ["r"])
      world.ask(.endpoints, ["x", "y"])
    }
    return world
  }

  private static let names: [ResourceType: [String]] = [
    .cluster: ["*"], .listener: ["*"], .endpoints: ["x", "y"], .routes: ["r"], .secret: ["s"],
  ]

  @Test func whatIsNamedGoesFirst() throws {
    let world = try Self.world(.stateOfTheWorld)
    #expect(
      try world.answers() == ["CDS x1", "EDS e1 y;0;;", "LDS l1", "RDS to x", "SDS s1"])
  }

  /// Who has nothing yet need not wait for clusters to be warm: all that is asked for is sent.
  @Test func whoHasNothingIsSentAllAtOnce() throws {
    let world = try Self.world(.delta)
    #expect(
      try world.answers() == [
        "CDS x=x1", "EDS x=e1 y=y;0;;", "LDS l=l1", "RDS r=to x", "SDS s=s1",
      ])
  }

  /// Who comes back has listeners that work; others follow when their clusters are warm.
  @Test func whoComesBackIsSentListenersAfterClusters() throws {
    let world = StreamHarness(.delta)
    world.catalog.apply(StreamHarness.update([.cluster: ["x": "x2"], .listener: ["l": "l2"]]))
    world.ask(.cluster, known: ["x": "old"])
    world.ask(.listener, known: ["l": "old"])
    #expect(try world.answers() == ["CDS x=x2"])
    world.accept()
    #expect(try world.answers() == ["LDS l=l2"])
  }

  /// A route moves from one cluster to another, and the first goes (xDS "Eventual consistency").
  @Test func aClusterIsMadeBeforeAndBrokenAfterTheRouteMoves() throws {
    var world = try Self.world(.stateOfTheWorld)
    _ = try world.acceptedAnswers(Self.names)
    world.set([
      .cluster: ["x": nil, "y": "y1"], .endpoints: ["x": nil, "y": "e2"], .routes: ["r": "to y"],
    ])
    // Both clusters, then endpoints of the new one; the route waits until the cluster is warm.
    #expect(try world.answers() == ["CDS y1 x1", "EDS e2"])
    world.accept(Self.names)
    #expect(try world.answers() == ["RDS to y"])
    world.accept(Self.names)
    #expect(try world.answers() == ["CDS y1"])
    world.accept(Self.names)
    #expect(try world.answers() == ["EDS x;0;;"])
  }

  @Test func inDeltaARemovalIsSaidAfterTheRouteMoved() throws {
    var world = try Self.world(.delta)
    _ = try world.acceptedAnswers()
    world.set([
      .cluster: ["x": nil, "y": "y1"], .endpoints: ["x": nil, "y": "e2"], .routes: ["r": "to y"],
    ])
    #expect(try world.answers() == ["CDS y=y1", "EDS y=e2"])
    world.accept()
    #expect(try world.answers() == ["RDS r=to y"])
    world.accept()
    #expect(try world.answers() == ["CDS -x"])
  }

  @Test func aRejectedRouteKeepsItsClusterAndNothingElse() throws {
    var world = try Self.world(.delta)
    _ = try world.acceptedAnswers()
    world.set([.cluster: ["x": nil, "y": "y1"], .routes: ["r": "bad"]])
    #expect(try world.answers() == ["CDS y=y1", "EDS y=y;0;;"])
    world.accept()
    #expect(try world.answers() == ["RDS r=bad"])
    world.ask(.routes, nonce: world.nonce(.routes), rejection: "bad")
    #expect(try world.answers() == [])
    #expect(world.status(.cluster)?.retainedCount == 1)
    world.set([.listener: ["l": "l2"], .cluster: ["y": "y2"], .secret: ["s": "s2"]])
    #expect(try world.answers() == ["CDS y=y2", "EDS y=y;0;;", "SDS s=s2"])
    world.accept()
    #expect(try world.answers() == ["LDS l=l2"])
    world.accept()
    world.set([.routes: ["r": "good"]])
    #expect(try world.acceptedAnswers() == ["RDS r=good", "CDS -x"])
  }

  /// Envoy warms a changed cluster until it is sent its endpoints, and does not ask for them.
  @Test(arguments: [DiscoveryStream.Mode.stateOfTheWorld, .delta])
  func endpointsOfAChangedClusterAreSentAgain(mode: DiscoveryStream.Mode) throws {
    var world = try Self.world(mode)
    _ = try world.acceptedAnswers(Self.names)
    world.set([.cluster: ["x": "x2"]])
    #expect(
      try world.acceptedAnswers(Self.names)
        == (mode == .delta ? ["CDS x=x2", "EDS x=e1"] : ["CDS x2", "EDS e1"]))
  }

  @Test func aClientThatNeverAnswersIsWaitedForOnlySoLong() throws {
    var world = try Self.world(.delta)
    _ = try world.acceptedAnswers()
    world.set([.cluster: ["x": "x2"], .routes: ["r": "to x2"]])
    #expect(try world.answers() == ["CDS x=x2", "EDS x=e1"])
    world.set([.cluster: ["x": "x3"], .endpoints: ["x": "e3"]])
    #expect(try world.answers(now: .milliseconds(1999)) == [])
    #expect(world.stream.deadline == .seconds(2))
    // Routes do not wait any longer either.
    #expect(try world.answers(now: .seconds(2)) == ["CDS x=x3", "EDS x=e3", "RDS r=to x2"])
    world.set([.cluster: ["x": "x4"]])
    #expect(try world.answers(now: .seconds(2)) == [])
    // The second time it is half as long.
    #expect(world.stream.deadline == .seconds(3))
    #expect(try world.answers(now: .seconds(3)) == ["CDS x=x4", "EDS x=e3"])
  }

  @Test func aSteadyFlowOfClustersStarvesNoRoute() throws {
    var world = try Self.world(.delta)
    _ = try world.acceptedAnswers()
    var sent: [String] = []
    for step in 0..<100 {
      world.set([
        .cluster: ["x": "\(step)"], .routes: ["r": "\(step)"], .listener: ["l": "\(step)"],
      ])
      sent += try world.answers(now: .milliseconds(100 * step))
      world.accept()
    }
    // In ten seconds, each that waits for two.
    #expect(sent.filter { $0.hasPrefix("RDS") }.count == 4)
    #expect(sent.filter { $0.hasPrefix("LDS") }.count == 4)
  }

  @Test func routesWaitForTheNewestClusters() throws {
    var world = try Self.world(.delta)
    _ = try world.acceptedAnswers()
    world.set([.cluster: ["y": "1"], .routes: ["r": "to y"]])
    #expect(try world.answers() == ["CDS y=1", "EDS y=y;0;;"])
    world.set([.cluster: ["z": "1"], .routes: ["r": "to z"]])
    world.accept()
    #expect(try world.answers() == ["CDS z=1"])
    world.accept()
    #expect(try world.answers() == ["RDS r=to z"])
  }

  @Test func whatIsKeptForRejectedRoutesHasALimit() throws {
    var world = try Self.world(.delta, limits: DeliveryLimits(retained: 10))
    _ = try world.acceptedAnswers()
    world.set([.routes: ["r": "bad"]])
    _ = try world.answers()
    world.ask(.routes, nonce: world.nonce(.routes), rejection: "bad")
    for number in 0..<12 {
      world.set([.cluster: ["c\(number)": "1"]])
      _ = try world.acceptedAnswers()
      world.set([.cluster: ["c\(number)": nil]])
      _ = try world.acceptedAnswers()
      #expect(try #require(world.status(.cluster)).retainedCount <= 10)
    }
  }

  @Test func namesHaveALimit() throws {
    let world = StreamHarness(.delta, limits: DeliveryLimits(names: 3))
    world.ask(.secret, plus: ["a", "b", "c", "d", "a"])
    world.ask(.secret, plus: ["e"])
    let status = try #require(world.status(.secret))
    #expect(status.nameCount == 3)
    #expect(status.record.refusedNames == 2)
  }

  @Test func aStreamWithoutACatalogRemembersWhatItWasAskedFor() throws {
    let stream = DiscoveryStream(mode: .stateOfTheWorld, limits: DeliveryLimits())
    var request = DiscoveryRequest()
    request.typeURL = ResourceType.cluster.typeURL
    stream.receive(request)
    #expect(stream.nextResponse(now: .zero) == nil)
    let catalog = Catalog(placeholder: ModelMesh.placeholder)
    catalog.apply(StreamHarness.update([.cluster: ["a": "1"]]))
    stream.use(catalog)
    #expect(stream.nextResponse(now: .zero)?.resourceCount == 1)
  }
}
