internal import Documents
internal import HTTPClient
package import Linux

/// Writes objects' status to a Kubernetes API server by server-side apply, while this replica holds the
/// Lease that says so.
///
/// One thread calls ``advance(now:)`` whenever ``descriptor`` is readable. Whether the Lease is held is
/// asked before anything is sent, and what is under way when it is lost is cut off: a process that was
/// stopped in the middle finds out before it goes on.
package final class StatusWriter {
  package struct Options: Sendable {
    /// Where the Lease is, and what it is called: the name, too, of who owns the fields that are
    /// written (`managedFields`). What others own is taken over: nothing is written over what was not
    /// seen, version for version.
    package var namespace: String
    package var lease: String
    /// Who we are to other replicas: no two processes have the same.
    package var identity: String
    package var limits: StatusLimits

    package init(
      namespace: String, lease: String, identity: String, limits: StatusLimits = StatusLimits()
    ) {
      self.namespace = namespace
      self.lease = lease
      self.identity = identity
      self.limits = limits
    }
  }

  /// Readable when ``advance(now:)`` may have something to do.
  package var descriptor: FileDescriptor { epoll.descriptor }

  private let access: ClusterAccess
  private let options: Options
  private let credentials: CredentialSource
  private let client: HTTPClient
  private let reader: JSONReader
  private let epoll: Epoll
  private let timer: TimerFD
  private var random = SystemRandomNumberGenerator()
  private var election: Election
  private var queue: StatusQueue
  private var leaseRequest: (id: HTTPClient.RequestID, answer: AnswerCollector)?
  private var writes: [HTTPClient.RequestID: (target: StatusTarget, answer: AnswerCollector)] = [:]
  private var credentialsProblem: String?
  private var credentialsRetry: ContinuousClock.Instant?

  package init(
    _ access: ClusterAccess, _ options: Options, now: ContinuousClock.Instant
  ) throws(KubernetesSource.Failure) {
    self.access = access
    self.options = options
    credentials = CredentialSource(access.credentials)
    guard let reader = JSONReader() else {
      throw .system(LinuxError("read JSON", reason: "out of memory"))
    }
    self.reader = reader
    do throws(HTTPError) { client = try HTTPClient() } catch { throw .http(error) }
    do throws(LinuxError) {
      epoll = try Epoll()
      timer = try TimerFD()
      try epoll.add(client.descriptor, .readable, token: 0)
      try epoll.add(timer.descriptor, .readable, token: 1)
      try timer.set(.zero)
    } catch {
      throw .system(error)
    }
    election = Election(
      namespace: options.namespace, name: options.lease, identity: options.identity, now: now)
    queue = StatusQueue(options.limits)
  }

  /// Takes how objects are and should be, by target; nil for those that are nobody's business here.
  package func take(
    _ reports: [StatusTarget: StatusReport?], now: ContinuousClock.Instant
  ) throws(LinuxError) {
    for (target, report) in reports.sorted(by: { $0.key < $1.key }) {
      queue.take(report, of: target, at: now)
    }
    try timer.set(.zero)
  }

  /// Does what there is to do. Does not wait, but for a credential plugin.
  package func advance(now: ContinuousClock.Instant) throws(LinuxError) {
    try timer.clear()
    stopIfLost(at: now)
    for event in client.advance() { take(event, at: now) }
    ask(at: .now)
    try timer.set(deadline(at: .now).map { $0 - .now })
  }

  /// Before anything that lies ready is sent on: a write may be half way out since long ago.
  private func stopIfLost(at now: ContinuousClock.Instant) {
    election.expire(at: now)
    guard !election.isHeld(at: now), !writes.isEmpty else { return }
    for id in writes.keys { client.cancel(id) }
    writes = [:]
    queue.giveUp(at: now)
  }

  private func deadline(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    let turn = election.isHeld(at: now) ? queue.next(at: now) : nil
    let soonest = [election.deadline, turn].compactMap { $0 }.min()
    guard let soonest, let credentialsRetry else { return soonest }
    return max(soonest, credentialsRetry)
  }

  // MARK: Requests

  private func ask(at now: ContinuousClock.Instant) {
    if let credentialsRetry, now < credentialsRetry { return }
    let proof: CredentialSource.Proof
    do throws(AccessError) {
      proof = try credentials.current(now: now)
      (credentialsProblem, credentialsRetry) = (nil, nil)
    } catch {
      credentialsProblem = "\(error)"
      credentialsRetry = now + Backoff.jittered(.seconds(10), using: &random)
      return
    }
    // A plugin may have taken its time.
    let now = ContinuousClock.now
    stopIfLost(at: now)
    if let request = election.request(at: now, wallTime: WallClock.microseconds) {
      begin(request, proof)
    }
    guard election.isHeld(at: now) else { return }
    for write in queue.begin(at: now) {
      let query = "?fieldManager=\(PercentText.encoded(options.lease))&force=true"
      let id = client.start(
        request(
          .patch, write.path + query, body: write.body, type: "application/apply-patch+yaml",
          proof, time: options.limits.writeTime))
      writes[id] = (write.target, AnswerCollector())
    }
  }

  private func begin(_ wanted: Election.Request, _ proof: CredentialSource.Proof) {
    let namespace = PercentText.encoded(options.namespace)
    let collection = "/apis/coordination.k8s.io/v1/namespaces/\(namespace)/leases"
    let lease = "\(collection)/\(PercentText.encoded(options.lease))"
    let time = Duration.seconds(4)
    let request =
      switch wanted {
      case .read: request(.get, lease, proof, time: time)
      case .create(let object):
        request(.post, collection, body: object.jsonBytes(), proof, time: time)
      case .replace(let object):
        request(.put, lease, body: object.jsonBytes(), proof, time: time)
      }
    leaseRequest = (client.start(request), AnswerCollector())
  }

  private func request(
    _ method: HTTPRequest.Method, _ target: String, body: [UInt8]? = nil,
    type: String = "application/json", _ proof: CredentialSource.Proof, time: Duration
  ) -> HTTPRequest {
    HTTPRequest(
      method, access.server + target,
      headers: [
        HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", "fairlead"),
      ] + (body == nil ? [] : [HTTPHeader("Content-Type", type)]),
      bearerToken: proof.token, body: body,
      security: HTTPSecurity(
        trust: access.trust, identity: proof.identity, serverName: access.serverName),
      proxy: access.proxy,
      limits: HTTPLimits(bodyBytes: options.limits.answerBytes, connecting: time, total: time))
  }

  // MARK: Answers

  private func take(_ event: HTTPClient.Event, at now: ContinuousClock.Instant) {
    let id = event.request
    if id == leaseRequest?.id {
      guard let result = leaseRequest?.answer.take(event) else { return }
      leaseRequest = nil
      takeLease(result, at: now)
    } else if let result = writes[id]?.answer.take(event),
      let target = writes.removeValue(forKey: id)?.target
    {
      queue.settle(target, outcome(result), at: now, using: &random)
      if queue.doubtsCredentials { credentials.doubt(now: now) }
    }
  }

  private func takeLease(
    _ result: Result<HTTPAnswer, HTTPError>, at now: ContinuousClock.Instant
  ) {
    let answer: Election.Answer
    switch result {
    case .failure(let error): answer = .failed("\(error)")
    case .success(let whole) where (200..<300).contains(whole.head.status):
      let record = reader.tree(of: whole.body, named: "lease").root.flatMap(LeaseRecord.init)
      answer = record.map { .lease($0) } ?? .failed("the server's answer is no Lease")
    case .success(let whole):
      answer = .refused(FollowerLimits.status(whole.head, whole.body, reader: reader))
    }
    let next = election.take(answer, at: now, wallTime: WallClock.microseconds, using: &random)
    if election.doubtsCredentials { credentials.doubt(now: now) }
    stopIfLost(at: now)
    guard let next else { return }
    do throws(AccessError) {
      begin(next, try credentials.current(now: now))
    } catch {
      credentialsProblem = "\(error)"
      _ = election.take(
        .failed("\(error)"), at: now, wallTime: WallClock.microseconds, using: &random)
    }
  }

  private func outcome(_ result: Result<HTTPAnswer, HTTPError>) -> StatusQueue.Outcome {
    switch result {
    case .failure(let error): .failed("\(error)")
    case .success(let answer) where (200..<300).contains(answer.head.status):
      .written(reader.tree(of: answer.body, named: "status").root.flatMap(SeenStatus.init))
    case .success(let answer):
      .refused(FollowerLimits.status(answer.head, answer.body, reader: reader))
    }
  }

  // MARK: The end

  /// Stops writing and leaves the Lease to others; waits for the server no longer than told.
  package func release(within patience: Duration) {
    for id in writes.keys { client.cancel(id) }
    writes = [:]
    if let id = leaseRequest?.id { client.cancel(id) }
    leaseRequest = nil
    let now = ContinuousClock.now
    guard let wanted = election.release(at: now, wallTime: WallClock.microseconds),
      // Asked for a moment ago: an error here was told then.
      let proof = try? credentials.current(now: now)
    else { return }
    begin(wanted, proof)
    while leaseRequest != nil, now + patience > .now {
      for event in client.advance(waitingUpTo: now + patience - .now) {
        if leaseRequest?.answer.take(event) != nil { leaseRequest = nil }
      }
    }
  }

  /// How it stands, for pages and metrics.
  package func state(now: ContinuousClock.Instant) -> WriterState {
    WriterState(
      lease: "\(options.namespace)/\(options.lease)", identity: options.identity,
      holder: election.holder, isHeld: election.isHeld(at: now), transitions: election.transitions,
      pending: queue.pending, done: queue.counts.done, failed: queue.counts.failed,
      undone: queue.counts.undone,
      problem: credentialsProblem ?? election.problem ?? queue.serverProblem,
      forbidden: queue.forbidden)
  }
}

/// How writing status stands: what pages and metrics show.
package struct WriterState: Sendable {
  /// `namespace/name`.
  package let lease: String
  package let identity: String
  /// Nil for nobody that is known of.
  package let holder: String?
  package let isHeld: Bool
  package let transitions: Int
  /// Objects whose status is not as it should be.
  package let pending: Int
  /// Writes by how they ended.
  package let done: Int
  package let failed: Int
  /// Writes that others wrote over.
  package let undone: Int
  package let problem: String?
  /// Kinds whose status may not be written, and why.
  package let forbidden: [(resource: String, reason: String)]
}
