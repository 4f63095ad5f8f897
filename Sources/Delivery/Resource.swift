package import Segments

/// One xDS resource as every client is sent it: made once, shared by all, never copied before the
/// socket buffer.
package final class Resource: Sendable {
  package let type: ResourceType
  package let name: String
  /// The encoded message, which is the value of the Any it travels in.
  package let body: Rope
  /// Name and content, for sums over many resources.
  let digest: ContentHash

  package init(type: ResourceType, name: String, body: Rope) {
    self.type = type
    self.name = name
    self.body = body
    digest = Resource.digest(name, body.hash)
  }

  /// Equal content, equal version, whoever encoded it.
  package var version: String { body.hash.description }

  func isVersion(_ text: String) -> Bool { ContentHash(text) == body.hash }

  static func digest(_ name: String, _ content: ContentHash) -> ContentHash {
    ContentHash(combining: ContentHash(of: name.utf8Span), content)
  }

  private static let entryField = 2

  /// An entry of `DiscoveryResponse.resources`, tag included. Made when it is sent: its own bytes are
  /// a tenth of what keeping them would take, and the body is shared.
  var stateOfTheWorldEntry: Rope {
    let any = anyHead
    var head = WireWriter()
    head.length(any.count + body.count, field: Resource.entryField)
    return entry(head.bytes + any)
  }

  /// An entry of `DeltaDiscoveryResponse.resources`, tag included; made when it is sent.
  var deltaEntry: Rope {
    let any = anyHead
    let anyCount = any.count + body.count
    // name = 3 and version = 1 stand before resource = 2 so that the shared body ends the entry.
    let version = version
    let textCount =
      WireWriter.size(of: name.utf8.count, field: 3)
      + WireWriter.size(of: version.utf8.count, field: 1)
    var head = WireWriter()
    head.length(
      textCount + WireWriter.size(of: anyCount, field: 2), field: Resource.entryField)
    head.text(name, field: 3)
    head.text(version, field: 1)
    head.length(anyCount, field: 2)
    return entry(head.bytes + any)
  }

  /// The bytes of the Any before the body.
  private var anyHead: [UInt8] {
    var any = WireWriter()
    any.text(type.typeURL, field: 1)
    any.length(body.count, field: 2)
    return any.bytes
  }

  private func entry(_ head: [UInt8]) -> Rope {
    Rope(joining: [Rope(head), body])
  }
}
