import Documents
import TestSupport
import Testing

@testable import Ingest

/// What is written when, by a clock that the tests turn and a server that the tests are.
@Suite struct StatusQueueTests {
  private static let start = ContinuousClock.now
  private static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private static func target(_ name: String) -> StatusTarget {
    StatusTarget(group: "example.io", plural: "things", namespace: "a", name: name)
  }

  private static func seen(_ name: String, _ version: Int, _ status: String? = nil) -> SeenStatus {
    let says = status.map { [Node.Entry(key: "text", value: Node(.string($0)))] } ?? []
    guard
      let seen = SeenStatus(
        Node(
          .mapping([
            .init(key: "apiVersion", value: Node(.string("example.io/v1"))),
            .init(key: "kind", value: Node(.string("Thing"))),
            .init(
              key: "metadata",
              value: Node(
                .mapping([
                  .init(key: "uid", value: Node(.string("u-\(name)"))),
                  .init(key: "resourceVersion", value: Node(.string(String(version)))),
                ]))),
            .init(key: "status", value: Node(.mapping(says))),
          ])))
    else { preconditionFailure("an object with a version is one") }
    return seen
  }

  private static func wanted(_ text: String) -> WantedStatus {
    WantedStatus([.init(key: "text", value: Node(.string(text)))])
  }

  private static func report(
    _ name: String, _ version: Int, says: String? = nil, wants: String
  ) -> StatusReport {
    StatusReport(seen: seen(name, version, says), wanted: wanted(wants))
  }

  /// Twenty objects of a kind are to be written.
  private static func queueOfTwenty() -> StatusQueue {
    var queue = StatusQueue(StatusLimits())
    for name in 0..<20 {
      queue.take(
        Self.report("x\(name)", 5, wants: "ok"), of: Self.target("x\(name)"), at: Self.at(0))
    }
    return queue
  }

  private static func body(_ write: StatusQueue.Write) -> String {
    String(decoding: write.body, as: UTF8.self)
  }

  @Test func whatIsSaidAlreadyIsNotWritten() {
    var queue = StatusQueue(StatusLimits())
    queue.take(Self.report("x", 5, says: "ok", wants: "ok"), of: Self.target("x"), at: Self.at(0))
    let turn1 = queue.begin(at: Self.at(0))
    #expect(turn1.isEmpty && queue.pending == 0)
    #expect(queue.next(at: Self.at(0)) == nil)
  }

  @Test func whatDiffersIsAppliedInTheVersionThatWasSeen() throws {
    var queue = StatusQueue(StatusLimits())
    queue.take(Self.report("x", 5, wants: "ok"), of: Self.target("x"), at: Self.at(0))
    let turn2 = queue.begin(at: Self.at(0))
    let write = try #require(turn2.first)
    #expect(write.path == "/apis/example.io/v1/namespaces/a/things/x/status")
    #expect(
      Self.body(write)
        == #"{"apiVersion":"example.io/v1","kind":"Thing","metadata":{"name":"x","namespace":"a","#
        + #""uid":"u-x","resourceVersion":"5"},"status":{"text":"ok"}}"#)
    let turn3 = queue.begin(at: Self.at(0))
    #expect(turn3.isEmpty, "it is under way")
  }

  @Test func nothingAndEmptyAreOneAndNumbersMayBeTexts() {
    let empty = WantedStatus([
      .init(key: "text", value: Node(.sequence([]))), .init(key: "n", value: Node(.integer(3))),
    ])
    #expect(!empty.isSaid(by: Self.seen("x", 1)))
    let number = WantedStatus([.init(key: "text", value: Node(.integer(3)))])
    #expect(number.isSaid(by: Self.seen("x", 1, "3")))
    let nothing = WantedStatus([.init(key: "text", value: Node(.sequence([])))])
    #expect(nothing.isSaid(by: Self.seen("x", 1)))
    #expect(!nothing.isSaid(by: Self.seen("x", 1, "ok")))
  }

