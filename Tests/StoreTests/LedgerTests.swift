import Diagnostics
import Resources
import TestSupport
import Testing

@testable import Store

@Suite struct LedgerTests {
  private func gateway(
    _ name: String, line: Int, selector: String = "a", in file: String = "a.yaml"
  ) -> Ledger.Definition {
    let place = Place(file: file, line: line, column: 1)
    let object = Object(
      metadata: ObjectMeta(name: name, namespace: "shop"),
      spec: Gateway(selector: ["app": selector]), place: place)
    return Ledger.Definition(name: object.name, place: place, content: .accepted(.gateway(object)))
  }

  private func refused(
    _ name: String, line: Int, in file: String = "a.yaml"
  ) -> Ledger.Definition {
    Ledger.Definition(
      name: ObjectName(kind: "Gateway", namespace: "shop", name: name),
      place: Place(file: file, line: line), content: .refused(reason: "no servers"))
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

  /// One object for the same, as API servers tell it, is taken as any definition is, or not at all.
  @Test(arguments: 0..<50) func oneObjectForTheSameCountsAsAnyDefinition(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var (quick, plain) = (Ledger(), Ledger())
    var taken = 0
    for step in 0..<80 {
      let comment: Comment = "seed \(seed), step \(step)"
      let file = ["a.yaml", "b.yaml", "c.yaml"][Int.random(in: 0..<3, using: &random)]
      // Mostly the one that is the file's own.
      let isOwn = Int.random(in: 0..<10, using: &random) > 0
      let names = isOwn ? [file] : ["one", "two"].shuffled(using: &random)
      let definitions = names.prefix(Int.random(in: 0...2, using: &random)).enumerated().map {
        Int.random(in: 0..<8, using: &random) == 0
          ? refused($1, line: $0 + 1, in: file)
          : gateway($1, line: $0 + 1, selector: "\(step)", in: file)
      }
      let expected = plain.replace(file: file, with: definitions, isBroken: false)
      if case .accepted(let resource)? = definitions.first?.content, definitions.count == 1,
        let now = quick.replace(file: file, withOnly: resource)
      {
        taken += 1
        #expect(described([.put(now)]) == described(expected), comment)
      } else {
        let changes = quick.replace(file: file, with: definitions, isBroken: false)
        #expect(described(changes) == described(expected), comment)
      }
      #expect(quick.duplicates == plain.duplicates, comment)
      #expect(quick.refusals == plain.refusals, comment)
      #expect(quick.paths == plain.paths, comment)
    }
    #expect(taken > 0, "seed \(seed)")
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

  /// Files come, change and go; what counts of each object is the first that they say now.
  @Test(arguments: UInt64(0)..<50) func theFirstOfWhatFilesSayNowCounts(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var ledger = Ledger()
    var files: [String: (names: [String], step: Int)] = [:]
    var counting: [String: String] = [:]
    for step in 1...40 {
      let file = "\(Int.random(in: 0..<3, using: &random)).yaml"
      let pool = (0..<20).map { "n\($0)" }.shuffled(using: &random)
      let names = Array(pool.prefix(Int.random(in: 0...16, using: &random)))
      files[file] = names.isEmpty ? nil : (names, step)
      let changes =
        names.isEmpty
        ? ledger.remove(file: file)
        : ledger.replace(
          file: file,
          with: names.enumerated().map {
            gateway($1, line: $0 + 1, selector: "\(file) \(step)", in: file)
          }, isBroken: false)
      for change in changes {
        switch change {
        case .put(.gateway(let object)):
          counting[object.metadata.name] = object.spec.selector["app"]
        case .put: Issue.record("only gateways are put")
        case .remove(let name): counting[name.name] = nil
        }
      }
      var expected: [String: String] = [:]
      for (file, said) in files.sorted(by: { $0.key < $1.key }) {
        for name in said.names where expected[name] == nil {
          expected[name] = "\(file) \(said.step)"
        }
      }
      #expect(counting == expected, "seed \(seed), step \(step)")
      let twice = files.values.flatMap(\.names).count - expected.count
      #expect(ledger.duplicates.count == twice, "seed \(seed), step \(step)")
    }
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
