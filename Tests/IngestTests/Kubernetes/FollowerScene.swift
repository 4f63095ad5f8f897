import Documents
import HTTPClient
import TestSupport
import Testing

@testable import Ingest

/// A follower of one kind, its clock, and a server's side as bytes.
struct FollowerScene {
  typealias Instant = ContinuousClock.Instant

  static let start = ContinuousClock.now
  var follower: KindFollower
  var now = FollowerScene.start
  var random: SeededRandom
  /// What has been told, by origin: the resource version of each.
  var told: [String: String] = [:]
  private let reader = JSONReader()

  init(
    seed: UInt64 = 1, versions: [String] = ["v1"], limits: FollowerLimits = FollowerLimits(),
    isRevisioned: Bool = true, sufficientNamespace: String? = nil, streamsLists: Bool = false
  ) {
    random = SeededRandom(seed: seed)
    follower = KindFollower(
      APIResource(
        group: "example.io", versions: versions, kind: "Thing", plural: "things",
        isRevisioned: isRevisioned, sufficientNamespace: sufficientNamespace),
      revision: "default", limits: limits, streamsLists: streamsLists, now: FollowerScene.start)
  }

  /// The next request, at whatever time it is due; how long that took.
  mutating func request() throws -> (url: String, waited: Duration) {
    let before = now
    now = max(now, try #require(follower.deadline, "no request is open"))
    let request = try #require(follower.request(now: now, using: &random))
    let query = request.query.filter { $0.name != "timeoutSeconds" }
      .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    return (request.path + (query.isEmpty ? "" : "?\(query)"), now - before)
  }

  /// Whether the request is of no more use.
  @discardableResult mutating func take(_ happening: KindFollower.Happening) throws -> Bool {
    let (changes, isOver) = follower.take(
      happening, now: now, reader: try #require(reader), using: &random)
    for change in changes {
      switch change {
      case .put(let origin, let root):
        told[origin] = root["metadata"]?["resourceVersion"]?.text ?? ""
      case .remove(let origin):
        #expect(told.removeValue(forKey: origin) != nil, "what was not told cannot go: \(origin)")
      }
    }
    return isOver
  }

  /// `ends` says whether the open request should be of no more use.
  mutating func define(_ standing: KindDefinition, isNews: Bool = false, ends: Bool = false) {
    let isOver = follower.define(standing, isNews: isNews, now: now)
    #expect(isOver == ends)
  }

  /// A whole answer.
  mutating func answer(
    _ status: Int, _ body: String = "", headers: [HTTPHeader] = []
  ) throws {
    #expect(try !take(.answered(HTTPHead(status: status, headers: headers))))
    if !body.isEmpty { try take(.body(Array(body.utf8))) }
    #expect(try take(.ended(nil)))
  }

  mutating func open(_ lines: String...) throws {
    try take(.answered(HTTPHead(status: 200, headers: [])))
    for line in lines { try self.lines(line) }
  }

  /// Whether the watch is of no more use behind them.
  @discardableResult mutating func lines(_ lines: String...) throws -> Bool {
    try take(.body(Array((lines.joined(separator: "\n") + "\n").utf8)))
  }

  mutating func breaks(_ reason: HTTPError.Reason = .cutOff) throws {
    #expect(try take(.ended(HTTPError(reason, server: "a:1", detail: "it broke"))))
  }

  /// As often as it takes to be believed.
  mutating func refuse(_ message: String = "may not") throws {
    for refusal in 1...follower.limits.refusalsBelieved {
      if refusal > 1 { _ = try request() }
      try answer(403, Self.status(403, message))
    }
  }

  var condition: KindState.Condition { follower.state(now: now).condition }

  // MARK: What servers say

  static func thing(_ name: String, _ version: Int, labels: String = "") -> String {
    #"{"metadata":{"name":"\#(name)","namespace":"a","resourceVersion":"\#(version)","#
      + #""labels":{\#(labels)},"managedFields":[{"manager":"x"}]},"spec":{}}"#
  }

  static func list(_ version: Int, next: String? = nil, _ things: String...) -> String {
    let more = next.map { #","continue":"\#($0)""# } ?? ""
    return
      #"{"kind":"ThingList","apiVersion":"example.io/v1","metadata":{"resourceVersion":"\#(version)"\#(more)},"#
      + #""items":[\#(things.joined(separator: ","))]}"#
  }

  static func event(_ type: String, _ object: String) -> String {
    #"{"type":"\#(type)","object":\#(object)}"#
  }

  static func bookmark(_ version: Int) -> String {
    event("BOOKMARK", #"{"metadata":{"resourceVersion":"\#(version)"}}"#)
  }

  static func endOfList(_ version: Int) -> String {
    event(
      "BOOKMARK",
      #"{"metadata":{"resourceVersion":"\#(version)","annotations":{"k8s.io/initial-events-end":"true"}}}"#
    )
  }

  static func status(_ code: Int, _ message: String = "no") -> String {
    #"{"kind":"Status","code":\#(code),"message":"\#(message)"}"#
  }

  /// Listed at version 10 with a (5) and b (6), and watching.
  static func watching(seed: UInt64 = 1, limits: FollowerLimits = FollowerLimits()) throws -> Self {
    var scene = FollowerScene(seed: seed, limits: limits)
    _ = try scene.request()
    try scene.answer(200, list(10, thing("a", 5), thing("b", 6)))
    _ = try scene.request()
    try scene.open()
    return scene
  }
}
