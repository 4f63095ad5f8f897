import Delivery
import Documents
import Mesh
import Resources
import Segments
import TestSupport
import Testing

@testable import Compiler
@testable import ControlPlane
@testable import Incremental

/// All that is compiled, audited as `serve` does it.
@Suite struct SelfAuditTests {
  private static func engine(_ seed: UInt64, _ random: inout SeededRandom) throws -> Engine {
    let engine = Engine(MeshOptions())
    var files = RandomFiles()
    engine.connect(1, as: try proxy()) { _ in }
    for step in 1...20 {
      for _ in 0..<3 {
        let path = files.change(using: &random)
        if let text = files.texts[path] {
          _ = engine.replace(ParsedFile(Array(text.utf8), path: path))
        } else {
          engine.remove(path)
        }
      }
      _ = engine.publish(.change, changedAt: .zero)
      guard step % 5 == 0 else { continue }
      let found = SelfAuditTests.round(engine)
      #expect(found.map(\.text) == [], "seed \(seed), step \(step)")
    }
    return engine
  }

  private static func proxy() throws -> ConnectedProxy {
    let read = ProxyNode.read(
      id: "router~10.3.0.1~pod-1.shop~shop.svc.cluster.local",
      metadata: Node(
        .mapping([
          .init(key: "NAMESPACE", value: Node(.string("shop"))),
          .init(
            key: "LABELS",
            value: Node(.mapping([.init(key: "app", value: Node(.string("edge")))]))),
        ])))
    return ConnectedProxy(try read.get(), mayHaveSecrets: true)
  }

  /// What a whole round finds.
  private static func round(_ engine: Engine) -> [Audit.Difference] {
    Audit(engine.model.graph).slice { true }.differences
  }

  /// No function of the compiler reads what it does not declare, whatever the mesh.
  @Test(arguments: UInt64(0)..<12) func nothingIsReadThatIsNotDeclared(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    _ = try SelfAuditTests.engine(seed, &random)
  }

  @Test func aWrongResourceIsNamedSetRightAndSent() throws {
    var random = SeededRandom(seed: 3)
    let engine = try SelfAuditTests.engine(3, &random)
    let proxies = try #require(engine.publisher.connectedClasses.first)
    let name = try #require(engine.compilation.clusters.names(proxies).first)
    let key = ResourceKey(proxies, name)
    let right = try #require(engine.compilation.clusters.bodies(key))
    engine.compilation.clusters.bodies.spoil(key, with: Rope(Array("wrong".utf8)))

    let found = SelfAuditTests.round(engine)
    #expect(found.map(\.name) == ["cluster"] && found[0].isWrong)
    #expect(found[0].text.contains("was wrong and is set right"))
    let instructions = engine.publish(.audit(found[0].name), changedAt: .zero)
    guard case .update(_, let update)? = instructions.first, instructions.count == 1 else {
      Issue.record("one class is told: \(instructions)")
      return
    }
    #expect(update.changes.keys.map(\.serviceName) == ["CDS"])
    #expect(update.changes[.cluster]?.upserts.map(\.body) == [right])
    let record = try #require(
      engine.pushes.now.pushes.places.last.map { engine.pushes.now.pushes[$0] })
    #expect(record.cause.text == "self-audit: cluster" && record.cause.trigger == "debug")
    #expect(SelfAuditTests.round(engine).isEmpty)
  }

  /// A slice ends with its time, the round with the last value, and each value is looked at once.
  @Test func slicesAddUpToARound() throws {
    var random = SeededRandom(seed: 5)
    let engine = try SelfAuditTests.engine(5, &random)
    let whole = Audit(engine.model.graph).slice { true }
    let audit = Audit(engine.model.graph)
    var values = 0
    for number in 1... {
      var steps = 0
      let slice = audit.slice {
        steps += 1
        return steps < 10
      }
      values += slice.values
      #expect(slice.values == 10 || slice.isEnd)
      if slice.isEnd {
        #expect(number > 5 && values == whole.values)
        break
      }
    }
    #expect(SelfAudit.pause(after: .milliseconds(3)) == .milliseconds(297))
  }
}
