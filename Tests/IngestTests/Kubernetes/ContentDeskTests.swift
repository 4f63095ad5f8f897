import TestSupport
import Testing

@testable import Ingest

/// Which Secrets and ConfigMaps are read, by a clock that the tests turn.
@Suite struct ContentDeskTests {
  @Test func whatNobodyRefersToIsNotRead() {
    let desk = DeskByName()
    #expect(!desk.listed("x", "1") && desk.isSettled && desk.waits == nil && desk.begin() == [])
  }

  @Test func aReferenceHasItReadAndTheLastHasItForgotten() {
    let desk = DeskByName()
    #expect(
      desk.want(["x", "y"], there: ["x": "1"]) == [] && !desk.isSettled && desk.waits == .zero)
    #expect(desk.begin() == ["x"])
    #expect(desk.answer("x", .read(version: "1")))
    #expect(desk.isSettled && desk.waits == nil && desk.count == 1)
    // It was referred to before it came.
    #expect(desk.listed("y", "2"))
    #expect(desk.begin() == ["y"])
    #expect(desk.want([]) == ["x", "y"])
    #expect(!desk.answer("y", .read(version: "2")), "nobody wants it any more")
    #expect(desk.count == 0)
  }

  @Test func whatChangesWhileItIsReadIsReadAgain() {
    let desk = DeskByName()
    _ = desk.want(["x"], there: ["x": "1"])
    #expect(desk.begin() == ["x"])
    #expect(desk.listed("x", "2"))
    #expect(desk.begin() == [])
    #expect(desk.answer("x", .read(version: "1")))
    #expect(desk.begin() == ["x"])
    #expect(desk.answer("x", .read(version: "2")))
    #expect(desk.waits == nil)
    // Read before its change was told.
    #expect(desk.listed("x", "2"))
    #expect(desk.waits == nil)
  }

  @Test func whatCannotBeReadIsAskedForLaterAndRefusalsAreNotWaitedFor() throws {
    let desk = DeskByName()
    _ = desk.want(["x"], there: ["x": "1"])
    _ = desk.begin()
    #expect(!desk.answer("x", .failed(reason: "503", atLeast: .seconds(5))))
    #expect(try #require(desk.waits) >= .seconds(5) && !desk.isSettled)
    #expect(desk.desk.waitingFor == ["secrets/a/x: 503"])
    #expect(desk.begin(after: .seconds(60)) == ["x"])
    #expect(!desk.answer("x", .refused(reason: "no")))
    #expect(desk.isSettled && desk.desk.problems.map(\.isRefused) == [true])
    for _ in 1...8 {
      #expect(desk.begin(after: .seconds(60)) == ["x"])
      #expect(!desk.answer("x", .refused(reason: "no")))
    }
    #expect(try #require(desk.waits) >= FollowerLimits().forbiddenWait / 2)
  }

  @Test func onlySoManyAreAskedForAtOnce() {
    let desk = DeskByName()
    _ = desk.want(["a", "b", "c"], there: ["a": "1", "b": "1", "c": "1"])
    #expect(desk.begin() == ["a", "b"])
    #expect(desk.waits == nil && desk.begin() == [])
    #expect(desk.answer("a", .read(version: "1")))
    #expect(desk.begin() == ["c"])
  }

  @Test func whatIsPinnedNeedsNoReference() {
    let desk = DeskByName()
    #expect(desk.listed("x", "1", isPinned: true))
    #expect(desk.begin() == ["x"])
    #expect(desk.answer("x", .read(version: "1")))
    #expect(desk.want([], there: ["x": "1"]) == [])
    #expect(!desk.listed("x", "2"))
    #expect(desk.count == 0)
  }

  /// Whatever happens in between: once nothing more does, what is told is what is referred to and
  /// there, in the version that is there.
  @Test(arguments: UInt64(0)..<200) func atRestWhatIsToldIsWhatIsReferredTo(seed: UInt64) {
    var scene = DeskScene(seed: seed)
    for _ in 1...60 { scene.step() }
    scene.rest()
    #expect(scene.told == scene.expected, "seed \(seed)")
    #expect(scene.desk.isSettled && scene.desk.deadline == nil, "seed \(seed)")
    #expect(scene.desk.count(of: "secrets") == scene.expected.count, "seed \(seed)")
  }
}

/// A desk where every object is a Secret of one namespace.
private final class DeskByName {
  private(set) var desk = ContentDesk(limits: FollowerLimits(), atOnce: 2)
  private var random = SeededRandom(seed: 1)
  private let start = ContinuousClock.now

