import Testing

@testable import Delivery

/// The xDS protocol's rules for delta clients, one a test.
@Suite struct DeltaTests {
  var world = StreamHarness(.delta)

  /// The example of xDS "How the client specifies what resources to return", step by step.
  @Test mutating func namesAddToTheWildcardAndOutliveIt() throws {
    world.set([.cluster: ["A": "a", "B": "b"]])
    world.ask(.cluster)
    #expect(try world.answers() == ["CDS A=a B=b"])
    world.accept()
    world.ask(.cluster, plus: ["A"])
    #expect(try world.answers() == ["CDS A=a"])
    world.accept()
    world.ask(.cluster, minus: ["*"])
    world.set([.cluster: ["A": "a2", "B": "b2"]])
    #expect(try world.answers() == ["CDS A=a2"])
    world.accept()
    world.ask(.cluster, minus: ["A"])
    world.set([.cluster: ["A": "a3", "B": "b3"]])
    #expect(try world.answers() == [])
  }

  @Test mutating func aNameIsAnsweredAgainThoughItIsSubscribedTo() throws {
    world.set([.routes: ["a": "1"]])
    world.ask(.routes, plus: ["a"])
    #expect(try world.answers() == ["RDS a=1"])
    world.accept()
    world.ask(.routes, plus: ["a"])
    #expect(try world.answers() == ["RDS a=1"])
  }

  @Test mutating func aSubscriptionCountsWhateverItsNonce() throws {
    world.set([.endpoints: ["a": "1", "b": "1"]])
    world.ask(.endpoints, plus: ["a"])
    _ = try world.answers()
    world.ask(.endpoints, plus: ["b"], nonce: "gone")
    #expect(world.status(.endpoints)?.record.staleNonces == 1)
    #expect(try world.answers() == [])
    world.accept()
    #expect(try world.answers() == ["EDS b=1"])
  }

  @Test mutating func aNameThatDoesNotExistIsSaidToBeRemoved() throws {
    world.ask(.secret, plus: ["none"])
    #expect(try world.answers() == ["SDS -none"])
    world.accept()
    world.set([.secret: ["none": "now"]])
    #expect(try world.answers() == ["SDS none=now"])
  }

  @Test mutating func aRejectionIsToldOnceAndAStaleOneNever() throws {
    world.set([.routes: ["a": "1"]])
    world.ask(.routes, plus: ["a"])
    _ = try world.answers()
    world.ask(.routes, nonce: "gone", rejection: "stale")
    #expect(world.stream.takeVerdict() == nil)
    world.ask(.routes, nonce: world.nonce(.routes), rejection: "no such field")
    let verdict = try #require(world.stream.takeVerdict())
    #expect(verdict.type == .routes && verdict.rejection?.message == "no such field")
    #expect(world.stream.takeVerdict() == nil)
  }

  @Test mutating func unsubscribingIsNotAnswered() throws {
    world.set([.secret: ["a": "1"]])
    world.ask(.secret, plus: ["a"])
    _ = try world.acceptedAnswers()
    world.ask(.secret, minus: ["a", "never"])
    #expect(try world.answers() == [])
  }

  /// Under "*" the client cannot know whether it keeps the name (xDS "Unsubscribing from Resources").
  @Test mutating func unsubscribingFromANameUnderTheWildcardIsAnswered() throws {
    world.set([.cluster: ["a": "1"]])
    world.ask(.cluster, plus: ["*", "a", "none"])
    #expect(try world.answers() == ["CDS a=1 -none"])
    world.accept()
    world.ask(.cluster, minus: ["a"])
    #expect(try world.answers() == ["CDS a=1"])
    world.accept()
    world.ask(.cluster, minus: ["none"])
    #expect(try world.answers() == ["CDS -none"])
  }

  @Test mutating func whoComesBackIsSentTheDifference() throws {
    world.set([.cluster: ["same": "1", "changed": "1", "gone": "1"]])
    world.ask(.cluster)
    _ = try world.acceptedAnswers()
    let known = Dictionary(
      uniqueKeysWithValues: world.stream.held(.cluster).map { ($0.name, $0.version) })
    world.set([.cluster: ["changed": "2", "gone": nil, "added": "1"]])

    let again = DiscoveryStream(mode: .delta, limits: DeliveryLimits())
    again.use(world.catalog)
    var request = DeltaDiscoveryRequest()
    request.typeURL = ResourceType.cluster.typeURL
    request.initialVersions = known.map { KnownVersion(name: $0.key, version: $0.value) }
    again.receive(request)
    let first = try #require(again.nextResponse(now: .zero))
    let read = try ReadResponse(first.message.flattened(), mode: .delta)
    #expect(read.resources.map(\.name) == ["added", "changed"])
    // What is gone may be in use until listeners and routes are asked for; in the end it goes.
    #expect(read.removed == [])
    var ack = DeltaDiscoveryRequest()
    ack.typeURL = request.typeURL
    ack.nonce = first.nonce
    again.receive(ack)
    #expect(again.nextResponse(now: .seconds(1)) == nil)
    let end = try #require(again.deadline)
    let second = try #require(again.nextResponse(now: end))
    #expect(try ReadResponse(second.message.flattened(), mode: .delta).removed == ["gone"])
  }

  @Test mutating func oneBadResourceKeepsNoOtherBack() throws {
    let names = (0..<16).map { "r\($0)" }
    world.set([
      .routes: Dictionary(uniqueKeysWithValues: names.map { ($0, $0 == "r5" ? "bad" : "good") })
    ])
    world.ask(.routes, plus: names)
    var accepted: Set<String> = []
    var responses = 0
    while let line = try world.answer() {
      responses += 1
      let isBad = line.contains("bad")
      world.ask(.routes, nonce: world.nonce(.routes), rejection: isBad ? "bad" : nil)
      if !isBad { accepted.formUnion(line.split(separator: " ").dropFirst().map(String.init)) }
    }
    #expect(accepted.count == 15)
    #expect(responses == 9)
    #expect(world.status(.routes)?.rejectedNames == ["r5"])
    #expect(world.status(.routes)?.syncState == .error)
    world.set([.routes: ["r5": "good"]])
    #expect(try world.acceptedAnswers() == ["RDS r5=good"])
    #expect(world.status(.routes)?.syncState == .synced)
  }

  @Test mutating func aClientOfAnotherClassIsSentTheDifference() throws {
    world.set([.cluster: ["both": "1", "old": "1"], .listener: ["l": "1"]])
    world.ask(.cluster)
    world.ask(.listener)
    _ = try world.acceptedAnswers()
    let other = Catalog(placeholder: ModelMesh.placeholder)
    other.apply(
      StreamHarness.update([.cluster: ["both": "1", "new": "1"], .listener: ["l": "2"]]))
    world.stream.use(other)
    #expect(
      try world.acceptedAnswers() == ["CDS new=1", "LDS l=2", "CDS -old"])
  }
}
