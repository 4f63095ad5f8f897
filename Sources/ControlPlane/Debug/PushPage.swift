internal import Delivery
internal import Diagnostics
internal import Documents
internal import HTTPServer
internal import Linux

extension DebugPages {
  /// The last pushes, the newest first: text for people, and the same as JSON.
  func pushPage(_ request: Request) -> Response {
    guard let wanted = PushQuery(request) else {
      return .text(
        "of ?before= and ?limit= the values are numbers, of ?type= one of "
          + ResourceType.allCases.map(\.serviceName).joined(separator: ", ") + "\n", status: 400)
    }
    let page = PushPage(of: pushes.now, wanted, at: pushes.elapsed)
    return request["o"] == "json" ? .json(page.node.jsonBytes(.indented)) : .text(page.text)
  }
}

/// Which pushes are asked for.
struct PushQuery: Sendable {
  /// A part of `Kind/namespace/name`.
  var object: String?
  /// A part of a client's id.
  var proxy: String?
  var type: ResourceType?
  /// Only pushes with smaller numbers: where the page before ended.
  var before: UInt64?
  var limit = 50

  init() {}

  /// Nil where a parameter makes no sense.
  init?(_ request: Request) {
    func number<Value: FixedWidthInteger>(_ parameter: String) -> Value?? {
      request[parameter].map { Value($0) }
    }
    object = request["object"]
    proxy = request["proxy"]
    if let name = request["type"] {
      guard let type = ResourceType.allCases.first(where: { $0.serviceName == name.uppercased() })
      else { return nil }
      self.type = type
    }
    if let before: UInt64? = number("before") {
      guard let before else { return nil }
      self.before = before
    }
    if let limit: Int? = number("limit") {
      guard let limit, limit > 0 else { return nil }
      self.limit = min(limit, Limits.rememberedPushes)
    }
  }
}

/// A page of pushes, as it stands at one moment.
struct PushPage {
  /// One push, with the responses that are shown of it.
  struct Row {
    let record: PushRecord
    let types: [(type: ResourceType, record: PushRecord.TypeRecord)]
    let responses: [SentResponse]
    /// How many more there were.
    let omitted: Int
  }

  let rows: [Row]
  /// Where the next page begins; nil on the last one.
  let next: UInt64?
  private let moment: Duration
  /// Of the responses of one push.
  static let shownResponses = 20
  /// Kinds of values that the text names, those computed most often.
  static let shownValues = 12

  /// `moment` is now.
  init(of state: PushLog.State, _ query: PushQuery, at moment: Duration) {
    self.moment = moment
    let responses = state.responses.places.map { state.responses[$0] }.filter { response in
      (query.proxy.map(response.proxy.contains) ?? true)
        && (query.type.map { $0 == response.type } ?? true)
    }
    var rows: [Row] = []
    var next: UInt64?
    for place in state.pushes.places.reversed() {
      let record = state.pushes[place]
      guard query.before.map({ record.push.number < $0 }) ?? true,
        query.object.map(record.cause.changes.names) ?? true
      else { continue }
      let sent = responses.filter { $0.brought(record.push.number) && record.isConcerned(by: $0) }
      let types = ResourceType.allCases.map { ($0, record.types[$0.rawValue]) }
        .filter { type, changes in changes.isUsed && (query.type.map { $0 == type } ?? true) }
      guard query.proxy == nil || !sent.isEmpty, query.type == nil || !types.isEmpty else {
        continue
      }
      guard rows.count < query.limit else {
        next = rows.last?.record.push.number
        break
      }
      rows.append(
        Row(
          record: record, types: types, responses: PushPage.shown(sent),
          omitted: max(0, sent.count - PushPage.shownResponses)))
    }
    (self.rows, self.next) = (rows, next)
  }

  /// Those that went wrong are shown before those that did not.
  private static func shown(_ sent: [SentResponse]) -> [SentResponse] {
    let refused = sent.filter(\.isRejected)
    return Array((refused + sent.filter { !$0.isRejected }).prefix(shownResponses))
  }

  fileprivate func timestamp(_ push: Push) -> String {
    WallClock.timestamp(ago: moment - push.changedAt)
  }
}

extension ChangedObjects {
  /// Whether one of those that are listed has this in its `Kind/namespace/name`.
  fileprivate func names(_ text: String) -> Bool { first.contains { $0.name.path.contains(text) } }
}

extension PushRecord {
  /// A response may bring more than one push; it tells of those that changed its type.
  fileprivate func isConcerned(by response: SentResponse) -> Bool {
    let type = types[response.type.rawValue]
    return type.changed + type.removed > 0 || response.newest == push.number
  }
}

extension SentResponse {
  fileprivate var isRejected: Bool {
    if case .rejected = verdict { true } else { false }
  }
}

// MARK: - Text

extension PushPage {
  var text: String {
    let older = next.map { "older ones: ?before=\($0)\n" } ?? ""
    return rows.isEmpty ? "no push to show\n" : rows.map(text).joined(separator: "\n") + older
  }

  private func text(_ row: Row) -> String {
    let record = row.record
    let cost = (record.push.compiledAt - record.push.changedAt).inMilliseconds
    let most = record.counts.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    let names = most.prefix(PushPage.shownValues).map { "\($0.name) \($0.count)" }
      .joined(separator: ", ")
    let others = most.count - PushPage.shownValues
    var lines = ["push \(record.push.number)  \(timestamp(record.push))  \(record.cause.text)"]
    lines.append(
      "  \(cost) ms, \(record.totalComputed) values computed" + (names.isEmpty ? "" : ": \(names)")
        + (others > 0 ? " and \(others) other kinds" : ""))
    for (type, changes) in row.types { lines.append("  \(type.serviceName): \(text(changes))") }
    for response in row.responses { lines.append("    \(text(response))") }
    if row.omitted > 0 { lines.append("    and \(row.omitted) more responses; ?proxy= finds one") }
    return lines.map { $0 + "\n" }.joined()
  }

