import Diagnostics
import Resources
import Testing

@testable import Store

@Suite struct LedgerTests {
  private func gateway(
    _ name: String, line: Int, selector: String = "a", in file: String = "a.yaml"
  ) -> Ledger.Definition {
    let place = Place(file: file, line: line, column: 1)
    let object = Object(
      apiVersion: "networking.istio.io/v1", metadata: ObjectMeta(name: name, namespace: "shop"),
      spec: Gateway(selector: ["app": selector]), place: place)
    return Ledger.Definition(name: object.name, place: place, content: .accepted(.gateway(object)))
  }

  private func refused(_ name: String, line: Int) -> Ledger.Definition {
    Ledger.Definition(
      name: ObjectName(kind: "Gateway", namespace: "shop", name: name),
      place: Place(file: "a.yaml", line: line), content: .refused(reason: "no servers"))
  }

  private func described(_ changes: [Ledger.Change]) -> [String] {
    changes.map { change in
      switch change {
      case .put(.gateway(let object)):
        "put \(object.metadata.name) \(object.spec.selector["app"] ?? "")"
      case .put: "put something else"
      case .remove(let name): "remove \(name.name)"
      }
    }
  }

  @Test func anObjectThatAFileNoLongerHoldsIsRemoved() {
    var ledger = Ledger()
    _ = ledger.replace(
      file: "a.yaml", with: [gateway("one", line: 1), gateway("two", line: 9)], isBroken: false)
    let changes = ledger.replace(file: "a.yaml", with: [gateway("two", line: 1)], isBroken: false)
    #expect(described(changes) == ["remove one", "put two a"])
    #expect(described(ledger.remove(file: "a.yaml")) == ["remove two"])
  }

  @Test func aRefusedObjectKeepsItsLastGoodVersion() {
    var ledger = Ledger()
    _ = ledger.replace(file: "a.yaml", with: [gateway("one", line: 1)], isBroken: false)
    let changes = ledger.replace(file: "a.yaml", with: [refused("one", line: 1)], isBroken: false)
    #expect(described(changes) == ["put one a"])
    #expect(ledger.refusals.values.sorted() == ["no servers"])
    let mended = ledger.replace(
      file: "a.yaml", with: [gateway("one", line: 1, selector: "b")], isBroken: false)
    #expect(described(mended) == ["put one b"])
    #expect(ledger.refusals.isEmpty)
  }

  @Test func aFileWithAnUnreadablePartDeletesNothing() {
    var ledger = Ledger()
    _ = ledger.replace(
      file: "a.yaml", with: [gateway("one", line: 1), gateway("two", line: 9)], isBroken: false)
    let changes = ledger.replace(
      file: "a.yaml", with: [gateway("one", line: 1, selector: "b")], isBroken: true)
    #expect(described(changes) == ["put one b"])
  }

  @Test func ofTwoDefinitionsTheFirstByFileAndLineCounts() {
    var ledger = Ledger()
    _ = ledger.replace(
      file: "b.yaml", with: [gateway("one", line: 1, selector: "b", in: "b.yaml")], isBroken: false)
    let changes = ledger.replace(file: "a.yaml", with: [gateway("one", line: 5)], isBroken: false)
    #expect(described(changes) == ["put one a"])
    let messages = ledger.duplicates.map { $0.text() }
    #expect(messages.count == 1)
    #expect(messages[0].contains("b.yaml:1"))
    #expect(messages[0].contains("a.yaml:5"))
    #expect(described(ledger.remove(file: "a.yaml")) == ["put one b"])
  }

  @Test func writingAnObjectBetweenOthersLeavesTheirPlaces() {
    var ledger = Ledger()
    func numbers(_ names: [String]) -> [UInt64] {
      ledger.replace(
        file: "a.yaml", with: names.map { gateway($0, line: 1) }, isBroken: false
      ).compactMap { change -> (String, UInt64)? in
        guard case .put(.gateway(let object)) = change else { return nil }
        return (object.metadata.name, object.metadata.fileOrder?.number ?? 0)
      }.sorted { names.firstIndex(of: $0.0)! < names.firstIndex(of: $1.0)! }.map(\.1)
    }
    let before = numbers(["x", "b"])
    let after = numbers(["x", "m", "b"])
    #expect([after[0], after[2]] == before)
    #expect(after == after.sorted())
    let moved = numbers(["b", "x", "m"])
    #expect(moved == moved.sorted())
  }

  @Test func numbersRiseHoweverOftenTheListIsCutUp() {
    var numbers = OrderNumbers.numbers([nil, nil])
    for _ in 0..<200 {
      numbers = OrderNumbers.numbers([numbers[0], nil, numbers[1]])
      #expect(numbers[0] < numbers[1] && numbers[1] < numbers[2])
      numbers = [numbers[0], numbers[1]]
    }
  }
}
