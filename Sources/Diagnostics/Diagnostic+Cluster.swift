/// What is said about a Kubernetes API server that configuration is read from.
extension Diagnostic {
  package static func serverNotVerified(_ server: String, at place: Place) -> Self {
    Diagnostic(
      severity: .warning, place: place,
      problem: "\(server) is believed without a look at its certificate",
      effect: "Whoever is between can read what is sent, credentials included, and change the mesh")
  }

  package static func clusterCredentials(_ problem: String, server: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: server),
      problem: "there are no credentials to ask with: \(problem)",
      effect: "What was last read keeps serving; it is tried again every few seconds")
  }

  package static func statusForbidden(_ kind: String, reason: String) -> Self {
    Diagnostic(
      severity: .warning, place: Place(file: kind),
      problem: "the server does not let us write their status", evidence: reason,
      effect: "Traffic is as it was; it is tried again every minute")
  }

  package static func statusNotWritten(_ problem: String, lease: String) -> Self {
    Diagnostic(
      severity: .warning, place: Place(file: "Lease \(lease)"),
      problem: "no status is written: \(problem)",
      effect: "Traffic is as it was; it is tried again")
  }

  package static func kindForbidden(_ kind: String, reason: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: kind), problem: "the server does not let us read them",
      evidence: reason,
      effect: "What was last read of them keeps serving, all else is followed; it is tried again")
  }

  /// A control plane beside gateways that read their own Secrets is not meant to.
  package static func secretsForbidden(_ kind: String, reason: String) -> Self {
    Diagnostic(
      severity: .warning, place: Place(file: kind),
      problem: "the server does not let us read them", evidence: reason,
      effect: "No certificate is sent from here and no other cluster is followed, unless that is "
        + "allowed; gateways that read their own Secrets do not need it")
  }

  package static func contentsForbidden(_ object: String, reason: String) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: object), problem: "the server does not let us read it",
      evidence: reason,
      effect: "Whatever refers to it does without, or with what was read last; it is tried again")
  }

  package static func definitionsForbidden(_ kind: String, reason: String) -> Self {
    Diagnostic(
      severity: .warning, place: Place(file: kind),
      problem: "the server does not let us read them", evidence: reason,
      effect: "A kind that is not installed is asked for from time to time instead")
  }

  package static func remoteClusterAccess(
    _ cluster: String, secret: String, problem: String
  ) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: "secrets/\(secret)"),
      problem: "gives no access to cluster \(cluster): \(problem)",
      effect: "What was last read of that cluster keeps serving")
  }

  package static func remoteClusterNamedTwice(
    _ cluster: String, secret: String, first: String
  ) -> Self {
    Diagnostic(
      severity: .warning, place: Place(file: "secrets/\(secret)"),
      problem: "names cluster \(cluster), as secrets/\(first) does",
      effect: "The older Secret counts")
  }

  package static func remoteClusterIsOwn(_ cluster: String, secret: String) -> Self {
    Diagnostic(
      severity: .info, place: Place(file: "secrets/\(secret)"),
      problem: "names cluster \(cluster), which is this one",
      effect: "Its objects are read by other means, and not by this kubeconfig")
  }

  package static func tooManyRemoteClusters(_ cluster: String, secret: String, limit: Int) -> Self {
    Diagnostic(
      severity: .error, place: Place(file: "secrets/\(secret)"),
      problem: "names cluster \(cluster) beyond the \(limit) that are followed",
      effect: "Nothing of that cluster is served")
  }
}