  private func secret(_ name: String) -> ContentName {
    ContentName(plural: "secrets", namespace: "a", name: name)
  }

  var isSettled: Bool { desk.isSettled }
  var count: Int { desk.count(of: "secrets") }
  /// Until something is to be asked for.
  var waits: Duration? { desk.deadline.map { $0 - start } }

  func listed(_ name: String, _ version: String, isPinned: Bool = false) -> Bool {
    desk.listed(secret(name), version: version, isPinned: isPinned, now: start)
  }

  func want(_ names: [String], there: [String: String] = [:]) -> [String] {
    let listed = there.sorted { $0.key < $1.key }.map {
      (object: secret($0.key), version: $0.value)
    }
    return desk.want(Set(names.map(secret)), of: listed, now: start).map(\.name)
  }

  func begin(after wait: Duration = .zero) -> [String] {
    desk.begin(now: start + wait).map(\.name)
  }

  func answer(_ name: String, _ outcome: ContentDesk.Outcome) -> Bool {
    desk.take(outcome, of: secret(name), now: start, using: &random)
  }
}

/// A desk, a server, and someone who refers to what is there.
private struct DeskScene {
  var desk = ContentDesk(limits: FollowerLimits(), atOnce: 2)
  var told: [ContentName: String] = [:]
  private var random: SeededRandom
  private var now = ContinuousClock.now
  private var version = 0
  private var server: [ContentName: String] = [:]
  /// What the watch has told; the rest comes later, in order.
  private var listed: [ContentName: String] = [:]
  private var news: [(ContentName, String?)] = []
  private var wanted: Set<ContentName> = []
  private var asked: [ContentName] = []
  private let pool = ["a", "b", "c"].flatMap { name in
    ["x", "y"].map { ContentName(plural: "secrets", namespace: $0, name: name) }
  }

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  var expected: [ContentName: String] {
    server.filter { object, _ in
      wanted.contains { $0.name == object.name && ["", object.namespace].contains($0.namespace) }
    }
  }

  mutating func step() {
    now += .seconds(Int.random(in: 0...40, using: &random))
    switch Int.random(in: 0...5, using: &random) {
    case 0: change()
    case 1: hear()
    case 2:
      let anywhere = ["a", "b"].map { ContentName(plural: "secrets", namespace: "", name: $0) }
      wanted = Set((pool + anywhere).filter { _ in Int.random(in: 0...2, using: &random) == 0 })
      want()
    case 3: asked += desk.begin(now: now)
    case 4: answer(mayFail: true)
    default:
      if Int.random(in: 0...9, using: &random) == 0 { desk.tellAgain(now: now) }
    }
  }

  private mutating func change() {
    let object = pool.randomElement(using: &random)!
    version += 1
    let isThere = Int.random(in: 0...2, using: &random) > 0
    if isThere || server[object] != nil {
      server[object] = isThere ? "\(version)" : nil
      news.append((object, server[object]))
    }
  }

  private mutating func hear() {
    guard !news.isEmpty else { return }
    let (object, version) = news.removeFirst()
    listed[object] = version
    guard let version else {
      desk.gone(object)
      told[object] = nil
      return
    }
    if !desk.listed(object, version: version, isPinned: false, now: now) { told[object] = nil }
  }

  private mutating func want() {
    let all = listed.sorted { $0.key < $1.key }.map { (object: $0.key, version: $0.value) }
    for object in desk.want(wanted, of: all, now: now) { told[object] = nil }
  }

  private mutating func answer(mayFail: Bool) {
    guard !asked.isEmpty else { return }
    let object = asked.remove(at: Int.random(in: asked.indices, using: &random))
    let outcome: ContentDesk.Outcome =
      if mayFail, Int.random(in: 0...2, using: &random) == 0 {
        .failed(reason: "503", atLeast: .zero)
      } else {
        server[object].map { .read(version: $0) } ?? .refused(reason: "404")
      }
    if desk.take(outcome, of: object, now: now, using: &random), let version = server[object] {
      told[object] = version
    }
  }

  /// Nothing fails and nothing changes any more.
  mutating func rest() {
    while !news.isEmpty { hear() }
    for _ in 1...40 {
      now += .seconds(200)
      asked += desk.begin(now: now)
      while !asked.isEmpty { answer(mayFail: false) }
    }
  }
}
