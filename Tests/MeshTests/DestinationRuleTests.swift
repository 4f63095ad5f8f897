import Incremental
import Mesh
import Resources
import Store
import Testing

/// Rules are told apart by how many pending requests they allow.
@Suite struct DestinationRuleTests {
  typealias Bench = ServiceBench

  private static let service = ServiceKey(host: "s.back.svc.cluster.local", namespace: "back")

  private static func rule(
    _ namespace: String, _ name: String, created: Int64 = 0,
    host: String = "s.back.svc.cluster.local",
    limit: Int? = nil, subsets: [String] = [], exportTo: [ExportTarget] = [],
    selector: [String: String]? = nil
  ) -> Resource {
    Bench.rule(
      namespace, name, created: created,
      DestinationRule(
        host: host,
        trafficPolicy: limit.map {
          TrafficPolicy(connectionPool: .init(http: .init(http1MaxPendingRequests: $0)))
        },
        subsets: subsets.map { .init(name: $0) }, exportTo: exportTo, workloadSelector: selector))
  }

  private static func selected(
    _ rules: [Resource], from namespace: String = "edge", labels: [String: String] = [:]
  ) -> SelectedRule? {
    let bench = Bench(rules)
    return bench.model.rules.rule(
      for: service, seenBy: bench.proxies(namespace: namespace, labels: labels))
  }

  private static func limit(_ rule: SelectedRule?) -> Int? {
    rule?.trafficPolicy?.connectionPool?.http?.http1MaxPendingRequests
  }

  @Test func theProxysNamespaceGoesBeforeTheServicesAndThatBeforeTheRoot() {
    let root = Self.rule("istio-system", "r", limit: 1)
    let back = Self.rule("back", "b", host: "s", limit: 2)
    let edge = Self.rule("edge", "e", limit: 3)
    #expect(Self.limit(Self.selected([root])) == 1)
    #expect(Self.limit(Self.selected([root, back])) == 2)
    #expect(Self.limit(Self.selected([root, back, edge])) == 3)
    #expect(Self.selected([Self.rule("other", "o", limit: 4)]) == nil)
  }

  @Test func theRootNamespacesProxiesFollowOnlyItsPrivateRulesFirst() {
    let open = Self.rule("istio-system", "open", limit: 1)
    let confined = Self.rule("istio-system", "own", created: 1, limit: 2, exportTo: [.ownNamespace])
    let back = Self.rule("back", "b", limit: 3)
    #expect(Self.limit(Self.selected([open, back], from: "istio-system")) == 3)
    #expect(Self.limit(Self.selected([open, confined, back], from: "istio-system")) == 2)
    #expect(Self.limit(Self.selected([confined], from: "edge")) == nil)
  }

  @Test func theMostSpecificHostCountsEvenWhereItIsHidden() {
    let wide = Self.rule("back", "wide", host: "*.back.svc.cluster.local", limit: 1)
    let wider = Self.rule("back", "wider", host: "*.svc.cluster.local", limit: 2)
    let hidden = Self.rule("back", "hidden", limit: 3, exportTo: [.namespace("front")])
    #expect(Self.limit(Self.selected([wider, wide])) == 1)
    #expect(Self.selected([wider, wide, hidden]) == nil)
    #expect(Self.limit(Self.selected([wider, wide, hidden], from: "front")) == 3)
  }

  @Test func rulesOfOneHostAddTheirSubsetsAndTheFirstPolicyHolds() {
    let rule = Self.selected([
      Self.rule("back", "first", created: 0, subsets: ["v1"]),
      Self.rule("back", "second", created: 1, host: "s", limit: 6, subsets: ["v1", "v2"]),
      Self.rule("back", "third", created: 2, limit: 7, subsets: ["v3"]),
    ])
    #expect(rule?.source == NamespacedName(namespace: "back", name: "first"))
    #expect(Self.limit(rule) == 6)
    #expect(rule?.subsets.map(\.name) == ["v1", "v2", "v3"])
  }

  @Test func aRuleForMoreNamespacesIsTakenIntoOneForFewerAndIsLostToTheRest() {
    let narrow = Self.rule(
      "back", "narrow", created: 0, limit: 8, exportTo: [.namespace("edge")])
    let wide = Self.rule(
      "back", "wide", created: 1, subsets: ["v1"],
      exportTo: [.namespace("edge"), .namespace("front")])
    #expect(Self.selected([narrow, wide])?.subsets.map(\.name) == ["v1"])
    #expect(Self.selected([narrow, wide], from: "front") == nil)
    let unlike = Self.rule("back", "unlike", created: 1, subsets: ["v1"])
    #expect(Self.selected([narrow, unlike])?.subsets.map(\.name) == ["v1"])
    #expect(Self.limit(Self.selected([narrow, unlike])) == nil)
  }

  @Test func aRuleForSelectedWorkloadsIsForThoseOfItsNamespaceAlone() {
    let rules = [
      Self.rule("edge", "mine", limit: 9, selector: ["role": "edge"]),
      Self.rule("back", "all", limit: 1),
    ]
    #expect(Self.limit(Self.selected(rules, labels: ["role": "edge"])) == 9)
    // A selector that does not fit still hides the service's own rule.
    #expect(Self.selected(rules, labels: ["role": "other"]) == nil)
    #expect(Self.limit(Self.selected(rules, from: "front", labels: ["role": "edge"])) == 1)
  }

  @Test func aPortsEntryTakesThePlaceOfTheWholePolicyAndASubsetGoesOverIt() {
    let policy = TrafficPolicy(
      loadBalancer: .init(policy: .simple(.random)), connectionPool: .init(tcp: .init()),
      portLevelSettings: [.init(port: 81, outlierDetection: OutlierDetection())],
      proxyProtocol: .v1)
    let subset = DestinationRule.Subset(
      name: "v1",
      trafficPolicy: TrafficPolicy(
        tls: .init(mode: .simple),
        portLevelSettings: [.init(port: 82, loadBalancer: .init(policy: .simple(.roundRobin)))]))
    let bench = Bench([
      Bench.rule(
        "back", "r",
        DestinationRule(host: "s", trafficPolicy: policy, subsets: [subset]))
    ])
    let effective = { (port: Int, subset: String?) in
      bench.model.rules.policy(
        for: Self.service, port: port, subset: subset, seenBy: bench.proxies())
    }
    #expect(effective(80, nil).loadBalancer?.policy == .simple(.random))
    #expect(effective(81, nil).loadBalancer == nil)
    #expect(effective(81, nil).outlierDetection != nil)
    #expect(effective(81, nil).proxyProtocol == nil)
    #expect(effective(80, "v1").tls?.mode == .simple)
    #expect(effective(80, "v1").loadBalancer?.policy == .simple(.random))
    #expect(effective(82, "v1").loadBalancer?.policy == .simple(.roundRobin))
    #expect(effective(82, "v1").tls == nil)
    #expect(effective(82, "v1").proxyProtocol == .v1)
  }
}
