package import Diagnostics
package import Documents

/// What a source of configuration has to say at once: the files that are different, each as a whole.
package struct Batch: Sendable {
  package enum Origin: Hashable, Sendable {
    case directories
    case cluster(Progress)
  }

  /// How much of a cluster has been told.
  package enum Progress: Hashable, Sendable {
    case begun
    /// Every kind was listed: what is read whole may now be said (``KubernetesSource/read(_:now:)``),
    /// and until it was, and has been, there is more than has been told.
    case listed
    case complete
  }

  package let origin: Origin
  /// The files whose contents changed, in the order of their paths. What a file defined before gives
  /// way to what it says now; its ``ParsedFile/extent`` says whether that is all of it.
  package let files: [ParsedFile]
  /// The files that are no more, in order: what they defined is gone.
  package let removed: [String]
  /// All that is wrong with the paths themselves, as it stands now: in place of what the origin's last
  /// batch said. What was read below such a path stays in force.
  package let problems: [Diagnostic]
  /// All Secrets that name other clusters, where they are others than before.
  package let remoteSecrets: [RemoteSecret]?
  package let readAt = ContinuousClock.now

  package init(
    from origin: Origin, files: [ParsedFile], removed: [String], problems: [Diagnostic],
    remoteSecrets: [RemoteSecret]? = nil
  ) {
    self.origin = origin
    self.files = files
    self.removed = removed
    self.problems = problems
    self.remoteSecrets = remoteSecrets
  }
}
