internal import Compiler
internal import Diagnostics
internal import HTTPClient
internal import HTTPServer
internal import Incremental
internal import Ingest
package import Linux
internal import Transport

/// `fairlead serve`: follows the sources, serves what they come to, until told to stop.
///
/// Threads: this one compiles, one or several do the sockets of clients, one the debug pages, and one
/// follows a Kubernetes API server where that is the source.
package final class Daemon {
  private let options: ServeOptions
  private let log: Log
  private let engine: Engine
  private let mailboxes: Mailboxes
  private var dispatch: Dispatch
  private let loop: EventLoop
  private let source: DirectorySource
  private let readiness = Readiness()
  private let backlog = Backlog(limit: Limits.waitingObjects)
  /// Nil where files are the source.
  private var cluster: (thread: ClusterThread, objects: ClusterObjects)?
  /// The mesh's other clusters; nil where files are the source.
  private var remotes: RemoteClusters?
  /// A look at whether other clusters are still waited for is to come.
  private var waitsForRemotes = false
  /// Nil where no status is written.
  private var statuses: StatusWriting?
  /// Whether every kind of the cluster's objects was listed, and what its thread was told to read whole.
  private var isListed = false
  private var demand: SecretDemand.Objects?
  /// Whether what objects refer to may be other than what was asked for.
  private var mayRefer = true
  /// Whether a cluster's objects are still to come: half a mesh would be another mesh.
  private var awaitsCluster = false
  private var findings = FindingLog()
  private var nextGiveBack = ContinuousClock.now
  private var givesBackLater = false
  private var lastConnected = ContinuousClock.now
  /// Whether classes that nobody is of are looked at again.
  private var forgetsIdle = false
  /// Nil where it is off.
  private var audit: SelfAudit?
  /// Nil where none can be fetched.
  private var keys: KeySetFetcher?
  /// What clients said before there was anything to answer; nil once there is.
  private var early: [EngineMessage]? = []
  /// What is wrong with the paths themselves, or the way to the cluster.
  private var problems: (files: [Diagnostic], cluster: [Diagnostic]) = ([], [])

  /// Why it could not start.
  package enum Failure: Error, CustomStringConvertible {
    case system(LinuxError)
    case pages(String)
    case cluster(String)

    package var description: String {
      switch self {
      case .system(let error): "\(error)"
      case .pages(let reason), .cluster(let reason): reason
      }
    }
  }

  package init(_ options: ServeOptions) throws(Failure) {
    self.options = options
    log = Log(level: options.logLevel, format: options.logFormat)
    engine = Engine(options.compiledMesh)
    dispatch = Dispatch(threadCount: options.ioThreads)
    (mailboxes, loop, source) = try Daemon.system { () throws(LinuxError) in
      (
        try Mailboxes(ioThreads: options.ioThreads), try EventLoop(),
        try DirectorySource(options.mesh.allPaths, limits: Limits.documents)
      )
    }
  }

  /// Runs until SIGTERM or SIGINT; streams end gracefully.
  package func run() throws(Failure) {
    let signals = try Daemon.system { () throws(LinuxError) in
      try SignalDescriptor([.terminate, .interrupt])
    }
    let access = try clusterAccess()
    let trust = try Daemon.system { () throws(LinuxError) in
      try KeyServerTrust.authorities(adding: options.keyAuthoritiesFile)
    }
    let (xds, threads, pages) = try open()
    try Daemon.system { () throws(LinuxError) in
      let watches = [
        try loop.watch(signals.descriptor, .readable) { [self] _ in stop() },
        try loop.receive(from: mailboxes.engine) { [self] in receive($0) },
        try loop.watch(source.descriptor, .readable) { [self] _ in readChanges() },
      ]
      fetchKeys(trust)
      // What texts and trees take is used again for the first compile, and what is left is given back then.
      take([read(source.initial())])
      if let access {
        statuses = try writeStatus(access)
        cluster = (try follow(access), ClusterObjects(engine))
        remotes = RemoteClusters(
          engine,
          .init(
            options: options.remoteSource, patience: options.cluster.remotePatience,
            mailboxes: mailboxes, readiness: readiness,
            backlog: backlog, log: log))
      }
      answerOnceAllIsThere()
      if options.auditInterval > .zero {
        audit = SelfAudit(engine, loop, every: options.auditInterval) { [self] in tell($0) }
      }
      log.info(
        "listening xds=\(xds.address) http=\(pages.map { "\($0.address)" }.joined(separator: ","))")
      defer { mailboxes.engine.close() }
      try loop.run()
      for watch in watches { watch.cancel() }
      cluster?.thread.stop()
      remotes?.stop()
    }
    for thread in threads { thread.join() }
    try Daemon.system { () throws(LinuxError) in try statuses?.wait() }
  }

  private func clusterAccess() throws(Failure) -> ClusterAccess? {
    guard options.followsCluster else { return nil }
    do throws(AccessError) {
      return try options.cluster.access()
    } catch {
      throw .cluster("\(error)")
    }
  }

  private func writeStatus(_ access: ClusterAccess) throws(LinuxError) -> StatusWriting? {
    guard !options.cluster.writtenStatuses.isEmpty else { return nil }
    engine.statuses = StatusReports(Set(options.cluster.writtenStatuses))
    return try StatusWriting(access, options.cluster.statusWriter, readiness, log)
  }

  /// What statuses should say goes to those who write it, when what is served has gone out.
  private func publishStatuses() {
    guard let statuses, let reports = engine.statuses else { return }
    do throws(LinuxError) {
      try statuses.publish(reports)
    } catch {
      log.error("status cannot be written: \(error)")
    }
  }

  private func follow(_ access: ClusterAccess) throws(LinuxError) -> ClusterThread {
    log.info("following \(access.server)")
    awaitsCluster = true
    let audience = ClusterThread.Audience(
      take: { [mailboxes] in mailboxes.engine.post(.cluster($0)) },
      show: { [readiness] status in readiness.update { $0.own = status } }, backlog: backlog)
    return try ClusterThread(access, options.clusterSource, to: audience) { [log] reason in
      log.error("\(access.server) cannot be followed any more: \(reason)")
    }
  }

  /// A server of debug pages, for as long as it is held, and where it listens.
  private struct OpenPages {
    let address: SocketAddress
    let server: PageServer
  }

  private func open() throws(Failure) -> (ListeningSocket, [Thread], [OpenPages]) {
    let xds = try Daemon.system { () throws(LinuxError) in
      try ListeningSocket(on: options.xdsAddress)
    }
    var pages: [OpenPages] = []
    for address in [options.httpAddress] + (options.metricsAddress.map { [$0] } ?? []) {
      let socket = try Daemon.system { () throws(LinuxError) in try ListeningSocket(on: address) }
      do throws(HTTPServerError) {
        let server = try PageServer(
          listeningOn: socket, title: "Fairlead",
          pages: DebugPages(mailboxes, readiness, engine.pushes).all,
          limits: Limits.pages)
        pages.append(OpenPages(address: socket.address, server: server))
      } catch {
        throw .pages("\(error)")
      }
    }
    let threads = try Daemon.system {
      [log, options, pushes = engine.pushes] () throws(LinuxError) in
      try ServiceThreads(mailboxes, options, pushes).start(listeningOn: xds) { error in
        log.error("a discovery thread cannot go on: \(error)")
      }
    }
    return (xds, threads, pages)
  }

  private static func system<Value>(
    _ body: () throws(LinuxError) -> Value
  ) throws(Failure) -> Value {
    do throws(LinuxError) {
      return try body()
    } catch {
      throw .system(error)
    }
  }

  // MARK: Sources

  private func readChanges() {
    do throws(LinuxError) {
      guard let batch = try source.changes(now: .now) else { return }
      take([read(batch)])
    } catch {
      log.error("changes of files cannot be followed: \(error)")
    }
  }

  private func read(_ batch: Batch) -> ReadBatch {
    ReadBatch(batch, settings: engine.settingsFiles)
  }

  /// Takes over what sources have to say; one push tells of all of it.
  private func take(_ batches: [ReadBatch]) {
    // What changes of files are read from was there when this turn began; a cluster's, when it was told.
    let readAt = batches.reduce(loop.now) { min($0, $1.readAt) }
    for batch in batches {
      for diagnostic in changes(batch) { report(diagnostic) }
      for problem in fresh(batch) { report(problem) }
    }
    publishChanges(readAt: readAt, refer: !batches.allSatisfy(\.isOfSlices))
  }

  /// Nobody is asked what objects refer to where those that are different cannot `refer` to anything.
  private func publishChanges(readAt: ContinuousClock.Instant, refer: Bool) {
    mayRefer = mayRefer || refer
    if mayRefer { sayWhatToRead() }
    // Of half a mesh nothing is said, and nothing judged.
    guard !awaitsCluster else { return }
    if mayRefer, let keys { engine.take(keys.want(engine.keySetRequests)) }
    mayRefer = false
    let occasion = early == nil ? PushCause.Occasion.change : .start
    perform(engine.publish(occasion, changedAt: engine.pushes.time(of: readAt)))
    publishStatuses()
    analyseSoon()
  }

  /// Of a cluster's Secrets and ConfigMaps, those that something refers to now.
  private func sayWhatToRead() {
    guard let cluster, isListed else { return }
    let now = engine.contentDemand
    guard now != demand else { return }
    demand = now
    cluster.thread.read(now)
  }

  /// The problems of an origin that its last batch did not tell of.
  private func fresh(_ batch: ReadBatch) -> [Diagnostic] {
    switch batch.origin {
    case .directories:
      defer { problems.files = batch.problems }
      return batch.problems.filter { !problems.files.contains($0) }
    case .cluster:
      defer { problems.cluster = batch.problems }
      return batch.problems.filter { !problems.cluster.contains($0) }
    }
  }

  /// Has the engine take a batch; what is new to say about it.
  private func changes(_ batch: ReadBatch) -> [Diagnostic] {
    if let cluster, batch.origin != .directories {
      let found = cluster.objects.take(batch)
      if cluster.objects.isIncomplete { cluster.thread.tellAgain() }
      if batch.origin != .cluster(.begun) { isListed = true }
      let settings = engine.settingsFiles
      if batch.files.contains(where: { settings.contains($0.path) }) { remotes?.settle() }
      return found + (batch.remoteSecrets.flatMap { remotes?.take($0, now: .now) } ?? [])
    }
    var found: [Diagnostic] = []
    batch.forEachFile { found += engine.replace($0) }
    for path in batch.removed { engine.remove(path) }
    return found
  }

  /// Analysis waits until what was read is served, and for changes that come together.
  private func analyseSoon() {
    guard !findings.isAwaited else { return }
    findings.isAwaited = true
    // From now and not from when this turn began: reading a large mesh takes longer than the delay.
    let due = ContinuousClock.now + findings.delay
    analyse(at: due, atLatest: due + Limits.analysisPatience)
  }

  /// Who has just come is sent all that is theirs first.
  private func analyse(at due: ContinuousClock.Instant, atLatest end: ContinuousClock.Instant) {
    _ = loop.at(due) { [self] in
      let next = min(lastConnected + Limits.analysisDelay, end)
      guard next <= .now else { return analyse(at: next, atLatest: end) }
      giveBackMemory()
      analyse()
    }
  }

  /// The first analysis of a large mesh takes long: clients and changes come between its steps.
  private func analyse() {
    if engine.prepareAnalysis() {
      // It leaves much, whenever the last time was.
      nextGiveBack = loop.now
      _ = loop.at(loop.now + Limits.analysisPause) { [self] in analyse() }
    } else {
      let begin = ContinuousClock.now
      for diagnostic in findings.fresh(among: engine.findings) { report(diagnostic) }
      if let statuses = engine.statuses {
        statuses.take(findings: engine.istioctlsFindings)
        publishStatuses()
      }
      giveBackMemory()
      findings.cost = .now - begin
    }
  }

  /// What was freed after files were read, most of all, and after the first compile and analysis.
  private func giveBackMemory() {
    guard loop.now < nextGiveBack else {
      Heap.giveBack()
      nextGiveBack = loop.now + Limits.memoryPause
      return
    }
    guard !givesBackLater else { return }
    givesBackLater = true
    _ = loop.at(nextGiveBack) { [self] in
      givesBackLater = false
      giveBackMemory()
    }
  }

  /// What the self-audit found was set right: clients are told.
  private func tell(_ differences: [Audit.Difference]) {
    for difference in differences.prefix(Limits.loggedDifferences) { log.error(difference.text) }
    let more = differences.count - Limits.loggedDifferences
    if more > 0 { log.error("self-audit: \(more) more values were wrong") }
    let first = differences[0].label.onOneLine(atMost: Limits.auditedLabelLength)
    perform(engine.publish(.audit(first), changedAt: engine.pushes.time(of: loop.now)))
  }

  private func report(_ diagnostic: Diagnostic) {
    let text = diagnostic.text(.logged)
    switch diagnostic.severity {
    case .error: log.error(text)
    case .warning: log.warning(text)
    case .info: log.info(text)
    }
  }

  // MARK: Keys

  private func fetchKeys(_ trust: HTTPSecurity.Trust) {
    do throws(HTTPError) {
      keys = try KeySetFetcher(loop, limits: Limits.keySets, trust: trust) { [self] in take($0) }
    } catch {
      log.error("no keys can be fetched, and tokens that need them are refused: \(error)")
    }
  }

  private func take(_ news: KeySetFetcher.News) {
    for problem in news.problems {
      for diagnostic in engine.diagnostics(of: problem) { report(diagnostic) }
    }
    for request in news.recovered { log.info("keys for \(request.policies[0]) are fetched again") }
    engine.take(news.changes)
    engine.keyFetches.successes += news.successes
    engine.keyFetches.failures += news.failures
    if !news.changes.isEmpty {
      perform(engine.publish(.keys, changedAt: engine.pushes.time(of: loop.now)))
    }
    answerOnceAllIsThere()
  }

  /// Clients are answered once a cluster's objects are there, and when the first keys are known, or are
  /// known not to come soon: gateways that were here before would otherwise refuse every token for
  /// that long.
  private func answerOnceAllIsThere() {
    guard let messages = early, !awaitsCluster, keys?.isAwaiting != true else { return }
    if let end = remotes?.awaitedUntil(now: .now) {
      guard !waitsForRemotes else { return }
      waitsForRemotes = true
      _ = loop.at(end) { [self] in
        waitsForRemotes = false
        answerOnceAllIsThere()
      }
      return
    }
    for name in remotes?.late ?? [] { log.warning("cluster \(name) is not waited for any more") }
    early = nil
    readiness.isReady = true
    receive(messages)
  }

  // MARK: Clients

  private func receive(_ messages: [EngineMessage]) {
    var batches: [ReadBatch] = []
    var remotelyReadAt: ContinuousClock.Instant?
    for message in messages {
      switch message {
      case .client(let event, let thread) where early != nil: keep(event, on: thread)
      case .client(.connected(let stream, let proxy), let thread):
        log.info("\(proxy.node.id) connected")
        dispatch.connected(stream, on: thread)
        engine.connect(stream, as: proxy) { perform($0) }
        lastConnected = .now
        giveBackMemory()
      case .client(.disconnected(let stream), _):
        post(dispatch.disconnected(stream))
        perform(engine.publisher.disconnect(stream))
        forgetIdleSoon()
      case .client(.rejected(let proxy, let type, let reason, let push), _):
        log.warning(
          rejection(type.serviceName, by: proxy, reason.message, push.flatMap(named(push:))))
      case .client(.slow(let news), _):
        log.warning(news.sentence(push: news.push.flatMap(named(push:))))
      case .cluster(let batch): batches.append(batch)
      case .remoteCluster(let number, let batch):
        for diagnostic in remotes?.take(batch, from: number) ?? [] { report(diagnostic) }
        backlog.remove(batch.files.count)
        remotelyReadAt = min(remotelyReadAt ?? batch.readAt, batch.readAt)
      case .ask(let question): question(engine)
      }
    }
    guard !batches.isEmpty else {
      if let remotelyReadAt {
        publishChanges(readAt: remotelyReadAt, refer: true)
        answerOnceAllIsThere()
      }
      return
    }
    if batches.contains(where: { $0.origin == .cluster(.complete) }) {
      awaitsCluster = false
    }
    take(batches)
    for batch in batches { backlog.remove(batch.files.count) }
    answerOnceAllIsThere()
  }

  private func forgetIdleSoon() {
    guard engine.publisher.hasIdleClasses, !forgetsIdle else { return }
    forgetsIdle = true
    _ = loop.at(loop.now + Limits.idleClassAge) { [self] in
      forgetsIdle = false
      perform(engine.publisher.forgetIdle())
      forgetIdleSoon()
    }
  }

  /// For the log: which push, and what made it.
  private func named(push number: UInt64) -> String? {
    engine.pushes.cause(of: number).map { "push \(number), \($0)" }
  }

  /// For when there is something to answer. Of a client that came and went nothing stays.
  private func keep(_ event: DiscoveryService.Event, on thread: ThreadNumber) {
    switch event {
    case .connected, .rejected, .slow: early?.append(.client(event, on: thread))
    case .disconnected(let gone):
      early?.removeAll { message in
        if case .client(.connected(gone, _), _) = message { true } else { false }
      }
    }
  }

  private func perform(_ instructions: [Instruction]) {
    guard !instructions.isEmpty else { return }
    post(dispatch.divide(instructions) { engine.publisher.contents(of: $0) })
  }

  /// A discovery thread takes what it is given at once, so its inbox is full only if it hangs; what is
  /// sent later makes up for nothing, so this waits.
  private func post(_ divided: [(ThreadNumber, [Instruction])]) {
    for (thread, instructions) in divided {
      while !mailboxes.services[thread].post(.perform(instructions)) {
        log.warning("a discovery thread does not keep up; compiling waits for it")
        Linux.pause(.milliseconds(100))
      }
    }
  }

  private func stop() {
    log.info("ending: streams are told to go")
    statuses?.stop()
    for service in mailboxes.services { _ = service.post(.shutDown) }
    loop.stop()
  }
}

/// A client's words are anybody's: they are one line of the log.
private func rejection(
  _ service: String, by proxy: String, _ message: String, _ push: String?
) -> String {
  "\(proxy) rejects \(service): \(message.onOneLine(atMost: Limits.delivery.messageLength))\n"
    + (push.map { "    It was sent for \($0).\n" } ?? "")
    + "    What it had before keeps serving; a proxy that starts now has nothing in its place."
}
