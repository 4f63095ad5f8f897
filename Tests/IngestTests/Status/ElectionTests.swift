import Documents
import TestSupport
import Testing

@testable import Ingest

/// Who may write, by clocks that the tests turn and a server that loses, delays and refuses.
@Suite struct ElectionTests {
  /// One Lease, kept as an API server keeps it.
  private struct Server {
    private(set) var lease: Node?
    private var version = 10

    mutating func answer(_ request: Election.Request) -> Election.Answer {
      switch request {
      case .read: return stored
      case .create(let object):
        guard lease == nil else { return refusal(409) }
        return store(object)
      case .replace(let object):
        guard let lease else { return refusal(404) }
        guard object["metadata"]?["resourceVersion"] == lease["metadata"]?["resourceVersion"]
        else { return refusal(409) }
        return store(object)
      }
    }

    private mutating func store(_ object: Node) -> Election.Answer {
      version += 1
      guard case .mapping(let entries) = object.content else { return refusal(400) }
      let metadata = Node(
        .mapping([
          .init(key: "name", value: Node(.string("l"))),
          .init(key: "resourceVersion", value: Node(.string(String(version)))),
        ]))
      lease = Node(
        .mapping(
          entries.filter { $0.key != "metadata" } + [.init(key: "metadata", value: metadata)]))
      return stored
    }

    private var stored: Election.Answer {
      lease.flatMap(LeaseRecord.init).map { .lease($0) } ?? refusal(404)
    }

    func refusal(_ code: Int) -> Election.Answer {
      .refused(ServerStatus(code: code, message: "no"))
    }

    var holder: String? { lease.flatMap(LeaseRecord.init)?.holder }
  }

  private static let start = ContinuousClock.now
  private static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private static func election(_ identity: String) -> Election {
    Election(namespace: "n", name: "l", identity: identity, now: start)
  }

  /// Asks and is answered in no time until there is nothing more to ask.
  private static func turn(
    _ election: inout Election, _ server: inout Server, at now: ContinuousClock.Instant
  ) {
    var random = SeededRandom(seed: 1)
    var request = election.request(at: now, wallTime: "t")
    while let asked = request {
      request = election.take(
        server.answer(asked), at: now, wallTime: "t", using: &random)
    }
  }

  @Test func theFirstMakesTheLeaseAndTheSecondWaitsForItToRunOut() {
    var server = Server()
    var (a, b) = (Self.election("a"), Self.election("b"))
    Self.turn(&a, &server, at: Self.at(0))
    #expect(a.isHeld(at: Self.at(0)) && server.holder == "a")
    Self.turn(&b, &server, at: Self.at(0))
    #expect(!b.isHeld(at: Self.at(0)) && b.holder == "a")
    for second in stride(from: 3.0, through: 12, by: 3) {
      Self.turn(&b, &server, at: Self.at(second))
      #expect(!b.isHeld(at: Self.at(second)))
    }
    // a was not heard of again: it stopped by itself before b may begin.
    #expect(!a.isHeld(at: Self.at(10)))
    Self.turn(&b, &server, at: Self.at(15))
    #expect(b.isHeld(at: Self.at(15)) && server.holder == "b" && b.transitions == 1)
    // And it finds out as soon as it asks.
    Self.turn(&a, &server, at: Self.at(16))
    #expect(!a.isHeld(at: Self.at(16)))
  }

  @Test func aLeaseThatIsRenewedIsKept() {
    var server = Server()
    var (a, b) = (Self.election("a"), Self.election("b"))
    for second in stride(from: 0.0, through: 120, by: 2.5) {
      Self.turn(&a, &server, at: Self.at(second))
      Self.turn(&b, &server, at: Self.at(second + 1))
      #expect(a.isHeld(at: Self.at(second)) && !b.isHeld(at: Self.at(second + 1)))
    }
    #expect(a.transitions == 0)
  }

  @Test func aLeaseThatSomeoneElseHasTakenIsLostAtOnce() {
    var server = Server()
    var a = Self.election("a")
    Self.turn(&a, &server, at: Self.at(0))
    var taken = Server()
    taken = server
    var thief = Self.election("thief")
    // As an operator would, against all rules.
    Self.turn(&thief, &taken, at: Self.at(0))
    Self.turn(&thief, &taken, at: Self.at(20))
    #expect(taken.holder == "thief")
    Self.turn(&a, &taken, at: Self.at(3))
    #expect(!a.isHeld(at: Self.at(3)) && a.holder == "thief")
  }

  @Test func aLeaseThatIsReleasedIsTakenAtOnce() throws {
    var server = Server()
    var (a, b) = (Self.election("a"), Self.election("b"))
    Self.turn(&a, &server, at: Self.at(0))
    let request = a.release(at: Self.at(1), wallTime: "t")
    let release = try #require(request)
    _ = server.answer(release)
    #expect(!a.isHeld(at: Self.at(1)))
    Self.turn(&b, &server, at: Self.at(1))
    #expect(b.isHeld(at: Self.at(1)))
  }

