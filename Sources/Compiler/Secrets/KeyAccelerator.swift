internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A device that holds private keys for Envoy, as ProxyConfig.privateKeyProvider names it.
struct KeyAccelerator: Hashable {
  private let settings: ProxyConfig.PrivateKeyProvider

  /// Nil where Envoy keeps its keys itself.
  init?(_ traits: ProxyTraits, _ mesh: MeshConfig) {
    let config = traits.metadata.proxyConfig ?? mesh.defaultConfig
    guard let settings = config.privateKeyProvider else { return nil }
    self.settings = settings
  }

  func provider(of key: Envoy.DataSource) -> Envoy.PrivateKeyProvider {
    switch settings {
    case .cryptomb(let delay, let fallback):
      provider("cryptomb", "CryptoMb", key, delay, fallback)
    case .qat(let delay, let fallback): provider("qat", "Qat", key, delay, fallback)
    }
  }

  private func provider(
    _ name: String, _ prefix: String, _ key: Envoy.DataSource, _ delay: Duration?,
    _ fallback: Bool?
  ) -> Envoy.PrivateKeyProvider {
    .init(
      providerName: name,
      configType: .typedConfig(
        .init(
          typeUrl: "type.googleapis.com/envoy.extensions.private_key_providers.\(name)."
            + "v3alpha.\(prefix)PrivateKeyMethodConfig",
          value: config(key, pollDelay: delay ?? .zero))),
      fallback: fallback ?? false)
  }

  /// `{google.protobuf.Duration poll_delay = 1; DataSource private_key = 2}`, in both providers'
  /// messages, which are no part of Envoy's published API. istiod sends only the part of the delay
  /// below a second.
  private func config(_ key: Envoy.DataSource, pollDelay: Duration) -> [UInt8] {
    let nanoseconds = pollDelay.components.attoseconds / 1_000_000_000
    let delay = nanoseconds == 0 ? [] : [0x10] + varint(UInt64(nanoseconds))
    return [0x0A, UInt8(delay.count)] + delay + Envoy.element(ofField: 2) { key }.bytes
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }
}
