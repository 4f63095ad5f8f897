import Diagnostics
import Documents
import Incremental
import Ingest
import Resources
import Store
import Testing

@testable import ControlPlane

/// What is wanted of objects' status, from what the server tells and analysis finds.
@Suite struct StatusReportsTests {
  private let store = ObjectStore(Graph())

  private func saw(_ text: String, _ reports: StatusReports, at path: String = "p") throws {
    let file = ParsedFile(Array(text.utf8), path: path, limits: DocumentLimits())
    if case .accepted(let resource) = decode(try #require(file.documents.first)).outcome {
      store.put(resource)
    }
    reports.saw(ReadObjects(file), at: path, store)
  }

  private static func entry(_ status: String = "", version: Int = 5) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: e, namespace: shop, generation: 3, resourceVersion: '\(version)'}
    spec: {hosts: [e.example], resolution: DNS, ports: [{name: http, number: 80, protocol: HTTP}]}
    \(status)
    """
  }

  private static let target = StatusTarget(
    group: "networking.istio.io", plural: "serviceentries", namespace: "shop", name: "e")

  private static func finding(_ severity: Diagnostic.Severity, _ code: String) -> Diagnostic {
    Diagnostic(
      severity: severity, code: Code(code), place: Place(file: "p"),
      object: ObjectName(kind: "ServiceEntry", namespace: "shop", name: "e"), problem: "x")
  }

  private static func text(_ changes: [StatusTarget: StatusReport?]) -> String? {
    changes[target].flatMap { $0 }.map { Node(.mapping($0.wanted.fields)).json() }
  }

  @Test func anEntryIsGivenAddressesAndSaysSoOnce() throws {
    let reports = StatusReports([.addresses])
    try saw(Self.entry(), reports)
    #expect(
      Self.text(reports.takeChanges())
        == #"{"addresses":[{"host":"e.example","value":"240.240.0.1"},{"host":"e.example","value":"2001:2::1"}]}"#
    )
    #expect(reports.takeChanges().isEmpty)
    try saw(
      Self.entry("status: {addresses: [{value: 240.240.0.1, host: e.example}]}", version: 6),
      reports)
    let said = try #require(reports.takeChanges()[Self.target].flatMap { $0 })
    #expect(said.wanted.isSaid(by: said.seen) && said.seen.resourceVersion == "6")
  }

  @Test func whatIsGoneIsNobodysBusiness() throws {
    let reports = StatusReports([.addresses])
    try saw(Self.entry(), reports)
    _ = reports.takeChanges()
    reports.lost("p", store)
    #expect(reports.takeChanges() == [Self.target: StatusReport?.none])
    #expect(reports.all.isEmpty)
  }

  @Test func findingsAreCodesInTheirOrderAndTakenBack() throws {
    let reports = StatusReports([.analysis])
    try saw(Self.entry("status: {conditions: [{type: A}]}"), reports)
    #expect(reports.takeChanges() == [Self.target: StatusReport?.none])
    let found = [Self.finding(.warning, "IST0134"), Self.finding(.error, "IST0101")]
    reports.take(findings: found)
    let text = try #require(Self.text(reports.takeChanges()))
    #expect(text.hasPrefix(#"{"observedGeneration":3,"validationMessages":[{"#))
    #expect(
      text.contains(
        #""documentationUrl":"https://istio.io/latest/docs/reference/config/analysis/ist0101/","level":"ERROR","type":{"code":"IST0101"}},{"#
      ))
    reports.take(findings: found.reversed())
    #expect(reports.takeChanges().isEmpty, "the order they were found in is none")
    // Written by then, and nothing to say any more.
    try saw(
      Self.entry("status: {validationMessages: [{level: ERROR}]}", version: 7), reports)
    reports.take(findings: [])
    #expect(
      Self.text(reports.takeChanges()) == #"{"observedGeneration":3,"validationMessages":[]}"#)
  }

  @Test func whatNobodyWritesIsNotLookedAt() throws {
    let reports = StatusReports([.addresses])
    try saw(
      """
      apiVersion: v1
      kind: Service
      metadata: {name: s, namespace: shop, resourceVersion: '1'}
      spec: {ports: [{port: 1}]}
      """, reports)
    reports.take(findings: [Self.finding(.error, "IST0101")])
    #expect(reports.takeChanges().isEmpty && reports.all.isEmpty)
  }
}
