internal import Delivery

/// One push: why, what it cost to compile, and what became of it.
struct PushRecord: Sendable {
  let push: Push
  let cause: PushCause
  /// Which values were computed for it and how often, by name.
  let computed: [(name: String, count: Int)]
  /// Classes of proxies it has something for.
  let classes: Int
  /// By raw value.
  var types = [TypeRecord](repeating: TypeRecord(), count: ResourceType.allCases.count)

  /// What a push came to in one type of resource.
  struct TypeRecord: Sendable {
    /// Resources compiled anew and those that are gone, over all classes, and the bytes of the former.
    var changed = 0
    var removed = 0
    var compiledBytes = 0
    /// Responses that brought it and their bytes, and those to clients that only asked.
    var responses = 0
    var sentBytes = 0
    var requested = 0
    /// Responses of later pushes that brought it too: their clients were too slow for this one.
    var overtaken = 0
    var accepted = 0
    var rejected = 0
    /// After the change, the last of each so far.
    var sentAfter: Duration?
    var acceptedAfter: Duration?

    var isUsed: Bool { changed + removed + responses + requested + overtaken > 0 }
  }

  init(
    _ push: Push, _ cause: PushCause, computed: [(name: String, count: Int)],
    _ instructions: [Instruction]
  ) {
    self.push = push
    self.cause = cause
    self.computed = computed
    var classes = 0
    for case .update(_, let update) in instructions {
      classes += 1
      for (type, changes) in update.changes {
        types[type.rawValue].changed += changes.upserts.count
        types[type.rawValue].removed += changes.removals.count
        types[type.rawValue].compiledBytes += changes.upserts.reduce(0) { $0 + $1.body.count }
      }
    }
    self.classes = classes
  }

  /// How often each value was computed, by name.
  var counts: [(name: String, count: Int)] {
    Dictionary(computed.map { ($0.name, $0.count) }) { $0 + $1 }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }

  var totalComputed: Int { computed.reduce(0) { $0 + $1.count } }
}

/// One response, to whom, and what the client said of it.
struct SentResponse: Sendable {
  let proxy: String
  let stream: StreamNumber
  let type: ResourceType
  let bytes: Int
  let resources: Int
  let removed: Int
  /// The oldest change in it; nil if it only answers what the client asked for.
  let oldest: Push?
  /// The number of the newest push of its type.
  let newest: UInt64
  let sentAt: Duration
  var verdict = Verdict.awaited

  enum Verdict: Sendable {
    case awaited
    case accepted(at: Duration)
    case rejected(at: Duration, reason: String)
  }

  /// Since when the client has waited for it, as far as it is known.
  var since: Duration { oldest?.changedAt ?? sentAt }
  /// Whether it brought that push to its client.
  func brought(_ number: UInt64) -> Bool { (oldest?.number ?? newest)...newest ~= number }
}
