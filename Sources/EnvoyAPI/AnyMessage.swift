extension Envoy.AnyMessage {
  /// Any message with the URL of its type, as `typedConfig` fields want it.
  package static func pack<M: EnvoyMessage>(_ message: M) -> Envoy.AnyMessage {
    var writer = MessageWriter()
    writer.pack(message.reference, of: M.messageType)
    return Envoy.AnyMessage(reference: writer.finish())
  }

  /// A message that was encoded before.
  package init(_ type: MessageType, encoded bytes: [UInt8]) {
    self.init(typeUrl: type.url, value: bytes)
  }
}
