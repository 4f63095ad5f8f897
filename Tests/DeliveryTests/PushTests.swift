import Testing

@testable import Delivery

/// Which change a response brings, which one a client speaks of, and which one it lacks.
@Suite struct PushTests {
  private var world = StreamHarness(.delta)

  /// The changes that the next response brings, from the oldest to the newest of its type.
  private func next() throws -> [UInt64?] {
    let response = try #require(world.stream.nextResponse(now: .zero))
    return [response.push?.number, response.lastPush?.number]
  }

  @Test mutating func whatIsAskedForIsNoChangeAndWhatFollowsIs() throws {
    world.set([.routes: ["a": "1", "b": "1"]])
    world.ask(.routes, plus: ["a"])
    #expect(try next() == [nil, 1])
    world.accept()
    #expect(try #require(world.stream.takeVerdict()).push == nil)

    world.set([.routes: ["b": "2"]])
    #expect(world.stream.lag == nil, "nobody wants that one")
    world.set([.routes: ["a": "3"]])
    world.set([.routes: ["a": "4"]])
    #expect(try next() == [3, 4])
    world.accept()
    let verdict = try #require(world.stream.takeVerdict())
    #expect(verdict.push == .number(3) && verdict.rejection == nil)
    #expect(world.stream.takeVerdict() == nil)
  }

  @Test(arguments: [DiscoveryStream.Mode.delta, .stateOfTheWorld])
  mutating func theFirstOfAllThereIsIsNoChangeEither(mode: DiscoveryStream.Mode) throws {
    world = StreamHarness(mode)
    world.set([.cluster: ["a": "1"]])
    world.set([.cluster: ["b": "2"]])
    switch mode {
    case .delta: world.ask(.cluster)
    case .stateOfTheWorld: world.ask(.cluster, [])
    }
    #expect(try next() == [nil, 2])
    world.accept()
    world.set([.cluster: ["b": nil]])
    #expect(try next() == [3, 3])
  }

  /// The bad one of two resources is found by sending them alone: it is the same change all along.
  @Test mutating func aRejectionAndWhatIsSentForItBelongToTheirChange() throws {
    world.ask(.routes, plus: ["a", "b"])
    _ = try world.acceptedAnswers()
    world.set([.routes: ["a": "1", "b": "bad"]])
    world.set([.cluster: ["other": "1"]])
    #expect(try next() == [1, 1])
    world.ask(.routes, nonce: world.nonce(.routes), rejection: "no")
    #expect(try #require(world.stream.takeVerdict()).push == .number(1))
    #expect(try next() == [1, 1])
    world.accept()
    #expect(try next() == [1, 1])
    world.ask(.routes, nonce: world.nonce(.routes), rejection: "no")
    let verdict = try #require(world.stream.takeVerdict())
    #expect(verdict.push == .number(1) && verdict.rejection?.message == "no")
  }

  @Test mutating func aClientLacksWhatItWasNotSentAndWhatItDidNotAnswer() throws {
    world.ask(.cluster)
    world.ask(.routes, plus: ["a"])
    _ = try world.acceptedAnswers()
    #expect(world.stream.lag == nil)
    world.set([.cluster: ["c": "1"]])
    world.set([.routes: ["a": "1"]])
    // Nobody has pulled a response yet: the client's socket is full.
    #expect(
      world.stream.lag == Lag(since: .seconds(1), push: 1, unsent: [.cluster, .routes]))
    #expect(try next() == [1, 1])
    // Routes wait for clusters to be accepted.
    #expect(world.stream.nextResponse(now: .zero) == nil && world.stream.hasWork)
    #expect(
      world.stream.lag
        == Lag(since: .seconds(1), push: 1, unsent: [.routes], unanswered: [.cluster]))
    world.accept()
    world.set([.routes: ["a": "2"]])
    #expect(world.stream.lag == Lag(since: .seconds(2), push: 2, unsent: [.routes]))
    #expect(try next() == [2, 3])
    #expect(world.stream.lag == Lag(since: .seconds(2), push: 2, unanswered: [.routes]))
    world.accept()
    #expect(world.stream.lag == nil && !world.stream.hasWork)
  }

  /// What was undone before it was sent is nothing that a client lacks.
  @Test mutating func aChangeThatIsTakenBackIsForgotten() throws {
    world.set([.routes: ["a": "1"]])
    world.ask(.routes, plus: ["a"])
    _ = try world.acceptedAnswers()
    world.set([.cluster: ["c": "1"]])
    world.set([.routes: ["a": "2"]])
    world.set([.routes: ["a": "1"]])
    #expect(world.stream.nextResponse(now: .zero) == nil)
    #expect(world.stream.lag == nil)
    world.set([.routes: ["a": "3"]])
    #expect(try next() == [5, 5])
  }

  /// A client that becomes one of another class is sent what is different there, because of that push.
  @Test mutating func whoMovesToAnotherCatalogIsSentThePushThatMovedIt() throws {
    world.set([.routes: ["a": "1"]])
    world.ask(.routes, plus: ["a"])
    #expect(try next() == [nil, 1])
    world.accept()
    let other = Catalog(placeholder: ModelMesh.placeholder)
    other.apply(StreamHarness.update([.routes: ["a": "other"]], revision: 1))
    other.apply(CatalogUpdate(push: .number(7), changes: [:]))
    world.stream.use(other)
    #expect(world.stream.lag == Lag(since: .seconds(7), push: 7, unsent: [.routes]))
    #expect(try next() == [7, 7])
    world.accept()
    #expect(world.stream.lag == nil)
  }

  @Test func placesFarBackPassForTheOldestThatIsRemembered() {
    var trail = PushTrail()
    #expect(trail.last == nil && trail.push(changing: 0) == nil)
    for number in 1...1000 { trail.append(.number(UInt64(number)), upTo: 10 * number) }
    #expect(trail.last?.number == 1000 && trail.push(changing: 10_000) == nil)
    #expect(trail.push(changing: 9_999)?.number == 1000)
    #expect(trail.push(changing: 9_990)?.number == 1000)
    #expect(trail.push(changing: 9_989)?.number == 999)
    let oldest = trail.push(changing: 0)?.number ?? 0
    #expect(oldest > 700 && trail.push(changing: Int(oldest - 1) * 10)?.number == oldest)
  }
}
