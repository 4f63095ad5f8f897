internal import Linux

/// Whether the first snapshot of all sources has been compiled, for /ready, and what of a cluster's
/// objects is known; any thread may ask.
final class Readiness: Sendable {
  private let state = Lock(State())

  private struct State: Sendable {
    var isReady = false
    var cluster: ClusterStatus?
  }

  var isReady: Bool {
    get { state.withLock { $0.isReady } }
    set { state.withLock { $0.isReady = newValue } }
  }

  /// Nil where no cluster is followed.
  var cluster: ClusterStatus? {
    get { state.withLock { $0.cluster } }
    set { state.withLock { $0.cluster = newValue } }
  }
}
