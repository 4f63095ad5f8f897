import TestSupport
import Testing

@testable import Transport

/// Replicas whose clients come again to any of them, by chance, in time that is counted and not waited
/// for: they end up with their share each, and nobody is asked too often.
@Suite struct SheddingTests {
  private struct Replica {
    /// When the connections began.
    var begun: [ContinuousClock.Instant] = []
    var next: ContinuousClock.Instant?
    var asked = 0
  }

  private let start = ContinuousClock.now
  private let second = Duration.seconds(1)

  /// Lets `seconds` pass; who is asked comes again ten seconds later. Answers the ages at which clients
  /// were asked.
  private func pass(
    _ seconds: Int, from begin: ContinuousClock.Instant, _ replicas: inout [Replica],
    _ shedding: Shedding, _ random: inout SeededRandom
  ) -> [Duration] {
    var ages: [Duration] = []
    var leaving: [(at: ContinuousClock.Instant, count: Int)] = []
    for tick in 0..<seconds {
      let now = begin + second * tick
      while let first = leaving.first, first.at <= now {
        leaving.removeFirst()
        for _ in 0..<first.count {
          replicas[Int.random(in: replicas.indices, using: &random)].begun.append(now)
        }
      }
      for index in replicas.indices where replicas[index].next.map({ $0 <= now }) ?? true {
        let round = shedding.round(replicas[index].begun, at: now)
        ages += replicas[index].begun.prefix(round.asked).map { now - $0 }
        replicas[index].begun.removeFirst(round.asked)
        replicas[index].asked += round.asked
        replicas[index].next = round.next
        if round.asked > 0 { leaving.append((now + second * 10, round.asked)) }
      }
    }
    for left in leaving {
      for _ in 0..<left.count {
        replicas[Int.random(in: replicas.indices, using: &random)].begun.append(left.at)
      }
    }
    return ages
  }

  @Test(arguments: UInt64(0)..<20) func aReplicaThatComesLaterGetsItsShare(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let old = Int.random(in: 1...5, using: &random)
    let count = Int.random(in: 200...3000, using: &random)
    let shedding = Shedding(
      share: count * 11 / 10, minimumAge: .seconds(300), pause: .seconds(1))
    // One replica more is needed by far: they carry as much over their share as it can take.
    var replicas = Array(
      repeating: Replica(begun: Array(repeating: start, count: count * (old + 1) / old)), count: old
    )
    replicas.append(Replica())
    let ages = pass(1800, from: start + .seconds(400), &replicas, shedding, &random)
    for replica in replicas {
      #expect(replica.begun.count <= shedding.share + shedding.share / 20 + 5, "seed \(seed)")
    }
    #expect(replicas.map(\.begun.count).reduce(0, +) == old * (count * (old + 1) / old))
    #expect(ages.allSatisfy { $0 >= .seconds(300) }, "seed \(seed)")
  }

  /// A share that all replicas together are too small for costs each client a reconnect now and then.
  @Test(arguments: UInt64(0)..<10) func whereAllAreFullNobodyIsAskedOften(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let shedding = Shedding(share: 500, minimumAge: .seconds(300), pause: .seconds(1))
    var replicas = Array(
      repeating: Replica(begun: Array(repeating: start, count: 1000)), count: 3)
    let ages = pass(3600, from: start, &replicas, shedding, &random)
    #expect(ages.allSatisfy { $0 >= .seconds(300) }, "seed \(seed)")
    for replica in replicas { #expect(replica.asked <= 5 * 3600, "seed \(seed)") }
    #expect(replicas.map(\.begun.count).reduce(0, +) == 3000)
  }

  @Test func aServerWithinItsShareAsksNobody() {
    let shedding = Shedding(share: 10, minimumAge: .seconds(300), pause: second)
    let old = Array(repeating: start, count: 11)
    let late = start + .seconds(1000)
    #expect(shedding.round(Array(old.prefix(10)), at: late) == .init(asked: 0, next: nil))
    #expect(shedding.round(old, at: late) == .init(asked: 1, next: nil))
    #expect(shedding.round(old, at: start) == .init(asked: 0, next: start + .seconds(300)))
    #expect(shedding.round(old + old, at: late) == .init(asked: 1, next: late + second))
  }
}