  @Test(arguments: [403, 500, 503, 429, 401])
  func refusalsAreTriedAgainAndSaidToBe(code: Int) throws {
    var random = SeededRandom(seed: 1)
    let server = Server()
    var a = Self.election("a")
    var now = Self.at(0)
    var asked = 0
    while now < Self.at(600) {
      guard a.request(at: now, wallTime: "t") != nil else {
        now = max(now, try #require(a.deadline))
        continue
      }
      asked += 1
      let next = a.take(server.refusal(code), at: now, wallTime: "t", using: &random)
      #expect(next == nil && !a.isHeld(at: now) && a.problem != nil)
      #expect(try #require(a.deadline) > now)
    }
    #expect((code == 403 ? 25...45 : 200...300).contains(asked), "\(asked) in 10 minutes")
  }

  /// A server that has just started refuses everybody everything for a moment.
  @Test func aRefusalThatPassesHoldsUpForSecondsOnly() throws {
    var random = SeededRandom(seed: 1)
    var server = Server()
    var a = Self.election("a")
    var now = Self.at(0)
    while !a.isHeld(at: now), now < Self.at(60) {
      var request = a.request(at: now, wallTime: "t")
      while let asked = request {
        let answer = now < Self.at(2) ? server.refusal(403) : server.answer(asked)
        request = a.take(answer, at: now, wallTime: "t", using: &random)
      }
      if !a.isHeld(at: now) { now = max(now, try #require(a.deadline)) }
    }
    #expect(a.isHeld(at: now) && now < Self.at(6))
  }

  /// Three replicas that are stopped, delayed, cut off and refused, each by a clock of its own speed: no
  /// two may write at the same moment, and what one began has ended when another may.
  @Test(arguments: UInt64(0)..<300) func noTwoWriteAtOnce(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var world = World(random: &random)
    for _ in 0..<400 { world.step(&random, seed: seed) }
    // Left alone, one holds it and keeps it.
    for replica in world.replicas.indices { world.replicas[replica].stoppedUntil = 0 }
    world.faults = false
    for _ in 0..<400 { world.step(&random, seed: seed) }
    let holding = world.replicas.filter { $0.election.isHeld(at: $0.clock(world.now)) }
    #expect(holding.count == 1, "seed \(seed)")
  }

  private struct World {
    struct Replica {
      var election: Election
      /// Seconds of its clock for a second of the world.
      let speed: Double
      var stoppedUntil = 0.0
      /// What is on its way, and when it comes to the server and back.
      var sent:
        (request: Election.Request, arrives: Double, returns: Double, answer: Election.Answer?)?
      /// Until when in the world's time a write of its may still be under way.
      var writesUntil = 0.0

      func clock(_ seconds: Double) -> ContinuousClock.Instant {
        ElectionTests.at(seconds * speed)
      }
    }

    var server = Server()
    var replicas: [Replica]
    var now = 0.0
    var faults = true

    init(random: inout SeededRandom) {
      replicas = ["a", "b", "c"].map {
        Replica(election: election($0), speed: Double.random(in: 0.99...1.01, using: &random))
      }
    }

    mutating func step(_ random: inout SeededRandom, seed: UInt64) {
      now += Double.random(in: 0...0.8, using: &random)
      for index in replicas.indices {
        deliver(index, &random)
        guard replicas[index].stoppedUntil <= now else { continue }
        if faults, Int.random(in: 0..<40, using: &random) == 0 {
          replicas[index].stoppedUntil = now + Double.random(in: 0...40, using: &random)
          continue
        }
        act(index, &random, seed: seed)
      }
    }

    /// The network and the server go on though a replica is stopped.
    private mutating func deliver(_ index: Int, _ random: inout SeededRandom) {
      guard var sent = replicas[index].sent, sent.answer == nil, sent.arrives <= now else { return }
      sent.answer =
        faults && Int.random(in: 0..<8, using: &random) == 0
        ? server.refusal([500, 429, 409, 403].randomElement(using: &random) ?? 500)
        : server.answer(sent.request)
      if faults, Int.random(in: 0..<8, using: &random) == 0 { sent.answer = .failed("cut") }
      replicas[index].sent = sent
    }

    private mutating func act(_ index: Int, _ random: inout SeededRandom, seed: UInt64) {
      var replica = replicas[index]
      defer { replicas[index] = replica }
      let local = replica.clock(now)
      if let sent = replica.sent {
        if let answer = sent.answer, sent.returns <= now {
          let next = replica.election.take(answer, at: local, wallTime: "t", using: &random)
          replica.sent = next.map { World.post($0, now, faults, &random) }
        } else if now - sent.arrives > 10 {
          _ = replica.election.take(.failed("late"), at: local, wallTime: "t", using: &random)
          replica.sent = nil
        }
      } else if let request = replica.election.request(at: local, wallTime: "t") {
        replica.sent = World.post(request, now, faults, &random)
      }
      guard replica.election.isHeld(at: local) else { return }
      for (other, rival) in replicas.enumerated() where other != index {
        #expect(
          rival.writesUntil <= now,
          "seed \(seed) at \(now): \(index) may write, and \(other) still does")
      }
      replica.writesUntil = now + 4 / replica.speed
    }

    private static func post(
      _ request: Election.Request, _ now: Double, _ faults: Bool, _ random: inout SeededRandom
    ) -> (Election.Request, Double, Double, Election.Answer?) {
      let there = now + Double.random(in: 0...(faults ? 5 : 0.2), using: &random)
      return (
        request, there, there + Double.random(in: 0...(faults ? 5 : 0.2), using: &random), nil
      )
    }
  }
}