  private func text(_ type: PushRecord.TypeRecord) -> String {
    func after(_ time: Duration?) -> String { time.map { " after \($0.inMilliseconds) ms" } ?? "" }
    var parts = ["\(type.changed) changed, \(type.removed) gone, \(type.compiledBytes) bytes"]
    parts.append(
      "sent \(type.sentBytes) bytes to \(type.responses + type.requested)"
        + (type.requested > 0 ? " (\(type.requested) asked)" : "") + after(type.sentAfter))
    parts.append("accepted by \(type.accepted)" + after(type.acceptedAfter))
    if type.overtaken > 0 { parts.append("\(type.overtaken) had it with a later push") }
    if type.rejected > 0 { parts.append("REJECTED by \(type.rejected)") }
    return parts.joined(separator: "; ")
  }

  private func text(_ response: SentResponse) -> String {
    let since = response.since
    let sent =
      "\(response.proxy) \(response.type.serviceName): \(response.bytes) bytes, "
      + "\(response.resources) resources, \(response.removed) gone"
      + (response.oldest == nil
        ? ", asked for" : " after \((response.sentAt - since).inMilliseconds) ms")
    switch response.verdict {
    case .awaited: return "\(sent), not answered"
    case .accepted(let time): return "\(sent), accepted after \((time - since).inMilliseconds) ms"
    case .rejected(let time, let reason):
      return "\(sent), REJECTED after \((time - since).inMilliseconds) ms: \(reason)"
    }
  }
}

// MARK: - JSON

extension PushPage {
  var node: Node {
    .fields([
      ("pushes", Node(.sequence(rows.map(node)))), ("next", next.map { .count(Int($0)) }),
    ])
  }

  private func node(_ row: Row) -> Node {
    let push = row.record.push
    return .fields([
      ("push", .count(Int(push.number))), ("time", .text(timestamp(push))),
      ("cause", .text(row.record.cause.text)), ("trigger", .text(row.record.cause.trigger)),
      ("objects", Node(.sequence(row.record.cause.changes.first.map(\.node)))),
      ("objectCount", .count(row.record.cause.changes.count)),
      ("compiledMilliseconds", .milliseconds(push.compiledAt - push.changedAt)),
      ("computed", .fields(row.record.counts.map { ($0.name, .count($0.count)) })),
      ("computedCount", .count(row.record.totalComputed)),
      ("classes", .count(row.record.classes)),
      ("types", .fields(row.types.map { ($0.type.serviceName, $0.record.node) })),
      ("responses", Node(.sequence(row.responses.map(\.node)))),
      ("omittedResponses", .count(row.omitted)),
    ])
  }
}

extension ObjectChange {
  fileprivate var node: Node {
    .fields([
      ("kind", .text(name.kind)), ("namespace", .text(name.namespace)), ("name", .text(name.name)),
      ("removed", isRemoved ? Node(.bool(true)) : nil),
      ("generation", generation.map { Node(.integer($0)) }),
      ("resourceVersion", resourceVersion.map(Node.text)),
      ("reference", place.map { .text("\($0)") }), ("cluster", cluster.map(Node.text)),
    ])
  }
}

extension PushRecord.TypeRecord {
  fileprivate var node: Node {
    .fields([
      ("changed", .count(changed)), ("removed", .count(removed)),
      ("compiledBytes", .count(compiledBytes)), ("responses", .count(responses)),
      ("requested", .count(requested)), ("overtaken", .count(overtaken)),
      ("sentBytes", .count(sentBytes)), ("accepted", .count(accepted)),
      ("rejected", .count(rejected)), ("sentMilliseconds", sentAfter.map(Node.milliseconds)),
      ("acceptedMilliseconds", acceptedAfter.map(Node.milliseconds)),
    ])
  }
}

extension SentResponse {
  fileprivate var node: Node {
    let (state, time, reason): (String, Duration?, String?) =
      switch verdict {
      case .awaited: ("sent", nil, nil)
      case .accepted(let time): ("accepted", time, nil)
      case .rejected(let time, let reason): ("rejected", time, reason)
      }
    return .fields([
      ("proxy", .text(proxy)), ("type", .text(type.serviceName)), ("state", .text(state)),
      ("bytes", .count(bytes)), ("resources", .count(resources)), ("removed", .count(removed)),
      ("requested", oldest == nil ? Node(.bool(true)) : nil),
      ("firstPush", oldest.map { .count(Int($0.number)) }), ("lastPush", .count(Int(newest))),
      ("sentMilliseconds", .milliseconds(sentAt - since)),
      ("answeredMilliseconds", time.map { .milliseconds($0 - since) }),
      ("reason", reason.map(Node.text)),
    ])
  }
}

extension Node {
  /// What is nil is left out.
  fileprivate static func fields(_ fields: [(String, Node?)]) -> Node {
    Node(.mapping(fields.compactMap { key, value in value.map { .init(key: key, value: $0) } }))
  }
  fileprivate static func count(_ count: Int) -> Node { Node(.integer(Int64(count))) }
  fileprivate static func milliseconds(_ time: Duration) -> Node {
    Node(.number(time.inMilliseconds))
  }
}
