internal import Delivery

/// Which of the clients that come are served now and which wait, so that a crowd holds up nobody who
/// cannot wait.
///
/// Each is estimated to cost some processor time, and what is under way comes to no more than a budget
/// of it: who is next waits that long at most. Next is the one of the first rank, in the order they
/// came; but one in ``fairness`` is the one that has waited longest, whatever its rank, so that nobody
/// waits for ever.
///
///     enter ──▶ waiting ──next──▶ under way ──leave──▶ served, or gone
///
/// Not here, on purpose: what is done for a client that is admitted, and clocks.
struct Admission {
  /// Who goes before whom. A client that kept what it had serves its traffic as it waits; a gateway
  /// serves many where a sidecar serves one.
  enum Rank: Int, CaseIterable {
    case coldGateway, coldSidecar, warmGateway, warmSidecar

    init(isGateway: Bool, hasResources: Bool) {
      self =
        switch (isGateway, hasResources) {
        case (true, false): .coldGateway
        case (false, false): .coldSidecar
        case (true, true): .warmGateway
        case (false, true): .warmSidecar
        }
    }

    /// For metrics.
    var name: String {
      switch self {
      case .coldGateway: "cold_gateway"
      case .coldSidecar: "cold_sidecar"
      case .warmGateway: "warm_gateway"
      case .warmSidecar: "warm_sidecar"
      }
    }

    var isWarm: Bool { self == .warmGateway || self == .warmSidecar }
  }

  /// What became of the clients of one rank.
  struct Tally: Sendable {
    var waiting = 0
    var admitted = 0
    /// What those who were admitted waited, together.
    var waited = Duration.zero
    /// What one is sent before it is served, by the last of them.
    var expectedBytes: Int

    var waitedMilliseconds: Int { Int(waited / .milliseconds(1)) }
  }

  private struct Client {
    let rank: Rank
    let cost: Duration
    let bytes: Int
    let came: Duration
    let turn: UInt64
  }

  private struct Underway {
    let rank: Rank
    let cost: Duration
    /// From when on it is not waited for any more; nil while it is others' work that it waits for.
    var end: Duration?
  }

  let limits: AdmissionLimits
  private(set) var tallies: [Tally]
  private var waiting: [StreamNumber: Client] = [:]
  /// In the order they came, rank by rank; those that are not waiting any more are passed over.
  private var queues = [[StreamNumber]](repeating: [], count: Rank.allCases.count)
  private var heads = [Int](repeating: 0, count: Rank.allCases.count)
  private var underway: [StreamNumber: Underway] = [:]
  private(set) var load = Duration.zero
  private var waitingBytes = 0
  private var lastTurn: UInt64 = 0
  private var admissions = 0

  init(limits: AdmissionLimits) {
    self.limits = limits
    tallies = Array(
      repeating: Tally(expectedBytes: limits.expectedBytes), count: Rank.allCases.count)
    for rank in Rank.allCases where rank.isWarm { tallies[rank.rawValue].expectedBytes = 0 }
  }

  var waitingCount: Int { waiting.count }
  var underwayCount: Int { underway.count }

  func tally(_ rank: Rank) -> Tally { tallies[rank.rawValue] }

  /// Since when the one waits that has waited longest.
  var oldest: Duration? { Rank.allCases.compactMap { head(of: $0)?.client.came }.min() }

  /// A client whose first message has these bytes waits from now on; false if too many do.
  mutating func enter(_ stream: StreamNumber, _ rank: Rank, bytes: Int, at now: Duration) -> Bool {
    guard waiting.count < limits.waiting, waitingBytes + bytes <= limits.waitingBytes else {
      return false
    }
    lastTurn += 1
    let cost =
      limits.stream + limits.requestByte * bytes
      + limits.responseByte * tallies[rank.rawValue].expectedBytes
    waiting[stream] = Client(rank: rank, cost: cost, bytes: bytes, came: now, turn: lastTurn)
    waitingBytes += bytes
    queues[rank.rawValue].append(stream)
    tallies[rank.rawValue].waiting += 1
    return true
  }

