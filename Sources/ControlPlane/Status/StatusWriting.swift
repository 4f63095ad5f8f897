internal import Documents
internal import Ingest
internal import Linux

/// Status written back to the cluster that is followed: from what the compile thread finds to the thread
/// that writes.
final class StatusWriting {
  private let access: ClusterAccess
  private let options: StatusWriter.Options
  private let readiness: Readiness
  private let log: Log
  private let board: StatusBoard
  private var thread: StatusThread?

  init(
    _ access: ClusterAccess, _ options: StatusWriter.Options, _ readiness: Readiness, _ log: Log
  ) throws(LinuxError) {
    self.access = access
    self.options = options
    self.readiness = readiness
    self.log = log
    board = try StatusBoard()
  }

  /// Hands over what is different, once all is there: of half a mesh nothing is said, and nobody of whom
  /// nothing is known stands for election.
  func publish(_ reports: StatusReports) throws(LinuxError) {
    board.post(reports.takeChanges())
    if thread == nil { thread = try StatusThread(access, options, board, readiness, log) }
  }

  func stop() { thread?.stop() }

  func wait() throws(LinuxError) { try thread?.wait(atMost: Limits.leaseRelease) }
}

extension ClusterOptions {
  /// Where this replica stands for election, and as whom. A process of its own has an identity of its
  /// own: one that follows another in the same pod is not the same.
  var statusWriter: StatusWriter.Options {
    let name = environmentVariable("POD_NAME") ?? "fairlead"
    let chance = String(UInt32.random(in: .min ... .max), radix: 16)
    let isDefault = revision.isEmpty || revision == "default"
    return StatusWriter.Options(
      namespace: ClusterOptions.rootNamespace,
      lease: isDefault ? "fairlead-status" : "fairlead-status-\(revision)",
      identity: "\(name)_\(chance)", limits: Limits.statusWrites)
  }
}

extension WriterState {
  /// A part of /debug/kubernetes.
  var node: Node {
    var entries: [Node.Entry] = [
      .init(key: "lease", value: .text(lease)),
      .init(key: "identity", value: .text(identity)),
      .init(key: "holder", value: holder.map { .text($0) } ?? Node(.null)),
      .init(key: "isHeldHere", value: Node(.bool(isHeld))),
      .init(key: "transitions", value: Node(.integer(Int64(transitions)))),
      .init(key: "pending", value: Node(.integer(Int64(pending)))),
      .init(key: "done", value: Node(.integer(Int64(done)))),
      .init(key: "failed", value: Node(.integer(Int64(failed)))),
      .init(key: "overwritten", value: Node(.integer(Int64(undone)))),
    ]
    if let problem { entries.append(.init(key: "problem", value: .text(problem))) }
    if !forbidden.isEmpty {
      let kinds = forbidden.map { Node.Entry(key: $0.resource, value: .text($0.reason)) }
      entries.append(.init(key: "forbidden", value: Node(.mapping(kinds))))
    }
    return Node(.mapping(entries))
  }

  var metrics: [MetricFamily] {
    [
      .gauge(
        "fairlead_status_lease_held", "Whether this replica is the one that writes status",
        isHeld ? 1 : 0),
      .gauge(
        "fairlead_status_writes_pending", "Objects whose status is not as it should be", pending),
      MetricFamily(
        name: "fairlead_status_writes_total", kind: "counter", help: "Writes of status, by result",
        samples: [([("result", "done")], done), ([("result", "failed")], failed)]),
      .counter(
        "fairlead_status_overwritten_total", "Statuses that others wrote something else over",
        undone),
    ]
  }
}
