internal import Diagnostics
internal import Resources

/// An object as a file defines it. What is accepted says its name and its place itself: there are as
/// many of these as objects.
struct LedgerEntry: Sendable {
  let content: Content
  /// Rises down the file; see ``OrderNumbers``.
  let number: UInt64

  enum Content: Sendable {
    case accepted(Resource)
    case refused(Refused)
  }

  final class Refused: Sendable {
    let name: ObjectName
    let place: Place
    let reason: String
    /// What counts: the last definition that was accepted.
    let lastGood: Resource?

    init(name: ObjectName, place: Place, reason: String, lastGood: Resource?) {
      self.name = name
      self.place = place
      self.reason = reason
      self.lastGood = lastGood
    }
  }

  init(
    _ definition: Ledger.Definition, at order: FileOrder, previous: LedgerEntry?
  ) {
    number = order.number
    switch definition.content {
    case .accepted(let resource): content = .accepted(resource.placed(at: order))
    case .refused(let reason):
      content = .refused(
        Refused(
          name: definition.name, place: definition.place, reason: reason,
          lastGood: previous?.resource?.placed(at: order)))
    }
  }

  /// An object in the place that it had before in its file.
  init(_ resource: Resource, after previous: LedgerEntry, in file: String) {
    number = previous.number
    content = .accepted(resource.placed(at: FileOrder(file: file, number: number)))
  }

  var name: ObjectName {
    switch content {
    case .accepted(let resource): resource.name
    case .refused(let refused): refused.name
    }
  }

  var place: Place {
    switch content {
    case .accepted(let resource): resource.place
    case .refused(let refused): refused.place
    }
  }

  /// What counts, if anything does.
  var resource: Resource? {
    switch content {
    case .accepted(let resource): resource
    case .refused(let refused): refused.lastGood
    }
  }
}

/// What a file defines, found by name.
struct NamedEntries {
  let entries: [LedgerEntry]
  /// Where there are many; few are looked through.
  private let places: [ObjectName: Int]

  private static let few = 8

  init(_ entries: [LedgerEntry]) {
    self.entries = entries
    places =
      entries.count <= Self.few
      ? [:]
      : Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
  }

  subscript(name: ObjectName) -> LedgerEntry? {
    guard entries.count <= Self.few else { return places[name].map { entries[$0] } }
    return entries.first { $0.name == name }
  }
}
