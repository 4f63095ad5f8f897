package import Segments

/// What one class of proxies is sent: its resources by type and name.
///
/// A catalog lives on the thread of the streams that read it. Updates are applied whole, so that
/// between two of them what it holds names nothing it lacks. The first may come in parts: nothing is said
/// of a type of which nothing was told yet.
///
/// Not here, on purpose: what the resources mean. The one thing that needs meaning, the body of an
/// answer for a name that does not exist, is asked of the owner.
package final class Catalog {
  /// The body to answer with for a name that does not exist; nil where the protocol's own way of
  /// saying so will do.
  package typealias Placeholder = @Sendable (ResourceType, String) -> Rope?

  /// The newest push, whether it changed anything here or not.
  package private(set) var lastPush: Push?
  private var upcoming: Set<ResourceType> = []
  private let tables = ResourceType.allCases.map(ResourceTable.init(type:))
  private let placeholder: Placeholder
  private var readers: [ObjectIdentifier: Reader] = [:]

  private struct Reader {
    weak var stream: DiscoveryStream?
  }

  package init(placeholder: @escaping Placeholder) { self.placeholder = placeholder }

  package subscript(type: ResourceType) -> ResourceTable { tables[type.rawValue] }

  /// Whether what there is of the type is still to come.
  func awaits(_ type: ResourceType) -> Bool { upcoming.contains(type) }

  /// Applies an update and answers whether anything changed for a reader.
  @discardableResult package func apply(_ update: CatalogUpdate) -> Bool {
    forgetLongLogs()
    lastPush = update.push
    let come = upcoming.subtracting(update.upcoming)
    upcoming = update.upcoming
    var isChanged = !come.isEmpty
    for (type, changes) in update.changes where self[type].apply(changes, of: update.push) {
      isChanged = true
    }
    // Who comes later, or could not look before, looks at all there is.
    for table in tables where readers.isEmpty || come.contains(table.type) { table.forgetLog() }
    return isChanged
  }

  /// A stream is served from here until it leaves: what changes is noted until it has heard of it.
  func enter(_ stream: DiscoveryStream) {
    readers[ObjectIdentifier(stream)] = Reader(stream: stream)
  }
  func leave(_ stream: ObjectIdentifier) { readers[stream] = nil }

  private func forgetLongLogs() {
    guard tables.contains(where: \.hasLongLog) else { return }
    for reader in readers.values { reader.stream?.catchUp() }
    for table in tables { table.forgetLog() }
  }

  func placeholder(for name: String, of type: ResourceType) -> Resource? {
    placeholder(type, name).map { Resource(type: type, name: name, body: $0) }
  }
}
