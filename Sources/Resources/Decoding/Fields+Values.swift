internal import Diagnostics
internal import Documents

extension Fields {
  // MARK: Text

  /// The text, nil where it is absent or empty: proto3 does not tell the two apart.
  mutating func string(_ key: String, check: (String) -> Finding? = { _ in nil }) -> String? {
    let text = value(key) { $0.string($1, check: check) }
    return text?.isEmpty == true ? nil : text
  }

  /// The text, empty where it is absent.
  mutating func text(_ key: String, check: (String) -> Finding? = { _ in nil }) -> String {
    string(key, check: check) ?? ""
  }

  /// The text where it was written, even if empty: for fields of which one of several is given.
  mutating func presentString(_ key: String) -> String? {
    value(key) { $0.string($1) }
  }

  mutating func strings(
    _ key: String, check: (String) -> Finding? = { _ in nil }
  ) -> [String] {
    list(key, of: "strings") { $0.string($1, check: check) }
  }

  mutating func labels(_ key: String) -> [String: String] {
    value(key) { $0.labels($1) } ?? [:]
  }

  mutating func labels(
    _ key: String, check: (String, String) -> Finding?
  ) -> [String: String] {
    let labels = value(key) { $0.labels($1, check: check) } ?? [:]
    return reading.shared?.shared(labels) ?? labels
  }

  mutating func sortedStrings(
    _ key: String, check: (String, String) -> Finding? = { _, _ in nil }
  ) -> [Named<String>] {
    entries(key) { reading, key, node in reading.string(node, check: { check(key, $0) }) }
  }

  // MARK: Numbers, truth, time

  mutating func int(_ key: String, _ range: ClosedRange<Int>) -> Int? {
    value(key) { $0.int($1, range) }
  }

  mutating func ints(_ key: String, _ range: ClosedRange<Int>) -> [Int] {
    list(key, of: "numbers") { $0.int($1, range) }
  }

  mutating func double(_ key: String) -> Double? {
    value(key) { $0.double($1) }
  }

  mutating func bool(_ key: String) -> Bool? {
    value(key) { reading, node in
      if case .bool(let value) = node.content { return value }
      return reading.refuse(node, expected: "true or false")
    }
  }

  mutating func flag(_ key: String) -> Bool { bool(key) ?? false }

  mutating func duration(
    _ key: String, check: (Duration) -> Finding? = { _ in nil }
  ) -> Duration? {
    value(key) { $0.duration($1, check: check) }
  }

  mutating func timestamp(_ key: String) -> Timestamp? {
    value(key) { reading, node in
      guard let text = reading.text(node) else {
        return reading.refuse(node, expected: "a time such as \"2024-05-01T12:00:00Z\"")
      }
      guard let time = Timestamp(rfc3339: text) else {
        reading.report(.notATime(text), at: [], position: node.position)
        return nil
      }
      return time
    }
  }

  // MARK: Enumerations

  mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) -> Choice? {
    value(key) { $0.choice($1) }
  }

  // MARK: Parts

  mutating func one<Value: FieldReadable>(_ key: String, _ type: Value.Type = Value.self) -> Value?
  {
    one(key) { Value(&$0) }
  }

  mutating func one<Value>(_ key: String, _ body: (inout Fields) -> Value) -> Value? {
    if reading.catalogue != nil {
      reading.catalogue?.note(key)
      catalogueBelow(key, isList: false, body)
      return nil
    }
    return value(key) { Fields.read($1, $0, body) }
  }

  mutating func many<Value: FieldReadable>(_ key: String, _ type: Value.Type = Value.self)
    -> [Value]
  {
    many(key) { Value(&$0) }
  }

  mutating func many<Value>(_ key: String, _ body: (inout Fields) -> Value) -> [Value] {
    if reading.catalogue != nil {
      reading.catalogue?.note(key)
      catalogueBelow(key, isList: true, body)
      return []
    }
    return list(key, of: "mappings") { Fields.read($1, $0, body) }
  }

  mutating func list<Value>(
    _ key: String, of what: String, _ element: (Reading, Node) -> Value?
  ) -> [Value] {
    let values: [Value]? = value(key) { reading, node in
      guard let items = node.items else {
        return reading.refuse(node, expected: "a list of \(what)")
      }
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for (index, item) in items.enumerated() {
        if let value = reading.within(.index(index), { element(reading, item) }) {
          values.append(value)
        }
      }
      return values
    }
    return values ?? []
  }

  /// The entries of a map, sorted by key.
  mutating func entries<Value: Hashable & Sendable>(
    _ key: String, _ element: (Reading, String, Node) -> Value?
  ) -> [Named<Value>] {
    let values: [Named<Value>]? = value(key) { reading, node in
      guard let entries = node.mapping?.entries else {
        return reading.refuse(node, expected: "a mapping")
      }
      return entries.compactMap { entry in
        reading.within(.key(entry.key)) { element(reading, entry.key, entry.value) }
          .map { Named(name: entry.key, value: $0) }
      }
    }
    return (values ?? []).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}

extension ClosedRange<Int> {
  static let int32 = -2_147_483_648...2_147_483_647
  static let uint32 = 0...4_294_967_295
  static let uint64 = 0...Int.max
  static let port = 1...65535
}
