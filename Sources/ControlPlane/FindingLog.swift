internal import Diagnostics

/// Which findings about the mesh were logged, so that each is logged once for as long as it holds.
struct FindingLog {
  /// An analysis is to come.
  var isAwaited = false
  private var logged: Set<Diagnostic> = []
  /// How long the last analysis took; the next one leaves the thread to others for many times that, so
  /// that not one change in a hundred waits for it.
  var cost = Duration.zero
  var delay: Duration { max(Limits.analysisDelay, cost * 200) }

  /// Those that were not there the last time, as far as a log is read; the rest is a number.
  mutating func fresh(among findings: [Diagnostic]) -> [Diagnostic] {
    isAwaited = false
    // A finding that only moved in its file is the same.
    let placeless = findings.map(\.withoutPlace)
    let fresh = zip(findings, placeless).filter { !logged.contains($1) }.map(\.0)
    logged = Set(placeless)
    guard fresh.count > Limits.loggedFindings else { return fresh }
    let gravest = [Diagnostic.Severity.error, .warning, .info].flatMap { severity in
      fresh.filter { $0.severity == severity }
    }
    return gravest.prefix(Limits.loggedFindings)
      + [.moreFindings(fresh.count - Limits.loggedFindings)]
  }
}
