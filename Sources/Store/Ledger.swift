package import Diagnostics
package import Resources

/// Which file defines which object, and which definition counts.
///
/// An object's first definition counts, by file and line; a second one is reported with both places.
/// A definition that is refused keeps the last good one of the same file in force, and a file with a
/// part that cannot be read keeps all its objects that are not found in the rest.
package struct Ledger: Sendable {
  /// One object as one file defines it.
  package struct Definition: Sendable {
    package let name: ObjectName
    package let place: Place
    package let content: Content

    package enum Content: Sendable {
      case accepted(Resource)
      /// Refused, and why.
      case refused(reason: String)
    }

    package init(name: ObjectName, place: Place, content: Content) {
      self.name = name
      self.place = place
      self.content = content
    }
  }

  /// What the mesh has to do after a file changed.
  package enum Change: Sendable {
    case put(Resource)
    case remove(ObjectName)
  }

  private struct Entry {
    var place: Place
    /// What counts: the last definition that was accepted.
    var resource: Resource?
    var refusal: String?
    /// Rises down the file; see ``OrderNumbers``.
    var number: UInt64
  }

  /// The files that define an object: mostly one.
  private struct Definers {
    private(set) var first: String
    private(set) var others: Set<String> = []

    init(first: String) { self.first = first }

    var all: [String] { [first] + others }

    mutating func insert(_ file: String) {
      if file != first { others.insert(file) }
    }

    /// Nil where no file is left.
    func without(_ file: String) -> Definers? {
      var left = self
      if file != first {
        left.others.remove(file)
      } else {
        guard let next = left.others.popFirst() else { return nil }
        left.first = next
      }
      return left
    }
  }

  private var files: [String: [ObjectName: Entry]] = [:]
  private var definers: [ObjectName: Definers] = [:]
  private var repeats: [String: [Diagnostic]] = [:]

  package init() {}

  /// How many files define something.
  package var fileCount: Int { files.count }
  /// Those files, sorted.
  package var paths: [String] { files.keys.sorted() }

  /// Takes the definitions that a file holds now. `isBroken`: a part of the file could not be read, so
  /// an object missing from it is not an object deleted.
  package mutating func replace(
    file: String, with definitions: [Definition], isBroken: Bool
  ) -> [Change] {
    let previous = files[file] ?? [:]
    let (firsts, repeated) = Ledger.firsts(of: definitions)
    let numbers = OrderNumbers.numbers(firsts.map { previous[$0.name]?.number })
    var next: [ObjectName: Entry] = isBroken ? previous : [:]
    next.reserveCapacity(firsts.count)
    for (definition, number) in zip(firsts, numbers) {
      next[definition.name] = Ledger.entry(
        definition, number, in: file, previous: previous[definition.name])
    }
    files[file] = next
    if !repeated.isEmpty || !repeats.isEmpty {
      repeats[file] = repeated.isEmpty ? nil : repeated
    }
    let gone = previous.keys.filter { next[$0] == nil }
    return settle(file: file, gone: gone, there: firsts.map(\.name))
  }

  /// The first definition of each object, and what there is to say of the others.
  private static func firsts(
    of definitions: [Definition]
  ) -> (firsts: [Definition], repeated: [Diagnostic]) {
    guard definitions.count > 1 else { return (definitions, []) }
    var places = [ObjectName: Int](minimumCapacity: definitions.count)
    var repeated: [Diagnostic] = []
    for (index, definition) in definitions.enumerated() {
      guard let first = places[definition.name] else {
        places[definition.name] = index
        continue
      }
      repeated.append(
        .duplicateObject(
          definition.name, at: definition.place, first: definitions[first].place))
    }
    guard !repeated.isEmpty else { return (definitions, []) }
    let firsts = definitions.enumerated().filter { places[$0.element.name] == $0.offset }
    return (firsts.map(\.element), repeated)
  }

  private static func entry(
    _ definition: Definition, _ number: UInt64, in file: String, previous: Entry?
  ) -> Entry {
    let order = FileOrder(file: file, number: number)
    switch definition.content {
    case .accepted(let resource):
      return Entry(
        place: definition.place, resource: resource.placed(at: order), refusal: nil, number: number)
    case .refused(let reason):
      return Entry(
        place: definition.place, resource: previous?.resource?.placed(at: order), refusal: reason,
        number: number)
    }
  }

  /// Takes back all that a file defined.
  package mutating func remove(file: String) -> [Change] {
    guard let previous = files.removeValue(forKey: file) else { return [] }
    repeats[file] = nil
    return settle(file: file, gone: Array(previous.keys), there: [])
  }

  /// What is no longer in the file, and what was found in it now.
  private mutating func settle(
    file: String, gone: [ObjectName], there: [ObjectName]
  ) -> [Change] {
    definers.reserveCapacity(definers.count + there.count)
    for name in there { definers[name, default: Definers(first: file)].insert(file) }
    for name in gone { definers[name] = definers[name]?.without(file) }
    return (gone.sorted() + there).map { name in
      firstEntry(of: name)?.resource.map(Change.put) ?? .remove(name)
    }
  }

  /// The first definition with something to serve.
  private func firstEntry(of name: ObjectName) -> Entry? {
    guard let definers = definers[name] else { return nil }
    // Nearly always there is one.
    if definers.others.isEmpty {
      return files[definers.first]?[name].flatMap { $0.resource == nil ? nil : $0 }
    }
    return definers.all.compactMap { files[$0]?[name] }.filter { $0.resource != nil }
      .min { $0.place < $1.place }
  }

  /// Objects that are refused as they stand now, and why.
  package var refusals: [ObjectName: String] {
    var refusals: [ObjectName: String] = [:]
    for entries in files.values {
      for (name, entry) in entries { if let reason = entry.refusal { refusals[name] = reason } }
    }
    return refusals
  }

  /// Objects defined twice, within a file and across files.
  package var duplicates: [Diagnostic] {
    var found = repeats.values.flatMap { $0 }
    for (name, definers) in definers where !definers.others.isEmpty {
      let places = definers.all.compactMap { files[$0]?[name]?.place }.sorted()
      found += places.dropFirst().map { .duplicateObject(name, at: $0, first: places[0]) }
    }
    return found.sorted { $0.place < $1.place }
  }
}
