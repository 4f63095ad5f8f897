import Testing

@testable import Delivery

/// The xDS protocol's rules for state-of-the-world clients, one a test.
@Suite struct StateOfTheWorldTests {
  var world = StreamHarness(.stateOfTheWorld)

  @Test mutating func anEmptyFirstRequestIsForAllClusters() throws {
    world.set([.cluster: ["a": "1", "b": "1"]])
    world.ask(.cluster, [])
    #expect(try world.answers() == ["CDS 1 1"])
    #expect(world.status(.cluster)?.isWildcard == true)
  }

  @Test func allOfNothingIsAnswered() throws {
    world.ask(.listener, [])
    #expect(try world.answers() == ["LDS"])
  }

  /// The example of xDS "How the client specifies what resources to return", step by step.
  @Test mutating func namesReplaceTheWildcardAndNothingIsNotEverythingAnyMore() throws {
    world.set([.cluster: ["A": "a", "B": "b"]])
    world.ask(.cluster, [])
    #expect(try world.answers() == ["CDS a b"])
    world.ask(.cluster, ["*", "A"], nonce: world.nonce(.cluster))
    #expect(try world.answers() == ["CDS a b"])
    world.ask(.cluster, ["A"], nonce: world.nonce(.cluster))
    #expect(try world.answers() == [])
    world.set([.cluster: ["A": "a2", "B": "b2"]])
    #expect(try world.answers() == ["CDS a2"])
    world.ask(.cluster, [], nonce: world.nonce(.cluster))
    world.set([.cluster: ["A": "a3"]])
    #expect(try world.answers() == [])
    #expect(world.status(.cluster)?.isWildcard == false)
  }

  @Test mutating func anAckIsNotAnswered() throws {
    world.set([.endpoints: ["a": "1"]])
    world.ask(.endpoints, ["a"])
    #expect(try world.answers() == ["EDS 1"])
    #expect(world.status(.endpoints)?.syncState == .stale)
    world.ask(.endpoints, ["a"], nonce: world.nonce(.endpoints))
    #expect(try world.answers() == [])
    #expect(world.status(.endpoints)?.syncState == .synced)
  }

  @Test mutating func aNackIsRememberedAndTheSameIsNotSentAgain() throws {
    world.set([.listener: ["a": "bad"], .endpoints: ["e": "1"]])
    world.ask(.listener, [])
    _ = try world.answers()
    world.ask(.listener, [], nonce: world.nonce(.listener), rejection: "no filter")
    #expect(try world.answers() == [])
    let status = world.status(.listener)
    #expect(status?.syncState == .error)
    #expect(status?.record.rejected?.reason == Rejection(code: 3, message: "no filter"))
    #expect(status?.rejectedNames == ["a"])
    world.ask(.endpoints, ["e"])
    #expect(try world.answers() == ["EDS 1"])
    world.set([.listener: ["a": "good"]])
    #expect(try world.answers() == ["LDS good"])
    world.ask(.listener, [], nonce: world.nonce(.listener))
    #expect(world.status(.listener)?.syncState == .synced)
  }

  @Test mutating func aStaleNonceIsIgnored() throws {
    world.set([.routes: ["a": "1", "b": "1"]])
    world.ask(.routes, ["a"])
    _ = try world.answers()
    let old = world.nonce(.routes)
    world.ask(.routes, ["a"], nonce: old)
    world.set([.routes: ["a": "2"]])
    #expect(try world.answers() == ["RDS 2"])
    world.ask(.routes, ["a", "b"], nonce: old)
    #expect(try world.answers() == [])
    #expect(world.status(.routes)?.record.staleNonces == 1)
    world.ask(.routes, ["a", "b"], nonce: world.nonce(.routes))
    #expect(try world.answers() == ["RDS 1"])
  }

  @Test mutating func onlyAddedAndChangedRoutesAreSent() throws {
    world.set([.routes: ["a": "1", "b": "1", "c": "1"]])
    world.ask(.routes, ["a", "b"])
    #expect(try world.answers() == ["RDS 1 1"])
    world.ask(.routes, ["a", "b", "c"], nonce: world.nonce(.routes))
    #expect(try world.answers() == ["RDS 1"])
    world.accept([.routes: ["a", "b", "c"]])
    world.set([.routes: ["b": "2", "d": "1"]])
    #expect(try world.answers() == ["RDS 2"])
  }

  @Test mutating func aNameThatDoesNotExistIsAnsweredAsTheOwnerSays() throws {
    world.ask(.routes, ["none"])
    #expect(try world.answers() == ["RDS none;0;;"])
    world.ask(.secret, ["none"])
    #expect(try world.answers() == [])
    #expect(world.status(.secret)?.syncState == .notSent)
    world.set([.secret: ["none": "now"]])
    #expect(try world.answers() == ["SDS now"])
  }

  @Test mutating func anUnsubscribedNameIsSentAgainWhenAskedForAgain() throws {
    world.set([.routes: ["a": "1"]])
    world.ask(.routes, ["a"])
    _ = try world.answers()
    world.ask(.routes, [], nonce: world.nonce(.routes))
    world.set([.routes: ["a": "2"]])
    #expect(try world.answers() == [])
    world.set([.routes: ["a": "1"]])
    world.ask(.routes, ["a"], nonce: world.nonce(.routes))
    #expect(try world.answers() == ["RDS 1"])
  }

  @Test mutating func contentThatComesBackBeforeItIsSentIsNotSent() throws {
    world.set([.cluster: ["a": "1"]])
    world.ask(.cluster, [])
    _ = try world.acceptedAnswers()
    world.set([.cluster: ["a": "2"]])
    world.set([.cluster: ["a": "1"]])
    #expect(try world.answers() == [])
  }

  @Test mutating func theNewestStateIsSentOnceWhateverHappenedMeanwhile() throws {
    world.set([.cluster: ["a": "1"]])
    world.ask(.cluster, [])
    #expect(try world.answers() == ["CDS 1"])
    for edition in 2...50 { world.set([.cluster: ["a": "\(edition)"]]) }
    #expect(try world.answers() == [])
    world.accept()
    #expect(try world.answers() == ["CDS 50"])
  }

  @Test func anUnknownTypeIsCountedAndNotAnswered() throws {
    var request = DiscoveryRequest()
    request.typeURL = "type.googleapis.com/envoy.service.runtime.v3.Runtime"
    world.stream.receive(request)
    #expect(try world.answers() == [])
    #expect(world.stream.status.unknownTypeRequests == 1)
  }

  @Test mutating func everyClientOfACatalogSharesOneListOfClusters() throws {
    world.set([.cluster: ["a": "1", "b": "2"]])
    let other = DiscoveryStream(mode: .stateOfTheWorld, limits: DeliveryLimits())
    other.use(world.catalog)
    var request = DiscoveryRequest()
    request.typeURL = ResourceType.cluster.typeURL
    world.stream.receive(request)
    other.receive(request)
    let first = try #require(world.stream.nextResponse(now: .zero)).message.parts
    let second = try #require(other.nextResponse(now: .zero)).message.parts
    #expect(try #require(first.last).isSharedWith(try #require(second.last)))
  }
}
