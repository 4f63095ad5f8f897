import Mesh
import Resources
import Store
import TestSupport
import Testing

@testable import ControlPlane

/// When keys are fetched, by a clock that the tests turn.
@Suite struct KeySetScheduleTests {
  private static let start = ContinuousClock.now
  private static func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  private static func request(_ uri: String, timeout: Duration = .seconds(5)) -> KeySetRequest {
    KeySetRequest(
      location: .uri(uri), timeout: timeout,
      policies: [NamespacedName(namespace: "shop", name: "r")])
  }

  private static let (a, b) = (KeySetLocation.uri("a"), KeySetLocation.uri("b"))

  @Test func whatIsWantedIsFetchedAtOnceAndAwaited() {
    var schedule = KeySetSchedule(KeySetLimits())
    let changes = schedule.want([Self.request("a"), Self.request("b")], at: Self.start)
    #expect(
      changes == [
        .init(location: Self.a, keySet: .awaited), .init(location: Self.b, keySet: .awaited),
      ])
    #expect(schedule.isAwaiting && schedule.next == Self.start)
    #expect(schedule.begin(at: Self.start).map(\.location) == [Self.a, Self.b])
    #expect(schedule.begin(at: Self.start).isEmpty)
    #expect(
      schedule.succeed(Self.a, with: "keys", at: Self.at(1))
        == .init(location: Self.a, keySet: .keys("keys")))
    #expect(
      schedule.fail(Self.b, at: Self.at(1)) == .init(location: Self.b, keySet: .unavailable))
    #expect(!schedule.isAwaiting)
  }

  @Test func keysAreFetchedAgainAfterTwentyMinutes() {
    var schedule = KeySetSchedule(KeySetLimits())
    _ = schedule.want([Self.request("a")], at: Self.start)
    _ = schedule.begin(at: Self.start)
    _ = schedule.succeed(Self.a, with: "old", at: Self.start)
    #expect(schedule.next == Self.at(1200))
    #expect(schedule.begin(at: Self.at(1199)).isEmpty)
    #expect(schedule.begin(at: Self.at(1200)).map(\.location) == [Self.a])
    #expect(
      schedule.succeed(Self.a, with: "new", at: Self.at(1200))
        == .init(location: Self.a, keySet: .keys("new")))
  }

  @Test func failuresAreRetriedLessAndLessOften() {
    var schedule = KeySetSchedule(KeySetLimits())
    _ = schedule.want([Self.request("a")], at: Self.start)
    var now = Self.start
    var waits: [Duration] = []
    for _ in 0..<9 {
      #expect(schedule.begin(at: now).count == 1)
      _ = schedule.fail(Self.a, at: now)
      let next = schedule.next ?? now
      waits.append(next - now)
      now = next
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })
  }

  @Test func keysThatCannotBeFetchedAgainCountForAWeek() {
    var schedule = KeySetSchedule(KeySetLimits())
    _ = schedule.want([Self.request("a")], at: Self.start)
    _ = schedule.begin(at: Self.start)
    _ = schedule.succeed(Self.a, with: "old", at: Self.start)
    let week = 7 * 24 * 3600
    #expect(schedule.fail(Self.a, at: Self.at(week - 1)) == nil)
    #expect(schedule.hasKeys(Self.a))
    #expect(
      schedule.fail(Self.a, at: Self.at(week)) == .init(location: Self.a, keySet: .unavailable))
    #expect(schedule.fail(Self.a, at: Self.at(week + 60)) == nil)
  }

  @Test func patienceEnds() {
    var schedule = KeySetSchedule(KeySetLimits())
    _ = schedule.want(
      [Self.request("a", timeout: .seconds(2)), Self.request("b", timeout: .seconds(3600))],
      at: Self.start)
    _ = schedule.begin(at: Self.start)
    #expect(schedule.next == Self.at(2))
    #expect(schedule.giveUp(at: Self.at(1)).isEmpty)
    #expect(
      schedule.giveUp(at: Self.at(2)) == [.init(location: Self.a, keySet: .unavailable)])
    #expect(
      schedule.giveUp(at: Self.at(5)) == [.init(location: Self.b, keySet: .unavailable)])
    #expect(!schedule.isAwaiting && schedule.next == nil)
    // What comes late counts all the same.
    #expect(
      schedule.succeed(Self.b, with: "keys", at: Self.at(9))
        == .init(location: Self.b, keySet: .keys("keys")))
  }

  @Test func onlySomeAreFetchedAtOnceAndTheOthersInTheirTurn() {
    var schedule = KeySetSchedule(KeySetLimits())
    let requests = (100..<150).map { Self.request("\($0)") }
    _ = schedule.want(requests, at: Self.start)
    let first = schedule.begin(at: Self.start)
    #expect(first == Array(requests.prefix(16)))
    #expect(schedule.begin(at: Self.start).isEmpty)
    #expect(schedule.next == Self.at(5), "only patience may run out")
    for request in first.prefix(2) { _ = schedule.fail(request.location, at: Self.start) }
    #expect(schedule.begin(at: Self.start) == Array(requests[16..<18]))
  }

  @Test func whatNobodyWantsIsForgotten() {
    var schedule = KeySetSchedule(KeySetLimits())
    _ = schedule.want([Self.request("a")], at: Self.start)
    _ = schedule.begin(at: Self.start)
    #expect(schedule.want([], at: Self.start) == [.init(location: Self.a, keySet: nil)])
    #expect(schedule.succeed(Self.a, with: "keys", at: Self.start) == nil)
    #expect(schedule.fail(Self.a, at: Self.start) == nil)
    #expect(schedule.next == nil && !schedule.isAwaiting)
  }

  /// Every location that is wanted is under way or due, and no more than allowed are under way.
  @Test(arguments: UInt64(0)..<50) func nothingIsLostOrFetchedTwice(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var limits = KeySetLimits()
    limits.atOnce = 3
    var schedule = KeySetSchedule(limits)
    var underWay: Set<KeySetLocation> = []
    var now = Self.start
    for step in 1...200 {
      now += .seconds(Int.random(in: 0...100, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        let wanted = (0..<8).filter { _ in Bool.random(using: &random) }
        let changes = schedule.want(wanted.map { Self.request("\($0)") }, at: now)
        underWay.subtract(changes.filter { $0.keySet == nil }.map(\.location))
      case 1:
        let begun = schedule.begin(at: now).map(\.location)
        #expect(underWay.isDisjoint(with: begun), "seed \(seed), step \(step)")
        underWay.formUnion(begun)
      case _:
        guard let ended = underWay.sorted().randomElement(using: &random) else { continue }
        underWay.remove(ended)
        _ =
          Bool.random(using: &random)
          ? schedule.succeed(ended, with: "keys", at: now) : schedule.fail(ended, at: now)
      }
      #expect(underWay.count <= 3, "seed \(seed), step \(step)")
    }
    let last = schedule.want((0..<8).map { Self.request("\($0)") }, at: now)
    #expect(last.allSatisfy { $0.keySet == .awaited }, "seed \(seed)")
    for location in underWay { _ = schedule.fail(location, at: now) }
    var fetched: Set<KeySetLocation> = []
    while fetched.count < 8, let next = schedule.next, next <= now + .seconds(1200) {
      for request in schedule.begin(at: next) {
        fetched.insert(request.location)
        _ = schedule.succeed(request.location, with: "keys", at: next)
      }
      _ = schedule.giveUp(at: next)
    }
    #expect(fetched.count == 8, "seed \(seed)")
    #expect(!schedule.isAwaiting, "seed \(seed)")
  }
}
