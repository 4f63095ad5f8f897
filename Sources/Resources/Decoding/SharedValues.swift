internal import Documents

/// Values that many objects have alike, held once: the labels of a workload's pods. For one thread.
package final class SharedValues {
  /// Texts that come again.
  let texts = RecurringTexts()
  /// The slice that is being read, where it may have been read before.
  var slice: SliceReading?
  private var labels: Set<[String: String]> = []
  /// By a fingerprint of what they were read from; the rest is forgotten.
  private var read: [(fingerprint: UInt64, labels: [String: String])] = []
  /// The kinds that were seen, those of one name in each of their versions. There are few.
  private var kinds: [KnownKind.Served] = []
  /// What comes together is alike; the rest is let go of.
  private static let most = 1000
  private static let slots = 256

  package init() {}

  /// What objects of the kind are read as; the texts are those that others of it have.
  func served(apiVersion: String, kind: String) -> KnownKind.Served? {
    if let known = kinds.first(where: { $0.name == kind && $0.apiVersion == apiVersion }) {
      return known
    }
    guard let served = KnownKind.Served(apiVersion: apiVersion, kind: kind) else { return nil }
    kinds.append(served)
    return served
  }

  func shared(_ value: [String: String]) -> [String: String] {
    if value.isEmpty { return value }
    if labels.count >= Self.most { labels.removeAll(keepingCapacity: true) }
    return labels.insert(value).memberAfterInsert
  }

  /// What `body` makes of the mapping, or made of one that reads the same. `isWhole`: it said nothing
  /// about it.
  func labels(
    _ node: Node, _ body: () -> (labels: [String: String]?, isWhole: Bool)
  ) -> [String: String]? {
    guard let fingerprint = node.fingerprint() else { return body().labels.map(shared) }
    if read.isEmpty { read = Array(repeating: (0, [:]), count: Self.slots) }
    let slot = Int(truncatingIfNeeded: fingerprint) & (Self.slots - 1)
    if read[slot].fingerprint == fingerprint { return read[slot].labels }
    guard case (let labels?, let isWhole) = body() else { return nil }
    let shared = shared(labels)
    if isWhole { read[slot] = (fingerprint, shared) }
    return shared
  }
}
