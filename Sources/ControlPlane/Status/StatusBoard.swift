internal import Ingest
internal import Linux

/// Where the compile thread leaves what statuses should say, and the writer's finds it: the newest of
/// each object, so that a writer that is slow, or waits for its turn, finds no more than there are
/// objects.
final class StatusBoard: Sendable {
  private let reports = Lock<[StatusTarget: StatusReport?]>([:])
  private let arrival: EventFD

  init() throws(LinuxError) { arrival = try EventFD() }

  /// Readable while something lies there.
  var descriptor: FileDescriptor { arrival.descriptor }

  func post(_ changes: [StatusTarget: StatusReport?]) {
    guard !changes.isEmpty else { return }
    reports.withLock { $0.merge(changes) { _, newer in newer } }
    arrival.signal()
  }

  func takeAll() -> [StatusTarget: StatusReport?] {
    arrival.clear()
    return reports.withLock { reports in
      let all = reports
      reports = [:]
      return all
    }
  }
}
