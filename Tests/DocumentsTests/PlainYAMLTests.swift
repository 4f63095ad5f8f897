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
      bytes.withUnsafeBufferPointer { text in
        var plain = PlainYAML(text, from: TextLines(behindMarkOf: bytes), limits: DocumentLimits())
        while isWhole, !plain.isAtEnd {
          if let root = plain.document() { roots.append(root) } else { isWhole = false }
        }
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
}
