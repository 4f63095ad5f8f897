internal import Diagnostics
internal import Ingest
internal import Linux

/// The thread that writes statuses back to the cluster, while this replica is the one that does.
final class StatusThread: Sendable {
  private let stopping: EventFD
  private let ended: EventFD
  private let thread: Thread

  /// What passes between it and others.
  private struct Shared: Sendable {
    let access: ClusterAccess
    let options: StatusWriter.Options
    let board: StatusBoard
    let readiness: Readiness
    let log: Log
    let stopping: EventFD
  }

  init(
    _ access: ClusterAccess, _ options: StatusWriter.Options, _ board: StatusBoard,
    _ readiness: Readiness, _ log: Log
  ) throws(LinuxError) {
    stopping = try EventFD()
    ended = try EventFD()
    let shared = Shared(
      access: access, options: options, board: board, readiness: readiness, log: log,
      stopping: stopping)
    thread = try Thread(name: "status") { [ended] in
      do throws(KubernetesSource.Failure) {
        try StatusThread.run(shared)
      } catch {
        log.error("status cannot be written any more: \(error)")
      }
      ended.signal()
    }
  }

  /// Tells it to leave its Lease to others and to end.
  func stop() { stopping.signal() }

  /// Waits until it has ended, or for so long: a credential plugin may take longer than the process has.
  func wait(atMost patience: Duration) throws(LinuxError) {
    let epoll = try Epoll()
    try epoll.add(ended.descriptor, .readable, token: 0)
    _ = try epoll.wait(timeout: patience)
  }

  /// How often what the pages show is brought up to date though nothing happens.
  private static let pulse = Duration.seconds(1)

  private static func run(_ shared: Shared) throws(KubernetesSource.Failure) {
    let writer = try StatusWriter(shared.access, shared.options, now: .now)
    var told = Told()
    do throws(LinuxError) {
      let epoll = try Epoll()
      try epoll.add(writer.descriptor, .readable, token: 0)
      try epoll.add(shared.stopping.descriptor, .readable, token: 1)
      try epoll.add(shared.board.descriptor, .readable, token: 2)
      while true {
        let events = try epoll.wait(timeout: pulse)
        if events.contains(where: { $0.token == 1 }) {
          writer.release(within: Limits.leaseRelease)
          return
        }
        if events.contains(where: { $0.token == 2 }) {
          try writer.take(shared.board.takeAll(), now: .now)
        }
        if !events.isEmpty { try writer.advance(now: .now) }
        let state = writer.state(now: .now)
        told.tell(state, shared.log)
        shared.readiness.writer = state
      }
    } catch {
      throw .system(error)
    }
  }

  /// What was logged, so that each is logged once for as long as it holds.
  private struct Told {
    private var isHeld = false
    private var problems: [Diagnostic] = []

    mutating func tell(_ state: WriterState, _ log: Log) {
      if state.isHeld != isHeld {
        isHeld = state.isHeld
        log.info(
          isHeld
            ? "this replica writes status: it holds the Lease \(state.lease)"
            : "this replica does not write status any more: it has lost the Lease \(state.lease)")
      }
      var found: [Diagnostic] = state.forbidden.map {
        .statusForbidden($0.resource, reason: $0.reason)
      }
      if let problem = state.problem {
        found.append(.statusNotWritten(problem, lease: state.lease))
      }
      for problem in found where !problems.contains(problem) { log.warning(problem.text(.logged)) }
      problems = found
    }
  }
}
