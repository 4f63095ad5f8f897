internal import Diagnostics
internal import Documents

/// A type that is read from a mapping: its initializer asks for each field by name, in one expression.
protocol FieldReadable {
  init(_ fields: inout Fields)
}

/// The fields of one mapping of an object, asked for by name and type.
///
/// A field of the wrong type is reported and reads as absent, so that one reading finds everything
/// wrong. `null` is absence. What nobody asked for is reported as unknown at the end.
struct Fields {
  let reading: Reading
  private let mapping: Node.Mapping
  private var seen: Set<Int> = []
  private var seenCount = 0
  private var seenBits: UInt64 = 0
  private var takesOthers = false

  private init(_ mapping: Node.Mapping, reading: Reading) {
    self.mapping = mapping
    self.reading = reading
  }

  var position: Node.Position { mapping.position }

  /// Reads a `Value` from `node`, which must be a mapping; unknown fields of it are reported.
  static func read<Value>(
    _ node: Node, _ reading: Reading, _ body: (inout Fields) -> Value
  ) -> Value? {
    guard let mapping = node.mapping else {
      reading.report(
        .wrongType(found: reading.shown(node), expected: "a mapping"), at: [],
        position: node.position)
      return nil
    }
    var fields = Fields(mapping, reading: reading)
    let value = body(&fields)
    if !fields.takesOthers, fields.seenCount < mapping.count {
      fields.reportUnknown(known: catalogue(of: body))
    }
    return value
  }

  /// Where the mapping stands, for a value that is named in messages later.
  var sourcePosition: SourcePosition {
    SourcePosition(line: position.line, column: position.column)
  }

  /// Fields that nobody asks for are all right: they belong to others.
  mutating func allowOthers() { takesOthers = true }

  /// Fields that are known and mean nothing here.
  mutating func ignore(_ keys: String...) {
    for key in keys {
      if reading.catalogue != nil {
        reading.catalogue?.note(key, isRead: false)
      } else {
        _ = find(key)
      }
    }
  }

  /// Whether what `steps` lead to is there and neither null nor empty.
  func isGiven(_ steps: Reading.Step...) -> Bool {
    switch node(at: steps)?.content {
    case nil, .null, .string(""), .sequence([]): false
    case .bool, .integer, .number, .string, .sequence, .mapping: true
    }
  }

  /// Whether what `steps` lead to is there and not null.
  func isPresent(_ steps: Reading.Step...) -> Bool {
    node(at: steps).map { !$0.isNull } ?? false
  }

  /// Whether the field is there and is none of the choices; that was reported then.
  func isMisread<Choice: RawRepresentable<String>>(_ key: String, _ type: Choice.Type) -> Bool {
    has(key) && node(at: [.key(key)])?.text.flatMap(Choice.init) == nil
  }

  /// Whether the field is there and not null.
  func has(_ key: String) -> Bool {
    field(key).map { !$0.value.isNull } ?? false
  }

  /// The value of a field, nil where it is null or not there.
  mutating func find(_ key: String) -> Node? {
    if reading.catalogue != nil {
      reading.catalogue?.note(key)
      return nil
    }
    guard let (number, value) = field(key) else { return nil }
    markSeen(number)
    return value.isNull ? nil : value
  }

  /// Reads a field with `body`, with the path set to it.
  mutating func value<Value>(_ key: String, _ body: (Reading, Node) -> Value?) -> Value? {
    guard let node = find(key) else { return nil }
    return reading.within(.key(key)) { body(reading, node) }
  }

  /// Reads what istiod's validation warns of nothing in, whose warnings are ours alone.
  mutating func withoutWarningsOfIstiod<Value>(_ body: (inout Fields) -> Value) -> Value {
    let before = reading.dropsWarnings
    reading.dropsWarnings = true
    defer { reading.dropsWarnings = before }
    return body(&self)
  }

  /// Notes `finding` about what `steps` lead to from this mapping, or about the mapping itself.
  func report(_ finding: Finding, at steps: Reading.Step...) { report(finding, at: steps) }

  func report(_ finding: Finding, at steps: [Reading.Step]) {
    let depth = (0...steps.count).last { node(at: Array(steps.prefix($0))) != nil } ?? 0
    reading.report(
      finding, at: steps, position: node(at: Array(steps.prefix(depth)))?.position ?? position)
  }

  /// What `steps` lead to, as it is written; asking for it reads nothing.
  func node(at steps: [Reading.Step]) -> Node? {
    guard case .key(let key)? = steps.first else { return Node(mapping) }
    guard var node = field(key)?.value else { return nil }
    for step in steps.dropFirst() {
      switch (step, node.content) {
      case (.key(let key), .mapping):
        guard let next = node[key] else { return nil }
        node = next
      case (.index(let index), .sequence(let items)) where index < items.count:
        node = items[index]
      case (.key, _), (.index, _), (.inside, _): return nil
      }
    }
    return node
  }

  /// The value of a key, and the how many-th it is.
  private func field(_ key: String) -> (number: Int, value: Node)? {
    if let found = mapping.find(key) { return found }
    guard reading.acceptsUnderscores else { return nil }
    let entries = mapping.entries
    return entries.firstIndex { $0.key.utf8.contains(UInt8(ascii: "_")) && camel($0.key) == key }
      .map { ($0, entries[$0].value) }
  }

  private mutating func markSeen(_ index: Int) {
    if index < 64 {
      guard seenBits & (1 << UInt64(index)) == 0 else { return }
      seenBits |= 1 << UInt64(index)
      seenCount += 1
    } else if seen.insert(index).inserted {
      seenCount += 1
    }
  }

  private func wasSeen(_ index: Int) -> Bool {
    index < 64 ? seenBits & (1 << UInt64(index)) != 0 : seen.contains(index)
  }
}

extension Fields {
  /// What a type asks for when it reads.
  static func catalogue<Value>(
    _ empty: FieldCatalogue = FieldCatalogue(), of body: (inout Fields) -> Value
  ) -> FieldCatalogue {
    let reading = Reading(file: "")
    reading.catalogue = empty
    var fields = Fields(.empty, reading: reading)
    _ = body(&fields)
    return reading.catalogue ?? empty
  }

  /// While a type is asked what it reads: the fields of the type of one of its fields.
  func catalogueBelow<Value>(
    _ key: String, isList: Bool, _ body: (inout Fields) -> Value
  ) {
    guard reading.catalogue?.mayDescend == true else { return }
    reading.catalogue?.descend(into: key, isList: isList)
    var fields = Fields(.empty, reading: reading)
    _ = body(&fields)
    reading.catalogue?.ascend()
  }

  private func reportUnknown(known: FieldCatalogue) {
    for (index, entry) in mapping.entries.enumerated() where !wasSeen(index) {
      let parents = known.below.filter { $0.name == entry.key }.map(\.parent)
      reading.report(
        .unknownField(
          entry.key, nearest: nearest(to: entry.key, among: known.names),
          belongsIn: parents.first),
        at: [.key(entry.key)], position: entry.keyPosition)
    }
  }
}

/// `proxy_headers` as `proxyHeaders`.
private func camel(_ name: String) -> String {
  var result = ""
  var isNext = false
  for character in name {
    if character == "_" {
      isNext = true
    } else {
      result += isNext ? character.uppercased() : String(character)
      isNext = false
    }
  }
  return result
}