  @Test func theNewestOfWhatIsWantedIsWritten() throws {
    var queue = StatusQueue(StatusLimits())
    var random = SeededRandom(seed: 1)
    let x = Self.target("x")
    queue.take(Self.report("x", 5, wants: "one"), of: x, at: Self.at(0))
    _ = queue.begin(at: Self.at(0))
    queue.take(Self.report("x", 5, wants: "two"), of: x, at: Self.at(0))
    queue.take(Self.report("x", 5, wants: "three"), of: x, at: Self.at(0))
    let turn4 = queue.begin(at: Self.at(0))
    #expect(turn4.isEmpty)
    queue.settle(x, .written(Self.seen("x", 6, "one")), at: Self.at(1), using: &random)
    // The watch tells late of what was before the write.
    queue.take(Self.report("x", 5, wants: "three"), of: x, at: Self.at(1))
    let turn5 = queue.begin(at: Self.at(1))
    let write = try #require(turn5.first)
    #expect(Self.body(write).contains(#""resourceVersion":"6"},"status":{"text":"three"}"#))
    queue.settle(x, .written(Self.seen("x", 7, "three")), at: Self.at(2), using: &random)
    queue.take(Self.report("x", 6, says: "one", wants: "three"), of: x, at: Self.at(2))
    let turn6 = queue.begin(at: Self.at(2))
    #expect(turn6.isEmpty && queue.pending == 0)
  }

  @Test func whoeverWritesOverItIsGivenWayMoreAndMore() throws {
    var queue = StatusQueue(StatusLimits())
    var random = SeededRandom(seed: 1)
    let x = Self.target("x")
    var (version, now, writes) = (5, Self.at(0), 0)
    while now < Self.at(3600) {
      queue.take(Self.report("x", version, says: "theirs", wants: "ours"), of: x, at: now)
      if queue.begin(at: now).isEmpty {
        now = try #require(queue.next(at: now))
        continue
      }
      writes += 1
      version += 2
      queue.settle(x, .written(Self.seen("x", version - 1, "ours")), at: now, using: &random)
    }
    #expect((8...20).contains(writes), "\(writes) writes in an hour of fighting")
  }

  @Test(arguments: [404, 409, 422, 400])
  func anObjectThatIsRefusedIsTriedLessAndLess(code: Int) throws {
    var queue = StatusQueue(StatusLimits())
    var random = SeededRandom(seed: 1)
    let (x, y) = (Self.target("x"), Self.target("y"))
    queue.take(Self.report("x", 5, wants: "ok"), of: x, at: Self.at(0))
    var (now, tries) = (Self.at(0), 0)
    while now < Self.at(3600) {
      if queue.begin(at: now).isEmpty {
        now = try #require(queue.next(at: now))
        continue
      }
      tries += 1
      queue.settle(
        x, .refused(ServerStatus(code: code, message: "no")), at: now, using: &random)
      // Others are written meanwhile.
      queue.take(Self.report("y", tries, wants: "\(tries)"), of: y, at: now)
      let turn7 = queue.begin(at: now)
      #expect(turn7.map(\.target) == [y])
      queue.settle(
        y, .written(Self.seen("y", tries + 1, "\(tries)")), at: now, using: &random)
    }
    #expect((6...25).contains(tries), "\(tries) in an hour")
    // What stood in the way of one version need not stand in the way of the next.
    queue.take(Self.report("x", 6, wants: "other"), of: x, at: now)
    let turn8 = queue.begin(at: now)
    #expect(turn8.count == 1)
  }

