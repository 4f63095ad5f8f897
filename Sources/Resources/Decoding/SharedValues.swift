/// Values that many objects have alike, held once: the labels of a workload's pods. For one thread.
package final class SharedValues {
  private var labels: Set<[String: String]> = []
  private var texts: Set<String> = []
  /// What comes together is alike; the rest is let go of.
  private static let most = 1000

  package init() {}

  func shared(_ value: [String: String]) -> [String: String] {
    if value.isEmpty { return value }
    if labels.count >= Self.most { labels.removeAll(keepingCapacity: true) }
    return labels.insert(value).memberAfterInsert
  }

  /// Short texts have no memory of their own.
  func shared(_ text: String) -> String {
    guard text.utf8.count > Self.longestShort else { return text }
    if texts.count >= Self.most { texts.removeAll(keepingCapacity: true) }
    return texts.insert(text).memberAfterInsert
  }

  private static let longestShort = 15
}
