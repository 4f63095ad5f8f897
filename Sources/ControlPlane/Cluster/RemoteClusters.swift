internal import Diagnostics
internal import Ingest
internal import Linux
internal import Resources

/// The mesh's other clusters: a thread that follows each, and what it has told so far.
///
/// Belongs to the compile thread. A cluster that cannot be reached keeps what was read of it; one that
/// no Secret names any more is gone with all it had.
final class RemoteClusters {
  /// A thread, of which a cluster may have several one after another.
  typealias Number = Int

  private let engine: Engine
  private let environment: Environment
  private var plan: RemoteClusterPlan
  private var clusters: [String: Member] = [:]
  private var lastNumber = 0
  private var said: Set<Diagnostic> = []

  /// What all of its threads have in common.
  struct Environment {
    let options: KubernetesSource.Options
    let patience: Duration
    let mailboxes: Mailboxes
    let readiness: Readiness
    let backlog: Backlog
    let log: Log
  }

  private struct Member {
    let number: Number
    let thread: ClusterThread
    let objects: ClusterObjects
    /// Until then the first snapshot waits for it.
    let awaitedUntil: ContinuousClock.Instant
    var isComplete = false
    var problems: [Diagnostic] = []
  }

  init(_ engine: Engine, _ environment: Environment) {
    self.engine = engine
    self.environment = environment
    plan = RemoteClusterPlan(own: engine.model.options.clusterID, limit: Limits.remoteClusters)
  }

  /// Follows the clusters that the Secrets name, and no others; answers what is new to say.
  func take(_ secrets: [RemoteSecret], now: ContinuousClock.Instant) -> [Diagnostic] {
    let (steps, findings) = plan.take(secrets)
    for step in steps {
      switch step {
      case .join(let name, let access): join(name, access, now: now)
      case .move(let name, let access):
        guard let member = clusters[name] else {
          // No thread could be had for it when it came.
          join(name, access, now: now)
          continue
        }
        environment.log.info("cluster \(name) is followed at \(access.server) from now on")
        member.thread.move(to: access)
      case .leave(let name): leave(name)
      }
    }
    show()
    defer { said = Set(findings) }
    return findings.filter { !said.contains($0) }
  }

  private func join(_ name: String, _ access: ClusterAccess, now: ContinuousClock.Instant) {
    lastNumber += 1
    let (number, log, readiness) = (lastNumber, environment.log, environment.readiness)
    log.info("following cluster \(name) at \(access.server)")
    var options = environment.options
    options.cluster = name
    let audience = ClusterThread.Audience(
      take: { [mailboxes = environment.mailboxes] in
        mailboxes.engine.post(.remoteCluster(number, $0))
      },
      show: { status in readiness.update { $0.remote[name]?.status = status } },
      backlog: environment.backlog)
    do throws(LinuxError) {
      let thread = try ClusterThread(access, options, to: audience) { reason in
        log.error("cluster \(name) cannot be followed any more: \(reason)")
      }
      engine.join(cluster: name)
      clusters[name] = Member(
        number: number, thread: thread, objects: ClusterObjects(engine, of: .remote(name)),
        awaitedUntil: now + environment.patience)
    } catch {
      log.error("cluster \(name) cannot be followed: \(error)")
    }
  }

  private func leave(_ name: String) {
    guard let member = clusters.removeValue(forKey: name) else { return }
    environment.log.info("cluster \(name) is no part of the mesh any more")
    member.thread.stop()
    engine.leave(cluster: name)
  }

  private func show() {
    let members = clusters.mapValues(\.isComplete)
    let secrets = plan.secrets
    environment.readiness.update { statuses in
      let before = statuses.remote
      statuses.remote = Dictionary(
        uniqueKeysWithValues: members.map { name, isComplete in
          (
            name,
            ClusterStatuses.Remote(
              secret: secrets[name] ?? "", status: before[name]?.status, isComplete: isComplete)
          )
        })
    }
  }

  /// Takes what a thread has to say; answers what is new to say about it. What comes late of one that
  /// was told to end counts for nothing.
  func take(_ batch: ReadBatch, from number: Number) -> [Diagnostic] {
    guard let name = clusters.first(where: { $0.value.number == number })?.key,
      let member = clusters[name]
    else { return [] }
    let found = member.objects.take(batch)
    if member.objects.isIncomplete { member.thread.tellAgain() }
    let problems = batch.problems.filter { !member.problems.contains($0) }
    clusters[name]?.problems = batch.problems
    if batch.origin == .cluster(.complete), !member.isComplete {
      clusters[name]?.isComplete = true
      show()
    }
    return found + problems
  }

  /// The mesh's settings or namespaces may be others now, and with them what counts.
  func settle() {
    for member in clusters.values {
      member.objects.settle()
      if member.objects.isIncomplete { member.thread.tellAgain() }
    }
  }

  /// Until when the first snapshot waits for clusters; nil where it does not.
  func awaitedUntil(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    clusters.values.filter { !$0.isComplete && now < $0.awaitedUntil }.map(\.awaitedUntil).min()
  }

  /// Those that were not heard in time, for the log.
  var late: [String] { clusters.filter { !$0.value.isComplete }.keys.sorted() }

  func stop() {
    for member in clusters.values { member.thread.stop() }
  }
}
