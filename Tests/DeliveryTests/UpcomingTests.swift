import Testing

@testable import Delivery

/// A catalog that is told in parts: clients are answered as far as it is.
@Suite struct UpcomingTests {
  private static let rest: Set<ResourceType> = [
    .endpoints, .listener, .routes, .virtualHost, .secret, .extensionConfig,
  ]

  @Test func aTypeThatIsToComeIsAnsweredWhenItHasCome() throws {
    var world = StreamHarness(.delta)
    world.ask(.cluster)
    world.ask(.listener)
    world.set([.cluster: ["a": "1", "b": "1"]], upcoming: Self.rest)
    #expect(try world.acceptedAnswers() == ["CDS a=1 b=1"])
    world.ask(.endpoints, plus: ["a", "none"])
    #expect(try world.answers().isEmpty)
    world.set([.endpoints: ["a": "2"]], upcoming: Self.rest.subtracting([.endpoints]))
    let answer = try #require(try world.answer())
    #expect(answer.hasPrefix("EDS a=2 none="), "\(answer)")
    world.accept()
    #expect(!world.stream.isComplete)
    world.set([:])
    // There are none, which is an answer too.
    #expect(try world.acceptedAnswers() == ["LDS"])
    #expect(world.stream.isComplete)
    world.set([.endpoints: ["a": "3"]])
    #expect(try world.acceptedAnswers() == ["EDS a=3"])
  }

  @Test func allAtOnceIsAskedInTheSameOrder() throws {
    var world = StreamHarness(.stateOfTheWorld)
    world.ask(.cluster, [])
    world.ask(.listener, [])
    world.ask(.routes, ["r"])
    world.set([.cluster: ["a": "1"]], upcoming: Self.rest)
    let names: [ResourceType: [String]] = [.routes: ["r"]]
    #expect(try world.acceptedAnswers(names) == ["CDS 1"])
    world.set([.listener: ["l": "1"], .routes: ["r": "1"]])
    #expect(try world.acceptedAnswers(names) == ["LDS 1", "RDS 1"])
  }

  /// What a client has of a cluster that is gone stays until it is known what names it now.
  @Test func nothingGoesBeforeItsUsersAreKnown() throws {
    var world = StreamHarness(.delta)
    world.ask(.cluster, known: ["gone": "x"])
    world.ask(.listener, known: ["l": "x"])
    world.set([.cluster: ["a": "1"]], upcoming: Self.rest)
    #expect(try world.acceptedAnswers() == ["CDS a=1"])
    // However long it takes.
    #expect(try world.answers(now: .seconds(1000)).isEmpty)
    world.set([.listener: ["l": "2"]])
    #expect(try world.answers(now: .seconds(1001)) == ["LDS l=2"])
    world.accept()
    #expect(try world.answers(now: .seconds(1002)).isEmpty)
    #expect(try world.answers(now: .seconds(2000)) == ["CDS -gone"])
  }
}
