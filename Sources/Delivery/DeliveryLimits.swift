/// What one client may ask for and how long it is waited for.
package struct DeliveryLimits: Sendable {
  /// Names of one type a stream may be subscribed to; further ones are ignored and counted.
  package var names: Int
  /// Bytes of one resource name; a longer one is ignored and counted.
  package var nameLength: Int
  /// How long an unanswered response holds back what should come after its answer. A client that
  /// has let this pass is waited for half as long the next time, and so on, until it answers again.
  package var patience: Duration
  /// Resources that are gone but kept for a client whose listeners or routes may still use them.
  package var retained: Int
  /// Nesting of a node's metadata.
  package var metadataDepth: Int
  /// Bytes of a node's metadata.
  package var metadataLength: Int
  /// Bytes of a client's rejection message that are remembered.
  package var messageLength: Int

  package init(
    names: Int = 200_000, nameLength: Int = 4096, patience: Duration = .seconds(2),
    retained: Int = 20_000, metadataDepth: Int = 32, metadataLength: Int = 1 << 20,
    messageLength: Int = 16 << 10
  ) {
    self.names = names
    self.nameLength = nameLength
    self.patience = patience
    self.retained = retained
    self.metadataDepth = metadataDepth
    self.metadataLength = metadataLength
    self.messageLength = messageLength
  }
}
