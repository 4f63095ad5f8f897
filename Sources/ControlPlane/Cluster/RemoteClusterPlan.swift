internal import Diagnostics
internal import Ingest

/// Which other clusters are followed, by which kubeconfig, and what to do when the Secrets that say so
/// change (istiod's `pkg/kube/multicluster`, secretcontroller.go).
///
/// A cluster that several Secrets name is the oldest one's. One whose kubeconfig cannot be used is
/// followed by the last that could; one that no Secret names is left.
///
/// Not here, on purpose: threads and connections.
struct RemoteClusterPlan {
  enum Step {
    case join(String, ClusterAccess)
    /// Another way to a cluster that is followed already.
    case move(String, ClusterAccess)
    case leave(String)

    var cluster: String {
      switch self {
      case .join(let name, _), .move(let name, _), .leave(let name): name
      }
    }
  }

  private let own: String
  private let limit: Int
  /// The kubeconfig that each is followed by.
  private(set) var followed: [String: RemoteSecret.Cluster] = [:]
  /// The Secret that each is named by.
  private(set) var secrets: [String: String] = [:]

  private struct Claim {
    let secret: String
    let cluster: RemoteSecret.Cluster
  }

  /// `own` is the cluster that the Secrets are in.
  init(own: String, limit: Int) {
    self.own = own
    self.limit = limit
  }

  /// Takes all Secrets there are, the oldest first. Answers what to do, and all there is to say.
  mutating func take(_ remoteSecrets: [RemoteSecret]) -> (steps: [Step], findings: [Diagnostic]) {
    var findings: [Diagnostic] = []
    var claims: [String: [Claim]] = [:]
    var order: [String] = []
    for secret in remoteSecrets {
      for cluster in secret.kubeconfigs {
        guard cluster.name != own else {
          findings.append(.remoteClusterIsOwn(cluster.name, secret: secret.name))
          continue
        }
        if claims[cluster.name] == nil { order.append(cluster.name) }
        claims[cluster.name, default: []].append(
          Claim(secret: secret.name, cluster: cluster))
      }
    }
    for name in order.dropFirst(limit) {
      findings.append(
        .tooManyRemoteClusters(name, secret: claims[name]?.first?.secret ?? "", limit: limit))
      claims[name] = nil
    }
    var steps = followed.keys.filter { claims[$0] == nil }.sorted().map(Step.leave)
    for step in steps {
      followed[step.cluster] = nil
      secrets[step.cluster] = nil
    }
    for name in order {
      guard let claims = claims[name] else { continue }
      let (step, said) = settle(name, claims)
      findings += said
      if let step { steps.append(step) }
    }
    return (steps, findings)
  }

  /// The first kubeconfig that can be used is the one.
  private mutating func settle(
    _ name: String, _ claims: [Claim]
  ) -> (step: Step?, findings: [Diagnostic]) {
    var findings: [Diagnostic] = []
    for (index, claim) in claims.enumerated() {
      let step: Step?
      if followed[name] == claim.cluster {
        step = nil
      } else {
        do throws(AccessError) {
          let access = try claim.cluster.access(by: claim.secret)
          step = followed[name] == nil ? .join(name, access) : .move(name, access)
        } catch {
          findings.append(
            .remoteClusterAccess(name, secret: claim.secret, problem: error.reason))
          continue
        }
      }
      followed[name] = claim.cluster
      secrets[name] = claim.secret
      let others = claims[(index + 1)...].map {
        Diagnostic.remoteClusterNamedTwice(name, secret: $0.secret, first: claim.secret)
      }
      return (step, findings + others)
    }
    return (nil, findings)
  }
}

extension AccessError {
  fileprivate var reason: String { field.isEmpty ? problem : "\(field) \(problem)" }
}
