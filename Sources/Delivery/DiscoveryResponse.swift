package import Segments

/// A response ready for gRPC framing. Whoever pulled it sends it, and in the order pulled.
package struct DiscoveryResponse: Sendable {
  package let type: ResourceType
  package let nonce: String
  /// In delta mode what the catalog's table said of itself when the response was made; else what the
  /// client has once it accepts this.
  package let version: String
  package let resourceCount: Int
  package let removedCount: Int
  /// The oldest change in it; nil if it only answers what the client asked for.
  package fileprivate(set) var push: Push?
  /// The newest change that there was of its type.
  package fileprivate(set) var lastPush: Push?
  /// The encoded `DiscoveryResponse` or `DeltaDiscoveryResponse`.
  package let message: Rope
}

extension DiscoveryResponse {
  /// The response, told which changes it brings.
  func bringing(_ push: Push?, upTo lastPush: Push?) -> DiscoveryResponse {
    var response = self
    (response.push, response.lastPush) = (push, lastPush)
    return response
  }

  /// A state-of-the-world response of `entries`, which are `resources` fields with their tags.
  static func stateOfTheWorld(
    type: ResourceType, nonce: String, version: String, entries: [Rope], count: Int
  ) -> DiscoveryResponse {
    var head = WireWriter()
    head.text(version, field: 1)
    head.text(type.typeURL, field: 4)
    head.text(nonce, field: 5)
    return DiscoveryResponse(
      type: type, nonce: nonce, version: version, resourceCount: count, removedCount: 0,
      message: Rope(joining: [Rope(head.bytes)] + entries))
  }

  static func delta(
    type: ResourceType, nonce: String, version: String, entries: [Rope], batch: Batch
  ) -> DiscoveryResponse {
    var head = WireWriter()
    head.text(version, field: 1)
    head.text(type.typeURL, field: 4)
    head.text(nonce, field: 5)
    for name in batch.removed { head.text(name, field: 6) }
    return DiscoveryResponse(
      type: type, nonce: nonce, version: version, resourceCount: batch.resources.count,
      removedCount: batch.removed.count,
      message: Rope(joining: [Rope(head.bytes)] + entries))
  }
}