  @Test func aKindThatIsForbiddenHoldsUpNoOther() throws {
    var queue = Self.queueOfTwenty()
    var random = SeededRandom(seed: 1)
    let other = StatusTarget(group: "", plural: "others", namespace: "a", name: "o")
    queue.take(Self.report("o", 5, wants: "ok"), of: other, at: Self.at(0))
    var (now, forbidden, others) = (Self.at(0), 0, 0)
    while now < Self.at(600) {
      let writes = queue.begin(at: now)
      for write in writes {
        if write.target == other {
          others += 1
          queue.settle(
            write.target, .written(Self.seen("o", 6, "ok")), at: now, using: &random)
        } else {
          forbidden += 1
          queue.settle(
            write.target, .refused(ServerStatus(code: 403, message: "not you")), at: now,
            using: &random)
        }
      }
      if writes.isEmpty { now = try #require(queue.next(at: now)) }
    }
    #expect(others == 1 && (8...40).contains(forbidden), "\(forbidden) refusals in 10 minutes")
    #expect(queue.forbidden.map(\.resource) == ["things.example.io"])
  }

  /// A server that has just started refuses everybody everything for a moment: many at once, of which
  /// one counts.
  @Test func aKindThatIsForbiddenForAMomentIsWrittenSecondsLater() throws {
    var queue = Self.queueOfTwenty()
    var random = SeededRandom(seed: 1)
    var now = Self.at(0)
    while queue.pending > 0, now < Self.at(300) {
      let writes = queue.begin(at: now)
      for write in writes {
        let outcome: StatusQueue.Outcome =
          now < Self.at(2)
          ? .refused(ServerStatus(code: 403, message: "not yet"))
          : .written(Self.seen(write.target.name, 6, "ok"))
        queue.settle(write.target, outcome, at: now, using: &random)
      }
      if writes.isEmpty { now = try #require(queue.next(at: now)) }
    }
    #expect(queue.pending == 0 && now < Self.at(6) && queue.forbidden.isEmpty)
  }

  @Test(arguments: [429, 500, 503, 401, 0])
  func aServerThatIsAwayIsAskedByOne(code: Int) throws {
    var queue = StatusQueue(StatusLimits())
    var random = SeededRandom(seed: 1)
    for name in 0..<50 {
      queue.take(
        Self.report("x\(name)", 5, wants: "ok"), of: Self.target("x\(name)"), at: Self.at(0))
    }
    var (now, tries) = (Self.at(0), 0)
    while now < Self.at(600) {
      let writes = queue.begin(at: now)
      if tries > 4 { #expect(writes.count <= 1) }
      for write in writes {
        tries += 1
        let outcome: StatusQueue.Outcome =
          code == 0
          ? .failed("cut") : .refused(ServerStatus(code: code, message: "no"))
        queue.settle(write.target, outcome, at: now, using: &random)
      }
      if writes.isEmpty { now = try #require(queue.next(at: now)) }
    }
    #expect((20...60).contains(tries), "\(tries) in 10 minutes")
    #expect(queue.serverProblem != nil && queue.pending == 50)
  }

  @Test func whoIsWrittenByOthersLeavesNothingBehind() {
    var queue = StatusQueue(StatusLimits())
    for number in 0..<10_000 {
      let name = "x\(number)"
      queue.take(Self.report(name, 5, wants: "ok"), of: Self.target(name), at: Self.at(0))
      queue.take(
        Self.report(name, 6, says: "ok", wants: "ok"), of: Self.target(name), at: Self.at(0))
      queue.take(nil, of: Self.target(name), at: Self.at(0))
    }
    #expect(queue.pending == 0 && queue.lineLength <= StatusQueue.emptyPlaces + 1)
  }

  @Test func retryAfterIsHeeded() throws {
    var queue = StatusQueue(StatusLimits())
    var random = SeededRandom(seed: 1)
    queue.take(Self.report("x", 5, wants: "ok"), of: Self.target("x"), at: Self.at(0))
    _ = queue.begin(at: Self.at(0))
    queue.settle(
      Self.target("x"),
      .refused(ServerStatus(code: 429, message: "slow down", retryAfterSeconds: 30)),
      at: Self.at(0), using: &random)
    #expect(try #require(queue.next(at: Self.at(0))) >= Self.at(30))
    let turn9 = queue.begin(at: Self.at(29))
    #expect(turn9.isEmpty)
  }

  @Test func soManyASecondAreWrittenAndSoManyAtOnce() throws {
    let limits = StatusLimits()
    var queue = StatusQueue(limits)
    var random = SeededRandom(seed: 1)
    for name in 0..<1000 {
      queue.take(
        Self.report("x\(name)", 5, wants: "ok"), of: Self.target("x\(name)"), at: Self.at(0))
    }
    var (now, total) = (Self.at(0), 0)
    while now < Self.at(10) {
      let writes = queue.begin(at: now)
      #expect(writes.count <= limits.atOnce)
      total += writes.count
      for write in writes {
        queue.settle(
          write.target, .written(Self.seen(write.target.name, 6, "ok")), at: now, using: &random)
      }
      if writes.isEmpty { now = try #require(queue.next(at: now)) }
    }
    let allowed = limits.burst + 10 * limits.perSecond
    #expect((allowed - 20...allowed).contains(total), "\(total) in 10 s, \(allowed) allowed")
  }

  /// Objects come, go, change and are written over while the server fails in every way; when that
  /// ends, each says what is wanted of it.
  @Test(arguments: UInt64(0)..<200) func allIsSaidInTheEnd(seed: UInt64) throws {
    var world = World(seed: seed)
    for _ in 0..<400 { world.step(faults: true) }
    var steps = 0
    while !world.isDone {
      world.step(faults: false)
      steps += 1
      guard steps < 20_000 else {
        Issue.record("seed \(seed): not done: \(world)")
        return
      }
    }
    #expect(world.queue.pending == 0, "seed \(seed)")
  }

  private struct World {
    struct Thing {
      var version: Int
      var says: String?
      var wants: String
    }
    var random: SeededRandom
    var queue = StatusQueue(StatusLimits())
    var things: [String: Thing] = [:]
    /// What the watch has not told yet, in order.
    var untold: [(name: String, report: StatusReport?)] = []
    var underWay: [(write: StatusQueue.Write, text: String, seenVersion: String)] = []
    var now = start
    var version = 10

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    var isDone: Bool {
      untold.isEmpty && underWay.isEmpty && things.values.allSatisfy { $0.says == $0.wants }
    }

    mutating func step(faults: Bool) {
      now += .milliseconds(Int.random(in: 0...(faults ? 2000 : 60_000), using: &random))
      if faults, Bool.random(using: &random) { change() }
      while !untold.isEmpty, Int.random(in: 0..<4, using: &random) > 0 {
        let (name, report) = untold.removeFirst()
        queue.take(report, of: target(name), at: now)
      }
      if faults, Int.random(in: 0..<30, using: &random) == 0 {
        underWay = []
        queue.giveUp(at: now)
      }
      for write in queue.begin(at: now) {
        #expect(!underWay.contains { $0.write.target == write.target }, "one write an object")
        let body = StatusQueueTests.body(write)
        underWay.append(
          (write, field(#""text":""#, of: body), field(#""resourceVersion":""#, of: body)))
      }
      while !underWay.isEmpty, Bool.random(using: &random) { answer(faults: faults) }
    }

    private func field(_ name: String, of body: String) -> String {
      body.range(of: name).map { String(body[$0.upperBound...].prefix { $0 != "\"" }) } ?? ""
    }

    private mutating func tell(_ name: String) {
      let report = things[name].map {
        StatusQueueTests.report(name, $0.version, says: $0.says, wants: $0.wants)
      }
      untold.append((name, report))
    }

    private mutating func change() {
      let name = ["p", "q", "r", "s"].randomElement(using: &random) ?? "p"
      version += 1
      switch Int.random(in: 0..<6, using: &random) {
      case 0: things[name] = nil
      case 1 where things[name] != nil:
        things[name]?.says = "theirs"
        things[name]?.version = version
      default:
        let text = String(Int.random(in: 0..<3, using: &random))
        things[name] = Thing(version: version, says: things[name]?.says, wants: text)
      }
      tell(name)
    }

    private mutating func answer(faults: Bool) {
      let index = Int.random(in: underWay.indices, using: &random)
      let (write, text, seenVersion) = underWay.remove(at: index)
      let name = write.target.name
      if faults, Int.random(in: 0..<3, using: &random) == 0 {
        let code = [0, 401, 403, 409, 422, 429, 500].randomElement(using: &random) ?? 0
        let outcome: StatusQueue.Outcome =
          code == 0 ? .failed("cut") : .refused(ServerStatus(code: code, message: "no"))
        queue.settle(write.target, outcome, at: now, using: &random)
        return
      }
      guard let thing = things[name] else {
        queue.settle(
          write.target, .refused(ServerStatus(code: 404, message: "gone")), at: now, using: &random)
        return
      }
      guard String(thing.version) == seenVersion else {
        queue.settle(
          write.target, .refused(ServerStatus(code: 409, message: "moved")), at: now,
          using: &random)
        return
      }
      version += 1
      things[name]?.says = text
      things[name]?.version = version
      tell(name)
      queue.settle(
        write.target, .written(StatusQueueTests.seen(name, version, text)), at: now, using: &random)
    }
  }
}
