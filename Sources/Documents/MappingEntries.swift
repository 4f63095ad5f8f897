/// The entries of a mapping as they are read: each key once, and what `<<` brings in behind what the
/// mapping says itself, which wins.
struct MappingEntries {
  private var entries: [Node.Entry] = []
  private var fromMerges: [Node.Entry] = []
  /// Filled only for mappings so large that looking through the entries would cost more.
  private var positions: [String: Node.Position] = [:]
  private static let manyEntries = 16

  init(expected count: Int = 4) { entries.reserveCapacity(count) }

  /// Adds an entry; where the key stands already, nothing is added and the answer is where.
  mutating func append(_ key: String, at position: Node.Position, _ value: Node) -> Node.Position? {
    if let first = self.position(of: key) { return first }
    entries.append(Node.Entry(key: key, keyPosition: position, value: value))
    if !positions.isEmpty { positions[key] = position }
    return nil
  }

  mutating func merge(_ merged: [Node.Entry]) { fromMerges += merged }

  /// All entries; of two that were merged, the first counts.
  mutating func merged() -> [Node.Entry] {
    for entry in fromMerges { _ = append(entry.key, at: entry.keyPosition, entry.value) }
    return entries
  }

  private mutating func position(of key: String) -> Node.Position? {
    if entries.count < MappingEntries.manyEntries {
      return entries.first { $0.key == key }?.keyPosition
    }
    if positions.isEmpty {
      for entry in entries { positions[entry.key] = entry.keyPosition }
    }
    return positions[key]
  }
}
