import Delivery
import Documents
import EnvoyAPI
import Segments
import Testing

@testable import ControlPlane

@Suite struct ConfigDumpTests {
  private func secret(_ key: String) -> Resource {
    let bytes = Envoy.encode {
      Envoy.Secret(
        name: "kubernetes://shop",
        type: .tlsCertificate(.init(privateKey: .init(specifier: .inlineBytes(Array(key.utf8))))))
    }
    return Resource(type: .secret, name: "kubernetes://shop", body: Rope(bytes))
  }

  private func dump(_ held: ConfigDump.Held) -> String { ConfigDump([held]).node.json() }

  /// Its version is a hash over the key: whoever guesses one could see that it is right.
  @Test func aSecretsVersionIsNotShown() {
    let texts = ["one", "one", "other"].map { key in
      let secret = secret(key)
      let text = dump(.init(type: .secret, resources: [secret]))
      #expect(!text.contains(secret.version))
      let late = dump(
        .init(
          type: .secret, resources: [],
          replaced: [KnownVersion(name: secret.name, version: secret.version)]))
      #expect(!late.contains(secret.version))
      return text
    }
    #expect(texts[0] == texts[1])
    #expect(texts[0] != texts[2])
  }

  /// In the order of names, among those whose content is known.
  @Test func whatHasBeenReplacedIsShownByNameAndVersion() {
    let known = Resource(type: .endpoints, name: "b", body: Rope([0x0a, 1, 0x62]))
    let text = dump(
      .init(
        type: .endpoints, resources: [known],
        replaced: [KnownVersion(name: "a", version: "7"), KnownVersion(name: "c", version: "8")]))
    let type = #""@type":"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment""#
    #expect(
      text.contains(
        #"[{"version_info":"7","endpoint_config":{\#(type),"clusterName":"a"}},"#
          + #"{"version_info":"\#(known.version)","endpoint_config":{\#(type),"clusterName":"b"}},"#
          + #"{"version_info":"8","endpoint_config":{\#(type),"clusterName":"c"}}]"#))
  }
}
