package import Segments

/// One xDS resource as every client is sent it: made once, shared by all, never copied before the
/// socket buffer.
package final class Resource: Sendable {
  package let type: ResourceType
  package let name: String
  /// The encoded message, which is the value of the Any it travels in.
  package let body: Rope

  /// An entry of `DiscoveryResponse.resources`, tag included.
  let stateOfTheWorldEntry: Rope.Part
  /// An entry of `DeltaDiscoveryResponse.resources`, tag included.
  let deltaEntry: Rope.Part

  package init(type: ResourceType, name: String, body: Rope) {
    self.type = type
    self.name = name
    self.body = body
    (stateOfTheWorldEntry, deltaEntry) = Resource.entries(type: type, name: name, body: body)
  }

  /// Equal content, equal version, whoever encoded it.
  package var version: String { body.hash.description }

  private static let entryField = 2

  private static func entries(
    type: ResourceType, name: String, body: Rope
  ) -> (stateOfTheWorld: Rope.Part, delta: Rope.Part) {
    var any = WireWriter()
    any.text(type.typeURL, field: 1)
    any.length(body.count, field: 2)
    let anyCount = any.bytes.count + body.count

    var plain = WireWriter()
    plain.length(anyCount, field: entryField)

    // name = 3 and version = 1 stand before resource = 2 so that the shared body ends the entry.
    let version = body.hash.description
    let textCount =
      WireWriter.size(of: name.utf8.count, field: 3)
      + WireWriter.size(of: version.utf8.count, field: 1)
    var named = WireWriter()
    named.length(textCount + WireWriter.size(of: anyCount, field: 2), field: entryField)
    named.text(name, field: 3)
    named.text(version, field: 1)
    named.length(anyCount, field: 2)

    func entry(_ head: WireWriter) -> Rope.Part {
      Rope.Part(Rope(parts: [.segment(Segment(head.bytes + any.bytes)), Rope.Part(body)]))
    }
    return (entry(plain), entry(named))
  }
}
