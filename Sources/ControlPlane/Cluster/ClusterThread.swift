internal import Ingest
internal import Linux
internal import Resources

/// The thread that follows the Kubernetes API: it reads, and hands over what it read.
final class ClusterThread: Sendable {
  private let stopping: EventFD
  private let tellingAgain: EventFD
  private let thread: Thread

  /// What passes between it and the compile thread besides the batches.
  private struct Shared: Sendable {
    let access: ClusterAccess
    let options: KubernetesSource.Options
    let mailboxes: Mailboxes
    let readiness: Readiness
    let backlog: Backlog
    let stopping: EventFD
    let tellingAgain: EventFD
  }

  /// Starts it. `onFailure` is told if it cannot go on.
  init(
    _ access: ClusterAccess, _ options: KubernetesSource.Options, _ mailboxes: Mailboxes,
    _ readiness: Readiness, _ backlog: Backlog,
    onFailure: @escaping @Sendable (String) -> Void
  ) throws(LinuxError) {
    stopping = try EventFD()
    tellingAgain = try EventFD()
    let shared = Shared(
      access: access, options: options, mailboxes: mailboxes, readiness: readiness,
      backlog: backlog, stopping: stopping, tellingAgain: tellingAgain)
    thread = try Thread(name: "kubernetes") {
      do throws(KubernetesSource.Failure) {
        try ClusterThread.run(shared)
      } catch {
        onFailure("\(error)")
      }
    }
  }

  /// Tells it to end. Nobody waits for that: a credential plugin may take longer than the process has.
  func stop() { stopping.signal() }

  /// Has it list and hand over everything once more.
  func tellAgain() { tellingAgain.signal() }

  /// How often what the pages show is brought up to date though nothing happens.
  private static let pulse = Duration.seconds(1)

  private static func run(_ shared: Shared) throws(KubernetesSource.Failure) {
    let source = try KubernetesSource(shared.access, shared.options, now: .now)
    do throws(LinuxError) {
      let epoll = try Epoll()
      try epoll.add(source.descriptor, .readable, token: 0)
      try epoll.add(shared.stopping.descriptor, .readable, token: 1)
      try epoll.add(shared.tellingAgain.descriptor, .readable, token: 2)
      while true {
        let events = try epoll.wait(timeout: pulse)
        if events.contains(where: { $0.token == 1 }) { return }
        if events.contains(where: { $0.token == 2 }) {
          shared.tellingAgain.clear()
          try source.tellAgain(now: .now)
        }
        if !events.isEmpty, let batch = try source.changes(now: .now) {
          guard try hand(batch, to: shared) else { return }
        }
        shared.readiness.cluster = ClusterStatus(
          server: shared.access.server, kinds: source.states(now: .now),
          waitingFor: source.waitingFor())
      }
    } catch {
      throw .system(error)
    }
  }

  /// What the compile thread has not taken yet is bounded: beyond that this thread stops reading, and
  /// the server's own buffers fill. False when it is to end.
  private static func hand(_ batch: Batch, to shared: Shared) throws(LinuxError) -> Bool {
    shared.backlog.add(batch.files.count)
    var isPosted = false
    let stop = try Epoll()
    try stop.add(shared.stopping.descriptor, .readable, token: 0)
    while true {
      isPosted = isPosted || shared.mailboxes.engine.post(.cluster(batch))
      if isPosted, !shared.backlog.isFull { return true }
      if try !stop.wait(timeout: .milliseconds(20)).isEmpty { return false }
    }
  }
}
