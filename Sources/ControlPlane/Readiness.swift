internal import Ingest
internal import Linux

/// Whether the first snapshot of all sources has been compiled, for /ready, and what of a cluster's
/// objects is known; any thread may ask.
final class Readiness: Sendable {
  private let state = Lock(State())

  private struct State: Sendable {
    var isReady = false
    var clusters = ClusterStatuses()
    var writer: WriterState?
  }

  var isReady: Bool {
    get { state.withLock { $0.isReady } }
    set { state.withLock { $0.isReady = newValue } }
  }

  var clusters: ClusterStatuses { state.withLock { $0.clusters } }

  func update(_ change: (inout ClusterStatuses) -> Void) {
    state.withLock { change(&$0.clusters) }
  }

  /// Nil where no status is written.
  var writer: WriterState? {
    get { state.withLock { $0.writer } }
    set { state.withLock { $0.writer = newValue } }
  }
}
