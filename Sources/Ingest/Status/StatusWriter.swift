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
  package var descriptor: FileDescriptor { client.descriptor }

  private let options: Options
  private let client: APIServerClient
  private var random = SystemRandomNumberGenerator()
  private var election: Election
  private var queue: StatusQueue
  private var leaseRequest: (id: HTTPClient.RequestID, answer: AnswerCollector)?
  private var writes: [HTTPClient.RequestID: (target: StatusTarget, answer: AnswerCollector)] = [:]

  package init(
    _ access: ClusterAccess, _ options: Options, now: ContinuousClock.Instant
  ) throws(KubernetesSource.Failure) {
    self.options = options
    client = try APIServerClient(access)
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
    try client.wake(after: .zero)
  }

  /// Does what there is to do. Does not wait, but for a credential plugin.
  package func advance(now: ContinuousClock.Instant) throws(LinuxError) {
    stopIfLost(at: now)
    for event in try client.advance(now: now) { take(event, at: now) }
    ask(at: .now)
    try client.wake(after: deadline(at: .now).map { $0 - .now })
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
    return client.earliest([election.deadline, turn].compactMap { $0 }.min())
  }

  // MARK: Requests

  private func ask(at now: ContinuousClock.Instant) {
    guard let proof = client.proof(now: now) else { return }
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
        .patch, write.path + query, body: write.body, type: "application/apply-patch+yaml",
        proof, limits(options.limits.writeTime))
      writes[id] = (write.target, AnswerCollector())
    }
  }

  private func begin(_ wanted: Election.Request, _ proof: CredentialSource.Proof) {
    let namespace = PercentText.encoded(options.namespace)
    let collection = "/apis/coordination.k8s.io/v1/namespaces/\(namespace)/leases"
    let lease = "\(collection)/\(PercentText.encoded(options.lease))"
    let limits = limits(.seconds(4))
    let id =
      switch wanted {
      case .read: client.start(.get, lease, proof, limits)
      case .create(let object):
        client.start(.post, collection, body: object.jsonBytes(), proof, limits)
      case .replace(let object):
        client.start(.put, lease, body: object.jsonBytes(), proof, limits)
      }
    leaseRequest = (id, AnswerCollector())
  }

  private func limits(_ time: Duration) -> HTTPLimits {
    HTTPLimits(bodyBytes: options.limits.answerBytes, connecting: time, total: time)
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
      if queue.doubtsCredentials { client.doubtCredentials(now: now) }
    }
  }

  private func takeLease(
    _ result: Result<HTTPAnswer, HTTPError>, at now: ContinuousClock.Instant
  ) {
    let answer: Election.Answer
    switch result {
    case .failure(let error): answer = .failed("\(error)")
    case .success(let whole) where (200..<300).contains(whole.head.status):
      let record = client.reader.tree(of: whole.body, named: "lease").root.flatMap(LeaseRecord.init)
      answer = record.map { .lease($0) } ?? .failed("the server's answer is no Lease")
    case .success(let whole):
      answer = .refused(FollowerLimits.status(whole.head, whole.body, reader: client.reader))
    }
    let next = election.take(answer, at: now, wallTime: WallClock.microseconds, using: &random)
    if election.doubtsCredentials { client.doubtCredentials(now: now) }
    stopIfLost(at: now)
    guard let next else { return }
    if let proof = client.proof(now: now) {
      begin(next, proof)
    } else {
      _ = election.take(
        .failed(client.credentialsProblem ?? "no credentials"), at: now,
        wallTime: WallClock.microseconds, using: &random)
    }
  }

  private func outcome(_ result: Result<HTTPAnswer, HTTPError>) -> StatusQueue.Outcome {
    switch result {
    case .failure(let error): .failed("\(error)")
    case .success(let answer) where (200..<300).contains(answer.head.status):
      .written(client.reader.tree(of: answer.body, named: "status").root.flatMap(SeenStatus.init))
    case .success(let answer):
      .refused(FollowerLimits.status(answer.head, answer.body, reader: client.reader))
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
      let proof = client.proof(now: now)
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
      problem: client.credentialsProblem ?? election.problem ?? queue.serverProblem,
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
