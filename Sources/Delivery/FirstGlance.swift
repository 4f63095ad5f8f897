/// What a client's first message says without being read whole, which is little work however many
/// resources it names: enough to see who can wait.
package struct FirstGlance: Hashable, Sendable {
  /// Empty where the message states no node.
  package private(set) var nodeID = ""
  /// The client has resources of an earlier stream.
  package private(set) var hasResources = false

  package init(at message: [UInt8], _ mode: DiscoveryStream.Mode) throws(WireError) {
    var reader = WireReader(message)
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch (mode, field.number) {
      case (.stateOfTheWorld, 2), (.delta, 1): nodeID = try FirstGlance.id(reader.message(range))
      // The version it accepted last; versions by name.
      case (.stateOfTheWorld, 1), (.delta, 5): hasResources = hasResources || !range.isEmpty
      case _: continue
      }
    }
  }

  private static func id(_ node: WireReader) throws(WireError) -> String {
    var reader = node
    var id = ""
    while let field = try reader.next() {
      if case .bytes(let range) = field.value, field.number == 1 {
        id = try reader.text(range, field: 1)
      }
    }
    return id
  }
}
