import Diagnostics
import Testing

@testable import ControlPlane

@Suite struct FindingLogTests {
  private static func finding(_ gateway: String, line: Int = 1) -> Diagnostic {
    Finding.unknownGateway(gateway).about(
      "gateways[0]", of: ObjectName(kind: "VirtualService", namespace: "a", name: "b"),
      at: Place(file: "a.yaml", line: line))
  }

  @Test func aFindingIsLoggedOnceForAsLongAsItHolds() {
    var log = FindingLog()
    #expect(log.fresh(among: [Self.finding("x")]).count == 1)
    #expect(log.fresh(among: [Self.finding("x")]).isEmpty)
    // Moved by an edit above it.
    #expect(log.fresh(among: [Self.finding("x", line: 7), Self.finding("y")]).count == 1)
    #expect(log.fresh(among: [Self.finding("y")]).isEmpty)
    #expect(log.fresh(among: [Self.finding("x")]).count == 1)
  }

  @Test func whatNobodyWouldReadIsANumber() {
    var log = FindingLog()
    let many = (0..<Limits.loggedFindings + 50).map { Self.finding("g\($0)") }
    let fresh = log.fresh(among: many)
    #expect(fresh.count == Limits.loggedFindings + 1)
    let note = Finding.portWithoutProtocol("x", port: 1).about("", of: nil, at: Place(file: "a"))
    var other = FindingLog()
    #expect(!other.fresh(among: [note] + many).contains(note))
    #expect(fresh.last?.problem.hasPrefix("50 more findings") == true)
    #expect(log.fresh(among: many).isEmpty)
  }
}
