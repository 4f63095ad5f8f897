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

  /// What each file holds, each object once.
  private var files: [Definers.FileNumber: [LedgerEntry]] = [:]
  private var numbers: [String: Definers.FileNumber] = [:]
  private var nextNumber: Definers.FileNumber = 0
  private var definers = Definers()
  private var repeats: [String: [Diagnostic]] = [:]

  package init() {}

  /// How many files define something.
  package var fileCount: Int { files.count }
  /// Those files, sorted.
  package var paths: [String] { numbers.keys.sorted() }

  /// Takes the definitions that a file holds now. `isBroken`: a part of the file could not be read, so
  /// an object missing from it is not an object deleted.
  package mutating func replace(
    file: String, with definitions: [Definition], isBroken: Bool
  ) -> [Change] {
    let fileNumber = number(of: file)
    let previous = NamedEntries(files.updateValue([], forKey: fileNumber) ?? [])
    let (firsts, repeated) = Ledger.firsts(of: definitions)
    let before = previous.entries.isEmpty ? [] : firsts.map { previous[$0.name] }
    let numbers = OrderNumbers.numbers(
      before.isEmpty ? firsts.map { _ in nil } : before.map { $0?.number })
    let there = firsts.indices.map { index in
      LedgerEntry(
        firsts[index], at: FileOrder(file: file, number: numbers[index]),
        previous: before.isEmpty ? nil : before[index])
    }
    let missing = missing(of: previous, in: there, replaced: before.count { $0 != nil })
    files[fileNumber] = isBroken ? there + missing : there
    if !repeated.isEmpty || !repeats.isEmpty {
      repeats[file] = repeated.isEmpty ? nil : repeated
    }
    return settle(file: fileNumber, gone: isBroken ? [] : missing, there: there)
  }

  /// Takes the one definition of a file that defined this object before and no other, and shares it with
  /// no file: what an API server's event brings. Answers the object as it counts from now on; nil where
  /// it is not as simple as that, and nothing was taken.
  package mutating func replace(file: String, withOnly resource: Resource) -> Resource? {
    guard repeats.isEmpty, definers.areApart, let number = numbers[file],
      let place = files.index(forKey: number), files.values[place].count == 1,
      files.values[place][0].name == resource.name
    else { return nil }
    let entry = LedgerEntry(resource, after: files.values[place][0], in: file)
    files.values[place][0] = entry
    return entry.resource
  }

  private mutating func number(of file: String) -> Definers.FileNumber {
    if let known = numbers[file] { return known }
    // A number is used again only after four thousand million files.
    repeat { nextNumber &+= 1 } while files[nextNumber] != nil
    numbers[file] = nextNumber
    return nextNumber
  }

  /// What the file had and has no more; `replaced`: how many it had before and has.
  private func missing(
    of previous: NamedEntries, in there: [LedgerEntry], replaced: Int
  ) -> [LedgerEntry] {
    guard replaced < previous.entries.count else { return [] }
    let present = NamedEntries(there)
    return previous.entries.filter { present[$0.name] == nil }
  }

  /// The first definition of each object, and what there is to say of the others.
  private static func firsts(
    of definitions: [Definition]
  ) -> (firsts: [Definition], repeated: [Diagnostic]) {
    guard definitions.count > 1 else { return (definitions, []) }
    var places = [ObjectName: Int](minimumCapacity: definitions.count)
    var repeated: [Diagnostic] = []
    // By place: of a definition that is copied all parts are counted.
    for index in definitions.indices {
      let name = definitions[index].name
      guard let first = places[name] else {
        places[name] = index
        continue
      }
      repeated.append(
        .duplicateObject(
          name, at: definitions[index].place, first: definitions[first].place))
    }
    guard !repeated.isEmpty else { return (definitions, []) }
    let firsts = definitions.enumerated().filter { places[$0.element.name] == $0.offset }
    return (firsts.map(\.element), repeated)
  }

  /// Takes back all that a file defined.
  package mutating func remove(file: String) -> [Change] {
    guard let number = numbers.removeValue(forKey: file),
      let previous = files.removeValue(forKey: number)
    else { return [] }
    repeats[file] = nil
    return settle(file: number, gone: previous, there: [])
  }

  /// What is no longer in the file, and what was found in it now.
  private mutating func settle(
    file: Definers.FileNumber, gone: [LedgerEntry], there: [LedgerEntry]
  ) -> [Change] {
    definers.reserveCapacity(adding: there.count)
    for entry in gone { definers.remove(file, of: entry.name) }
    // After those that are gone: two names may have the same digest.
    let areShared = there.map { definers.insert(file, of: $0.name) }
    var lookUp = LookUp(files: files)
    return gone.map(\.name).sorted().map { lookUp.change(of: $0, in: definers.files(of: $0)) }
      + zip(there, areShared).map { entry, isShared in
        let name = entry.name
        guard isShared else { return entry.resource.map(Change.put) ?? .remove(name) }
        return lookUp.change(of: name, in: definers.files(of: name))
      }
  }

  /// Finds objects in files; a file in which one was looked for is in order for the next.
  private struct LookUp {
    let files: [Definers.FileNumber: [LedgerEntry]]
    private var ordered: [Definers.FileNumber: NamedEntries] = [:]

    init(files: [Definers.FileNumber: [LedgerEntry]]) { self.files = files }

    private mutating func entry(
      of name: ObjectName, in file: Definers.FileNumber
    ) -> LedgerEntry? {
      guard let entries = files[file] else { return nil }
      let named = ordered[file] ?? NamedEntries(entries)
      ordered[file] = named
      return named[name]
    }

    /// The first definition with something to serve counts.
    mutating func change(of name: ObjectName, in numbers: [Definers.FileNumber]) -> Change {
      let first = numbers.compactMap { entry(of: name, in: $0) }.filter { $0.resource != nil }
        .min { $0.place < $1.place }
      return first?.resource.map(Change.put) ?? .remove(name)
    }
  }

  /// Objects that are refused as they stand now, and why.
  package var refusals: [ObjectName: String] {
    var refusals: [ObjectName: String] = [:]
    for entries in files.values {
      for case .refused(let refused) in entries.lazy.map(\.content) {
        refusals[refused.name] = refused.reason
      }
    }
    return refusals
  }

  /// Objects defined twice, within a file and across files.
  package var duplicates: [Diagnostic] {
    var places: [ObjectName: [Place]] = [:]
    for entry in definers.sharing.lazy.flatMap({ files[$0] ?? [] }) {
      let name = entry.name
      if definers.files(of: name).count > 1 { places[name, default: []].append(entry.place) }
    }
    var found = repeats.values.flatMap { $0 }
    for (name, unsorted) in places {
      let places = unsorted.sorted()
      found += places.dropFirst().map { .duplicateObject(name, at: $0, first: places[0]) }
    }
    return found.sorted { $0.place < $1.place }
  }
}
