import Foundation
import TestSupport
import Testing

@testable import Documents

/// What is read without libyaml is what libyaml reads, or it is not read.
@Suite struct PlainYAMLTests {
  /// Documents until one cannot be read, and whether that was all.
  private struct Reading {
    var roots: [Node] = []
    var isWhole = true

    init(plain bytes: [UInt8]) {
      let lines = bytes.last == UInt8(ascii: "\n") ? bytes : bytes + Array("\n".utf8)
      lines.withUnsafeBufferPointer { text in
        var plain = PlainYAML(text, from: TextLines(behindMarkOf: bytes), limits: DocumentLimits())
        var read: [Int] = []
        while isWhole, !plain.isAtEnd {
          if let root = plain.document() { read.append(root) } else { isWhole = false }
        }
        let tape = Tape(plain.items, of: lines)
        roots = read.map { tape.node($0) }
      }
    }

    init(byLibyaml bytes: [UInt8]) {
      let events = YAMLEvents(
        bytes[TextLines(behindMarkOf: bytes).offset...], lineOffset: 0)
      while true {
        switch events.advance() {
        case .streamEnd: return
        case .documentStart:
          events.advance()
          var tree = YAMLTree(events, file: "", limits: DocumentLimits())
          guard let root = tree.root() else {
            isWhole = false
            return
          }
          roots.append(root)
        case .failure:
          isWhole = false
          return
        case _: continue
        }
      }
    }
  }

  private func check(_ bytes: [UInt8], _ what: String) -> Int {
    let plain = Reading(plain: bytes)
    guard !plain.roots.isEmpty, TextCheck.problem(in: bytes, file: "") == nil else { return 0 }
    let expected = Reading(byLibyaml: bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(Array(expected.roots.prefix(plain.roots.count)) == plain.roots, "\(what):\n\(text)")
    if plain.isWhole {
      #expect(expected.isWhole && expected.roots.count == plain.roots.count, "\(what):\n\(text)")
    }
    return plain.roots.count
  }

  /// All YAML of the tests, and what is peculiar.
  private static let texts: [[UInt8]] = {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    var found = [Array(peculiar.utf8)]
    let paths = FileManager.default.enumerator(atPath: tests.path)?.allObjects as? [String] ?? []
    for path in paths.sorted() where path.hasSuffix(".yaml") {
      if let text = try? Data(contentsOf: tests.appending(path: path)) { found.append(Array(text)) }
    }
    precondition(found.count > 100, "a suite without cases must not pass")
    return found
  }()

  private static let peculiar = """
    ---  # a comment
    a: 1
    b :
    ---
    a:   # nothing
    b: 'it''s'
    c: "two words" # said
    'd e': [1, -2, .5, 1e3, 0x1F, 017, 1_000, yes, ~, a b, http://c:80/d?e]
    f: {}
    g: []
    h: {i: [{j: k}, 'l'], "m": n o, p: 10.0.0.1}
    q:
    - r: s
      t:
      - u
      - v: w
    -   x: y
        z: off
    y:
        deeper: http://[::1]:80/#no # comment
        time: 12:30:45

        - : 1
    ---
    on: off
    null: 1
    ---
    list:
      - a
      -b
      - - c
    text: a
      b
    ---
    a: -
    b: - c
    c: "d" e
    d: {a: b,}
    e: {a:b, c}
    f: {8080: a, y: n}
    ---
    plain: a, b] c} d: e
    ...
    """

  @Test func whatTestsHaveReadsAsByLibyaml() {
    let counts = Self.texts.map { check($0, "as it is") }
    #expect(counts.reduce(0, +) > 500)
  }

  /// Damaged ones too: what libyaml refuses must be declined.
  @Test(arguments: UInt64(0)..<40) func damagedTextsReadAsByLibyaml(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let alphabet = Array("\t\r\n\n  ::--{}[]\"'&*!|>%@#,?x.~0\\é".utf8)
    var read = 0
    for round in 0..<100 {
      var bytes = Self.texts.randomElement(using: &random)!
      // A few documents are enough.
      if bytes.count > 3000 {
        let start = Int.random(in: 0..<(bytes.count - 3000), using: &random)
        bytes = Array(bytes[start..<(start + 3000)])
        bytes = Array(bytes.drop { $0 != UInt8(ascii: "\n") }.dropFirst())
      }
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let byte = alphabet.randomElement(using: &random)!
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = byte
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(byte, at: at)
        case _:
          // A line, shifted.
          let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
          let spaces = Int.random(in: 0...3, using: &random)
          if end < bytes.endIndex {
            bytes.insert(
              contentsOf: Array(repeating: UInt8(ascii: " "), count: spaces), at: end + 1)
          }
        }
      }
      read += check(bytes, "seed \(seed), round \(round)")
    }
    #expect(read > 10)
  }

  /// What is asked of a tape is what the tree answers.
  @Test func whatIsTapedAnswersAsItsTree() {
    var values = 0
    for text in Self.texts {
      for root in Reading(plain: text).roots {
        let tree = root.detached
        #expect(root == tree)
        compare(root, tree, &values)
        #expect(canonicalBytes(root) == canonicalBytes(tree), "\(tree.json())")
      }
    }
    #expect(values > 5000)
  }

  private func compare(_ taped: Node, _ tree: Node, _ values: inout Int) {
    values += 1
    #expect(taped.position == tree.position && taped.kindName == tree.kindName)
    #expect(taped.isNull == tree.isNull && taped.isMapping == tree.isMapping)
    #expect(taped.text(sharing: RecurringTexts()) == tree.text(sharing: nil))
    #expect(taped.items?.count == tree.items?.count)
    for (item, other) in zip(taped.items.map(Array.init) ?? [], tree.items.map(Array.init) ?? []) {
      compare(item, other, &values)
    }
    let mappings = (taped.mapping, tree.mapping)
    #expect(mappings.0?.count == mappings.1?.count)
    guard let mapping = mappings.0, let other = mappings.1 else { return }
    #expect(mapping.entries == other.entries)
    #expect(mapping.find("nowhere at all") == nil)
    for (number, entry) in other.entries.enumerated() {
      let found = mapping.find(entry.key)
      #expect(found?.number == number)
      if let found { compare(found.value, entry.value, &values) }
    }
  }

  private func canonicalBytes(_ node: Node) -> [UInt8] {
    var bytes = CanonicalBytes()
    bytes.append(node)
    return bytes.bytes
  }

  /// However many keys there are, none stands twice: libyaml is to say so.
  @Test(arguments: [2, 15, 16, 17, 18, 40, 2000], [true, false])
  func keysThatStandTwiceAreDeclined(count: Int, isFlow: Bool) {
    let keys = (0..<count).map { "key-\($0)" }
    for repeated in [0, count / 2, count - 1] {
      let entries = (keys + [keys[repeated]]).map { "\($0): {a: [b]}" }
      for (entries, isWhole) in [(entries, false), (entries.dropLast(), true)] {
        let text =
          isFlow ? "a: {\(entries.joined(separator: ", "))}\n" : entries.joined(separator: "\n")
        let reading = Reading(plain: Array(text.utf8))
        #expect(reading.isWhole == isWhole)
        #expect(reading.roots.count == (isWhole ? 1 : 0))
      }
    }
  }
}
