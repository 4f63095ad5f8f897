/// A cluster's name taken apart, as istiod builds it: `outbound|80|v1|cart.shop.svc.cluster.local`, or
/// with `_.` between the parts where it is entered by SNI.
package struct ClusterReference: Hashable, Sendable {
  package enum Direction: String, Hashable, Sendable {
    case outbound = "outbound"
    case inbound = "inbound"
    /// Entered by SNI from another network.
    case crossNetwork = "outbound_"
  }

  package var direction: Direction
  package var port: Int
  package var subset: String
  package var host: String

  package init(direction: Direction, port: Int, subset: String, host: String) {
    self.direction = direction
    self.port = port
    self.subset = subset
    self.host = host
  }

  /// Nil for a name that is built otherwise.
  package init?(parsing name: String) {
    guard let found = ClusterReference.first(in: name.utf8[...]), found.rest.isEmpty,
      found.isAtStart
    else { return nil }
    self = found.reference
  }

  /// The names that stand anywhere in a text, as in a Lua script.
  static func all(in text: String) -> [ClusterReference] {
    var found: [ClusterReference] = []
    var rest = text.utf8[...]
    while let next = first(in: rest) {
      found.append(next.reference)
      rest = next.rest
    }
    return found
  }
}

extension ClusterReference {
  private typealias Text = Substring.UTF8View

  private struct Found {
    let reference: ClusterReference
    /// What stands behind it.
    let rest: Text
    let isAtStart: Bool
  }

  private static let heads: [(head: [UInt8], direction: Direction, separator: [UInt8])] = [
    (Array("outbound|".utf8), .outbound, Array("|".utf8)),
    (Array("inbound|".utf8), .inbound, Array("|".utf8)),
    (Array("outbound_.".utf8), .crossNetwork, Array("_.".utf8)),
  ]

  private static func first(in text: Text) -> Found? {
    let letters = [UInt8(ascii: "o"), UInt8(ascii: "i")]
    var rest = text
    while let start = rest.firstIndex(where: letters.contains) {
      rest = rest[start...]
      for (head, direction, separator) in heads where rest.starts(with: head) {
        guard let (reference, behind) = parts(of: rest.dropFirst(head.count), direction, separator)
        else { continue }
        return Found(reference: reference, rest: behind, isAtStart: start == text.startIndex)
      }
      rest = rest.dropFirst()
    }
    return nil
  }

  /// Port, subset and host, each but the last ended by the separator; and what stands behind.
  private static func parts(
    of text: Text, _ direction: Direction, _ separator: [UInt8]
  ) -> (ClusterReference, Text)? {
    guard let (port, behindPort) = cut(text, at: separator), let number = Int(Substring(port)),
      let (subset, behindSubset) = cut(behindPort, at: separator)
    else { return nil }
    let host = behindSubset.prefix { isOfHost($0) }
    let reference = ClusterReference(
      direction: direction, port: number, subset: String(Substring(subset)),
      host: String(Substring(host)))
    return (reference, behindSubset.dropFirst(host.count))
  }

  private static func cut(_ text: Text, at separator: [UInt8]) -> (Text, Text)? {
    var end = text.startIndex
    // No part of a name is longer than a host name.
    for _ in 0...255 where end < text.endIndex {
      if text[end...].starts(with: separator) {
        return (text[..<end], text[end...].dropFirst(separator.count))
      }
      guard isOfHost(text[end]) else { return nil }
      end = text.index(after: end)
    }
    return nil
  }

  private static func isOfHost(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "-._*".utf8.contains(byte)
  }
}
