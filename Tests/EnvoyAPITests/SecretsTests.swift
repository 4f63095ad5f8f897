import Documents
import Testing

@testable import EnvoyAPI

@Suite struct SecretsTests {
  private func shown(_ bytes: [UInt8], _ type: String) throws -> String {
    try #require(MessageType(named: type)).node(from: bytes, secrets: .redacted).get().json()
  }

  @Test func privateKeysAndPasswordsAreRedacted() throws {
    let bytes = Envoy.encode {
      Envoy.Secret(
        name: "kubernetes://shop",
        type: .tlsCertificate(
          .init(
            certificateChain: .init(specifier: .inlineBytes(Array("chain".utf8))),
            privateKey: .init(specifier: .inlineBytes(Array("PRIVATE".utf8))),
            password: .init(specifier: .inlineString("hunter2")))))
    }
    #expect(
      try shown(bytes, "envoy.extensions.transport_sockets.tls.v3.Secret")
        == #"{"name":"kubernetes://shop","tlsCertificate":{"certificateChain":{"inlineBytes":"Y2hhaW4="},"#
        + #""privateKey":{"inlineString":"[redacted]"},"password":{"inlineString":"[redacted]"}}}"#)
  }

  @Test func whatAnAgentPullsImagesWithIsRedacted() throws {
    let bytes = Envoy.encode {
      Envoy.Wasm(
        config: .init(
          vm: .vmConfig(
            .init(environmentVariables: .init(hostEnvKeys: ["POD"], keyValues: ["A": "hunter2"])))))
    }
    let text = try shown(bytes, "envoy.extensions.filters.http.wasm.v3.Wasm")
    #expect(
      text.contains(
        #""environmentVariables":{"hostEnvKeys":["POD"],"keyValues":{"A":"[redacted]"}"#))
  }

  @Test func secretsWithinAnyAndListsAreRedacted() throws {
    let bytes = Envoy.encode {
      Envoy.AnyMessage.pack(
        Envoy.Secret(
          type: .sessionTicketKeys(.init(keys: [.init(specifier: .inlineBytes([1, 2, 3]))]))))
    }
    let text = try shown(bytes, "google.protobuf.Any")
    #expect(text.contains(#""keys":[{"inlineString":"[redacted]"}]"#))
  }

  @Test func aSecretThatIsWrittenWrongIsNotRepeated() throws {
    let type = try #require(
      MessageType(named: "envoy.extensions.transport_sockets.tls.v3.TlsCertificate"))
    let written = type.encoded(
      from: ["private_key": ["inline_bytes": "hunter2!"], "certificate_chain": ["filename": 1]])
    #expect(
      written.problems.map(\.description) == [
        "private_key.inline_bytes: expected base64, found \"[redacted]\"",
        "certificate_chain.filename: expected a string, found a number",
      ])
  }

  @Test func whatIsRedactedIsStillAMessage() throws {
    let type = try #require(
      MessageType(named: "envoy.extensions.transport_sockets.tls.v3.Secret"))
    let bytes = Envoy.encode {
      Envoy.Secret(
        type: .genericSecret(
          .init(
            secret: .init(specifier: .inlineBytes([0xFF])),
            secrets: ["a": .init(specifier: .filename("/run/secret"))])))
    }
    let node = try type.node(from: bytes, secrets: .redacted).get()
    #expect(type.encoded(from: node).problems == [])
    #expect(!node.json().contains("/w=="))
    #expect(node.json().contains("/run/secret"))
  }
}
