internal import HTTPClient
internal import Linux
internal import Mesh
internal import Resources
internal import Transport

/// Fetches the keys that policies verify tokens with, on its owner's loop and without waiting
/// (istiod's `pilot/pkg/model/jwks_resolver.go`).
///
/// URLs come from users and answers from anyone: few fetches at once, each bounded in time and size, no
/// metadata of clouds, and nothing is passed on that is not a key set.
final class KeySetFetcher {
  /// What has come of fetches since it was last told.
  struct News {
    var changes: [KeySetSchedule.Change] = []
    var problems: [Problem] = []
    /// Those whose last problem is over.
    var recovered: [KeySetRequest] = []
    /// Fetches by how they ended.
    var successes = 0
    var failures = 0

    fileprivate var hasAny: Bool { !changes.isEmpty || successes + failures > 0 }
  }

  /// Why keys could not be fetched.
  struct Problem {
    let request: KeySetRequest
    /// `host:port`.
    let server: String
    let answer: String
    /// Keys that were fetched before go on counting.
    let hasKeys: Bool
  }

  private let loop: EventLoop
  private let limits: KeySetLimits
  private let trust: HTTPSecurity.Trust
  private let client: HTTPClient
  private let onNews: (News) -> Void
  private var schedule: KeySetSchedule
  private var underWay: [HTTPClient.RequestID: Fetch] = [:]
  private var watch: EventLoop.Watch?
  private var timer: TimerID?
  /// The kind of problem last told of, by location: the same one is not told again.
  private var told: [KeySetLocation: String] = [:]

  /// One fetch: of an issuer's OpenID configuration first, where only that says where the keys are.
  private struct Fetch {
    let request: KeySetRequest
    let isConfiguration: Bool
    var answer = AnswerCollector()
  }

  init(
    _ loop: EventLoop, limits: KeySetLimits, trust: HTTPSecurity.Trust,
    onNews: @escaping (News) -> Void
  ) throws(HTTPError) {
    self.loop = loop
    self.limits = limits
    self.trust = trust
    self.onNews = onNews
    client = try HTTPClient()
    schedule = KeySetSchedule(limits)
    do throws(LinuxError) {
      watch = try loop.watch(client.descriptor, .readable) { [unowned self] _ in advance() }
    } catch {
      throw HTTPError(.other, server: "keys", detail: "\(error)")
    }
  }

  /// Whether some rules still wait for their first keys.
  var isAwaiting: Bool { schedule.isAwaiting }

  /// Takes what policies ask for now, and begins to fetch what is new among it.
  func want(_ requests: [KeySetRequest]) -> [KeySetSchedule.Change] {
    let changes = schedule.want(requests, at: .now)
    let gone = Set(changes.filter { $0.keySet == nil }.map(\.location))
    for (id, fetch) in underWay where gone.contains(fetch.request.location) {
      client.cancel(id)
      underWay[id] = nil
    }
    for location in gone { told[location] = nil }
    if !changes.isEmpty { loop.soon { [weak self] in self?.advance() } }
    return changes
  }

  /// Does what is due, and tells what came of what was under way.
  private func advance() {
    var news = News()
    for event in client.advance() {
      guard var fetch = underWay[event.request] else { continue }
      let result = fetch.answer.take(event)
      underWay[event.request] = result == nil ? fetch : nil
      if let result { settle(fetch, result, server: event.request.server, &news) }
    }
    news.changes += schedule.giveUp(at: .now)
    for request in schedule.begin(at: .now) { begin(request) }
    if let timer { loop.cancel(timer) }
    timer = schedule.next.map { loop.at($0) { [weak self] in self?.advance() } }
    if news.hasAny { onNews(news) }
  }

  // MARK: One fetch

  private func begin(_ request: KeySetRequest) {
    switch request.location {
    case .uri(let uri): get(uri, for: request, isConfiguration: false)
    case .discovery(let issuer):
      let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
      get("\(base)/.well-known/openid-configuration", for: request, isConfiguration: true)
    }
  }

  private func get(_ url: String, for request: KeySetRequest, isConfiguration: Bool) {
    let time = min(request.timeout, limits.longestFetch)
    let id = client.start(
      HTTPRequest(
        .get, url, headers: [HTTPHeader("Accept", "application/json")],
        security: HTTPSecurity(trust: trust),
        redirects: .atMost(limits.redirects), reach: .noMetadata,
        limits: HTTPLimits(bodyBytes: limits.answerBytes, connecting: time, total: time)))
    underWay[id] = Fetch(request: request, isConfiguration: isConfiguration)
  }

  private func settle(
    _ fetch: Fetch, _ result: Result<HTTPAnswer, HTTPError>, server: String, _ news: inout News
  ) {
    let request = fetch.request
    func fail(_ answer: String, kind: String) {
      news.failures += 1
      if let change = schedule.fail(request.location, at: .now) { news.changes.append(change) }
      guard told.updateValue(kind, forKey: request.location) != kind else { return }
      news.problems.append(
        Problem(
          request: request, server: server, answer: answer,
          hasKeys: schedule.hasKeys(request.location)))
    }
    switch result {
    case .failure(let error): fail(error.detail, kind: "\(error.reason)")
    case .success(let answer) where !(200..<300).contains(answer.head.status):
      fail("it answered with status \(answer.head.status)", kind: "\(answer.head.status)")
    case .success(let answer) where fetch.isConfiguration:
      guard let uri = FetchedKeySet.location(inConfiguration: answer.body) else {
        return fail("its OpenID configuration has no jwks_uri", kind: "configuration")
      }
      get(uri, for: request, isConfiguration: false)
    case .success(let answer):
      if let problem = FetchedKeySet.problem(in: answer.body) {
        return fail("it answered with \(problem)", kind: problem)
      }
      news.successes += 1
      let keys = String(decoding: answer.body, as: UTF8.self)
      if let change = schedule.succeed(request.location, with: keys, at: .now) {
        news.changes.append(change)
      }
      if told.removeValue(forKey: request.location) != nil { news.recovered.append(request) }
    }
  }
}
