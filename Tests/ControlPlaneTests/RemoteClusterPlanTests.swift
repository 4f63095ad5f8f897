import Ingest
import TLS
import TestSupport
import Testing

@testable import ControlPlane

/// Which clusters are followed as Secrets come, change and go.
@Suite struct RemoteClusterPlanTests {
  private static func kubeconfig(_ server: String) -> String {
    """
    current-context: c
    contexts: [{name: c, context: {cluster: c, user: u}}]
    clusters: [{name: c, cluster: {server: "https://\(server)"}}]
    users: [{name: u, user: {token: t0ken}}]
    """
  }

  private static func secret(_ name: String, _ clusters: [String: String]) -> RemoteSecret {
    RemoteSecret(
      name: "istio-system/\(name)", created: "",
      kubeconfigs: clusters.sorted { $0.key < $1.key }.map {
        .init(name: $0.key, kubeconfig: SecretBytes(Array($0.value.utf8)))
      })
  }

  private func said(_ plan: inout RemoteClusterPlan, _ secrets: [RemoteSecret]) -> [String] {
    let (steps, findings) = plan.take(secrets)
    let done = steps.map { step in
      switch step {
      case .join(let name, let access): "join \(name) \(access.server)"
      case .move(let name, let access): "move \(name) \(access.server)"
      case .leave(let name): "leave \(name)"
      }
    }
    return done + findings.map(\.problem)
  }

  /// secretcontroller_test.go, Test_SecretController.
  @Test func clustersComeMoveAndGoWithTheirSecrets() {
    var plan = RemoteClusterPlan(own: "c0", limit: 9)
    let (one, two) = (Self.kubeconfig("one"), Self.kubeconfig("two"))
    #expect(said(&plan, [Self.secret("s0", ["c1": one])]) == ["join c1 https://one"])
    #expect(said(&plan, [Self.secret("s0", ["c1": one])]) == [])
    #expect(
      said(&plan, [Self.secret("s0", ["c1": two]), Self.secret("s1", ["c2": one, "c3": one])])
        == ["move c1 https://two", "join c2 https://one", "join c3 https://one"])
    #expect(said(&plan, [Self.secret("s1", ["c3": one])]) == ["leave c1", "leave c2"])
    #expect(said(&plan, []) == ["leave c3"])
  }

  @Test func theOwnClusterIsNotFollowedByASecret() {
    var plan = RemoteClusterPlan(own: "c0", limit: 9)
    #expect(
      said(&plan, [Self.secret("s0", ["c0": Self.kubeconfig("one")])])
        == ["names cluster c0, which is this one"])
    #expect(plan.followed.isEmpty)
  }

  @Test func aClusterOfTwoSecretsIsTheFirstsUntilThatIsGone() {
    var plan = RemoteClusterPlan(own: "c0", limit: 9)
    let first = Self.secret("old", ["c1": Self.kubeconfig("one")])
    let second = Self.secret("new", ["c1": Self.kubeconfig("two")])
    #expect(
      said(&plan, [first, second]) == [
        "join c1 https://one", "names cluster c1, as secrets/istio-system/old does",
      ])
    #expect(plan.secrets["c1"] == "istio-system/old")
    #expect(said(&plan, [second]) == ["move c1 https://two"])
    #expect(plan.secrets["c1"] == "istio-system/new")
  }

  @Test func aKubeconfigThatCannotBeUsedLeavesWhatWasThere() {
    var plan = RemoteClusterPlan(own: "c0", limit: 9)
    let bad = Self.kubeconfig("two").replacing("token: t0ken", with: "tokenFile: /t0ken")
    _ = plan.take([Self.secret("s", ["c1": Self.kubeconfig("one")])])
    let complaint =
      "gives no access to cluster c1: users[0].user.tokenFile names a file; only what stands in the kubeconfig itself is believed"
    #expect(said(&plan, [Self.secret("s", ["c1": bad])]) == [complaint])
    #expect(plan.followed["c1"] != nil)
    #expect(said(&plan, [Self.secret("s", ["c1": bad, "c2": bad])]).count == 2)
    #expect(plan.followed["c2"] == nil)
    let other = Self.secret("t", ["c1": Self.kubeconfig("three")])
    #expect(
      said(&plan, [Self.secret("s", ["c1": bad]), other]) == ["move c1 https://three", complaint])
  }

  @Test func noMoreAreFollowedThanMayBe() {
    var plan = RemoteClusterPlan(own: "c0", limit: 2)
    let all = ["c1", "c2", "c3"].map { Self.secret($0, [$0: Self.kubeconfig($0)]) }
    #expect(
      said(&plan, all) == [
        "join c1 https://c1", "join c2 https://c2",
        "names cluster c3 beyond the 2 that are followed",
      ])
    #expect(said(&plan, Array(all.dropFirst())) == ["leave c1", "join c3 https://c3"])
  }

  /// Whatever came before: as long as every kubeconfig can be used, what is followed is what a fresh
  /// start would follow, and each step fits what was followed.
  @Test(arguments: UInt64(0)..<50) func historyDoesNotCount(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var plan = RemoteClusterPlan(own: "c0", limit: 3)
    var followed: [String: String] = [:]
    for step in 1...30 {
      let secrets = ["a", "b", "c"].compactMap { name -> RemoteSecret? in
        guard Bool.random(using: &random) else { return nil }
        let clusters = ["c0", "c1", "c2", "c3", "c4"].filter { _ in Bool.random(using: &random) }
        return Self.secret(
          name,
          Dictionary(
            uniqueKeysWithValues: clusters.map {
              ($0, Self.kubeconfig("s\(Int.random(in: 1...3, using: &random))"))
            }))
      }
      for change in plan.take(secrets).steps {
        switch change {
        case .join(let name, let access):
          #expect(followed.updateValue(access.server, forKey: name) == nil)
        case .move(let name, let access):
          #expect(followed.updateValue(access.server, forKey: name) != nil)
        case .leave(let name): #expect(followed.removeValue(forKey: name) != nil)
        }
      }
      var fresh = RemoteClusterPlan(own: "c0", limit: 3)
      _ = fresh.take(secrets)
      #expect(plan.followed == fresh.followed, "seed \(seed), step \(step)")
      #expect(Set(followed.keys) == Set(fresh.followed.keys), "seed \(seed), step \(step)")
    }
  }
}
