import TestSupport
import Testing

@testable import ControlPlane

@Suite struct AdmissionTests {
  /// An admission that tests may ask in their expectations.
  private final class Door {
    var admission: Admission

    init(_ change: (inout AdmissionLimits) -> Void = { _ in }) {
      var limits = AdmissionLimits()
      change(&limits)
      admission = Admission(limits: limits)
    }

    func enter(
      _ stream: StreamNumber, _ rank: Admission.Rank, bytes: Int, at now: Duration = .zero
    ) -> Bool {
      admission.enter(stream, rank, bytes: bytes, at: now)
    }

    /// Everyone who can be admitted now.
    func admitted() -> [StreamNumber] {
      var all: [StreamNumber] = []
      while let next = admission.next(at: .zero) { all.append(next) }
      return all
    }
  }

  @Test func whoCannotWaitGoesFirst() {
    let door = Door { $0.fairness = 1000 }
    let ranks: [Admission.Rank] = [
      .warmSidecar, .warmGateway, .coldSidecar, .coldGateway, .warmSidecar, .coldGateway,
    ]
    for (number, rank) in ranks.enumerated() {
      #expect(door.enter(StreamNumber(number), rank, bytes: 100))
    }
    #expect(door.admitted() == [3, 5, 2, 1, 0, 4])
  }

  /// Five thousand come back; in their midst a gateway that has nothing. It waits for what is under
  /// way, and for nobody else but the one in eight that has waited longest.
  @Test func aColdGatewayWaitsForWhatIsUnderWayOnly() {
    let door = Door()
    for number in 0..<5000 {
      #expect(
        door.enter(StreamNumber(number), .warmSidecar, bytes: 20_000))
    }
    var underway = door.admitted()
    #expect(underway.count > 10 && underway.count < 500)
    #expect(door.admission.load <= door.admission.limits.budget)
    #expect(door.enter(9999, .coldGateway, bytes: 500, at: .milliseconds(1)))
    var before = 0
    while door.admission.underway(9999) == nil {
      door.admission.leave(underway.removeFirst(), sentBytes: 0)
      let next = door.admitted()
      before += next.filter { $0 != 9999 }.count
      underway += next
    }
    #expect(before <= 2, "\(before) went before it")
  }

  @Test func aClientThatCostsMoreThanAllMayIsServedAlone() {
    let door = Door()
    #expect(door.enter(1, .coldGateway, bytes: 60 << 20))
    #expect(door.enter(2, .coldGateway, bytes: 10))
    #expect(door.admitted() == [1])
    door.admission.leave(1, sentBytes: 1 << 30)
    #expect(door.admitted() == [2])
    // Those that come now are expected to be sent as much.
    #expect(door.admission.tally(.coldGateway).expectedBytes > 100 << 20)
  }

  @Test func aClientThatDoesNotAnswerIsNotWaitedFor() {
    let door = Door()
    #expect(door.enter(1, .coldGateway, bytes: 60 << 20))
    #expect(door.enter(2, .coldGateway, bytes: 10))
    #expect(door.admitted() == [1])
    door.admission.expire(at: .seconds(60))
    #expect(door.admitted() == [], "the compile thread has yet to say what it is sent")
    door.admission.assigned(1, at: .seconds(60))
    #expect(door.admission.nextEnd == .seconds(61))
    door.admission.expire(at: .seconds(61))
    #expect(door.admitted() == [2])
  }

  @Test func moreThanMayWaitAreRefused() {
    let door = Door {
      $0.waiting = 3
      $0.waitingBytes = 1000
    }
    #expect(door.enter(1, .warmGateway, bytes: 999))
    #expect(!door.enter(2, .warmGateway, bytes: 2))
    #expect(door.enter(3, .warmGateway, bytes: 1))
    #expect(door.enter(4, .warmGateway, bytes: 0))
    #expect(!door.enter(5, .warmGateway, bytes: 0))
    door.admission.leave(1, sentBytes: nil)
    #expect(door.enter(6, .warmGateway, bytes: 999))
  }

  /// Clients come, are served, wait no longer, in any order: books are kept right, the budget holds, and
  /// nobody is passed over more often than fairness allows.
  @Test(arguments: UInt64(0)..<200) func booksAreKeptAndNobodyStarves(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let door = Door { $0.budget = .milliseconds(Int.random(in: 1...50, using: &random)) }
    var waiting: [(stream: StreamNumber, rank: Admission.Rank)] = []
    var underway: [StreamNumber] = []
    var passedOver: [StreamNumber: Int] = [:]
    var last: StreamNumber = 0
    for step in 1...300 {
      let now = Duration.milliseconds(step)
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        last += 1
        let rank = Admission.Rank.allCases.randomElement(using: &random)!
        let bytes = Int.random(in: 0...200_000, using: &random)
        #expect(door.enter(last, rank, bytes: bytes, at: now))
        waiting.append((last, rank))
      case 2:
        guard let gone = waiting.indices.randomElement(using: &random) else { break }
        door.admission.leave(waiting.remove(at: gone).stream, sentBytes: nil)
      case _:
        guard let done = underway.indices.randomElement(using: &random) else { break }
        let bytes = Int.random(in: 0...2_000_000, using: &random)
        door.admission.leave(underway.remove(at: done), sentBytes: bytes)
      }
      while let next = door.admission.next(at: now) {
        guard let place = waiting.firstIndex(where: { $0.stream == next }) else {
          Issue.record("seed \(seed), step \(step): \(next) does not wait")
          return
        }
        let rank = waiting.remove(at: place).rank
        let isOldest = place == 0
        let isFirst =
          !waiting.prefix(place).contains { $0.rank.rawValue <= rank.rawValue }
          && !waiting.contains { $0.rank.rawValue < rank.rawValue }
        #expect(isOldest || isFirst, "seed \(seed), step \(step)")
        if let oldest = waiting.first, !isOldest { passedOver[oldest.stream, default: 0] += 1 }
        underway.append(next)
        #expect(
          door.admission.load <= door.admission.limits.budget || underway.count == 1,
          "seed \(seed), step \(step)")
      }
      #expect(
        door.admission.waitingCount == waiting.count
          && door.admission.underwayCount == underway.count)
      for rank in Admission.Rank.allCases {
        #expect(door.admission.tally(rank).waiting == waiting.count { $0.rank == rank })
      }
      #expect((door.admission.oldest == nil) == waiting.isEmpty)
    }
    // The oldest is passed over at most until the next admission that is its.
    #expect(passedOver.values.allSatisfy { $0 < door.admission.limits.fairness }, "seed \(seed)")
    for stream in underway { door.admission.leave(stream, sentBytes: 0) }
    #expect(door.admission.load == .zero, "seed \(seed)")
  }
}
