internal import Linux

/// Whether the first snapshot of all sources has been compiled, for /ready; any thread may ask.
final class Readiness: Sendable {
  private let state = Lock(false)

  var isReady: Bool {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