  /// Waits no more for clients that take too long.
  mutating func expire(at now: Duration) {
    for (stream, client) in underway where client.end.map({ $0 <= now }) == true {
      leave(stream, sentBytes: nil)
    }
  }

  /// The client that is served now; nil if none waits or enough is under way.
  mutating func next(at now: Duration) -> StreamNumber? {
    for rank in Rank.allCases { passOver(rank) }
    let isFair = (admissions + 1) % limits.fairness == 0
    let heads = Rank.allCases.compactMap(head)
    guard let chosen = isFair ? heads.min(by: { $0.client.turn < $1.client.turn }) : heads.first,
      underway.isEmpty || load + chosen.client.cost <= limits.budget
    else { return nil }
    let (stream, client) = chosen
    stopWaiting(stream, client)
    underway[stream] = Underway(rank: client.rank, cost: client.cost)
    load += client.cost
    admissions += 1
    tallies[client.rank.rawValue].admitted += 1
    tallies[client.rank.rawValue].waited += now - client.came
    return stream
  }

  /// From now on it is this client's own time that it takes, of which it has some.
  mutating func assigned(_ stream: StreamNumber, at now: Duration) {
    guard let client = underway[stream], client.end == nil else { return }
    underway[stream]?.end = now + limits.patience
  }

  /// Whether the stream was admitted and is not done, and with which rank.
  func underway(_ stream: StreamNumber) -> Rank? { underway[stream]?.rank }

  /// Whether all that others do for the stream is done.
  func isAssigned(_ stream: StreamNumber) -> Bool { underway[stream]?.end != nil }

  /// When one that takes too long is waited for no more; nil where nobody waits for it.
  var nextEnd: Duration? {
    waiting.isEmpty ? nil : underway.values.compactMap(\.end).min()
  }

  /// The stream has been sent what it came for, in so many bytes, or has gone.
  mutating func leave(_ stream: StreamNumber, sentBytes: Int?) {
    if let client = waiting[stream] { stopWaiting(stream, client) }
    guard let client = underway.removeValue(forKey: stream) else { return }
    load -= client.cost
    guard let sentBytes else { return }
    let expected = tallies[client.rank.rawValue].expectedBytes
    tallies[client.rank.rawValue].expectedBytes = expected + (sentBytes - expected) / 8
  }

  private mutating func stopWaiting(_ stream: StreamNumber, _ client: Client) {
    waiting[stream] = nil
    waitingBytes -= client.bytes
    tallies[client.rank.rawValue].waiting -= 1
  }

  private func head(of rank: Rank) -> (stream: StreamNumber, client: Client)? {
    let queue = queues[rank.rawValue][heads[rank.rawValue]...]
    for stream in queue { if let client = waiting[stream] { return (stream, client) } }
    return nil
  }

  /// Lets go of those at the head of a queue that do not wait any more.
  private mutating func passOver(_ rank: Rank) {
    let index = rank.rawValue
    while heads[index] < queues[index].count, waiting[queues[index][heads[index]]] == nil {
      heads[index] += 1
    }
    guard heads[index] > 64, heads[index] * 2 > queues[index].count else { return }
    queues[index].removeFirst(heads[index])
    heads[index] = 0
  }
}

/// What serving clients that come is estimated to cost, and how much of it is under way at a time.
struct AdmissionLimits {
  /// Processor time of the clients that are admitted and not served yet.
  var budget = Duration.milliseconds(50)
  /// How long clients are admitted before connections have their turn: so that whoever comes next is
  /// seen.
  var pace = Duration.milliseconds(10)
  /// A stream, a byte of its first message, and a byte of what it is sent.
  var stream = Duration.microseconds(300)
  var requestByte = Duration.nanoseconds(8)
  var responseByte = Duration.nanoseconds(1) / 2
  /// Bytes that a client which has nothing is sent, as long as none has been.
  var expectedBytes = 1 << 20
  /// How long a client that has what it needs to answer is waited for.
  var patience = Duration.seconds(1)
  /// One in so many admissions is the client that has waited longest.
  var fairness = 8
  /// Clients that wait, and the bytes of their first messages; more are told to come again.
  var waiting = 20_000
  var waitingBytes = 256 << 20
}
