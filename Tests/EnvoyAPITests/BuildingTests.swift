import Segments
import Testing

@testable import EnvoyAPI

/// What leaves a scope, against bytes worked out by hand from protobuf's encoding rules.
@Suite struct BuildingTests {
  @Test func unsetFieldsAreNotWrittenAndSetOnesAre() {
    #expect(Envoy.encode { Envoy.Cluster() } == [])
    #expect(Envoy.encode { Envoy.RouteMatch(pathSpecifier: .prefix("")) } == [0x0A, 0])
    #expect(Envoy.encode { Envoy.RouteMatch(caseSensitive: false) } == [0x22, 0])
    #expect(Envoy.encode { Envoy.Cluster(connectTimeout: .zero) } == [0x22, 0])
    #expect(
      Envoy.encode { Envoy.Cluster(connectTimeout: .milliseconds(1500)) }
        == [0x22, 8, 0x08, 1, 0x10, 0x80, 0xCA, 0xB5, 0xEE, 0x01])
  }

  @Test func partsConcatenateToTheWhole() {
    let whole = Envoy.encode {
      Envoy.RouteConfiguration(
        name: "r", virtualHosts: [.init(name: "a", domains: ["*"]), .init(name: "b")])
    }
    let parts = Envoy.elements(ofField: 2) {
      [Envoy.VirtualHost(name: "a", domains: ["*"]), Envoy.VirtualHost(name: "b")]
    }
    let rope = Rope([Envoy.segment { Envoy.RouteConfiguration(name: "r") }] + parts)
    #expect(rope.flattened() == whole)
    let nested = Rope.field(2, Rope(Envoy.encode { Envoy.VirtualHost(name: "b") }))
    #expect(nested.flattened() == parts[1].bytes)
  }

  @Test func anEncodedPartIsTakenAsItIs() {
    let filter = Envoy.encode {
      Envoy.Filter(
        name: "f", configType: .typedConfig(.pack(Envoy.Router(suppressEnvoyHeaders: true))))
    }
    let direct = Envoy.encode {
      Envoy.FilterChain(
        filters: [
          .init(
            name: "f",
            configType: .typedConfig(.pack(Envoy.Router(suppressEnvoyHeaders: true))))
        ], name: "c")
    }
    #expect(
      Envoy.encode { Envoy.FilterChain(filters: [.init(encoded: filter)], name: "c") } == direct)
  }

  @Test func scopesNestAndTheOuterOneIsLeftAlone() {
    let bytes = Envoy.encode {
      let name = "outer"
      let inner = Envoy.encode { Envoy.VirtualHost(name: String(repeating: "x", count: 200_000)) }
      return Envoy.RouteConfiguration(name: name + String(inner.count))
    }
    #expect(bytes == [0x0A, 11] + Array("outer200004".utf8))
  }

  @Test func anAnyOfARopeIsTheSameAsOfAMessage() throws {
    let packed = Envoy.encode { Envoy.AnyMessage.pack(Envoy.VirtualHost(name: "b")) }
    let type = try #require(MessageType(named: "envoy.config.route.v3.VirtualHost"))
    let rope = Envoy.inScope {
      HeadedMessage(encoded: [0x0A], then: Rope([1, 0x62])).any(type).rope
    }
    #expect(rope.flattened() == packed)
  }

  @Test func metadataIsTheSameAsOfMessages() {
    let long = String(repeating: "x", count: 200)
    let built = Envoy.encode {
      Envoy.Metadata(
        filterMetadata: [
          "empty": .init(fields: [:]),
          "istio": [
            "config": .string(long), "none": "", "external": true, "internal": false,
            "services": .list([.fields([(key: "host", value: .string(long))])]),
          ],
        ])
    }
    let written = Envoy.encode {
      Envoy.Metadata { metadata in
        metadata.add("empty") { _ in }
        metadata.add("istio") { fields in
          fields.add("config", long)
          fields.add("none", "")
          fields.add("external", true)
          fields.add("internal", false)
          fields.add("services", listing: { $0.add("host", long) })
        }
      }
    }
    #expect(written == built)
  }

  @Test(arguments: [0, 1, 100, 192, 193, 1000])
  func whatComesBeforeAMessageMayBeOfAnyLength(length: Int) {
    let before = [UInt8](repeating: 7, count: length)
    let message = Envoy.inScope {
      HeadedMessage(encoded: [1, 2], then: Rope([3])).after(before).field(1).rope
    }
    let body = before + [1, 2, 3]
    let count =
      body.count < 128
      ? [UInt8(body.count)]
      : [
        UInt8(body.count & 0x7F) | 0x80, UInt8(body.count >> 7),
      ]
    #expect(message.flattened() == [0x0A] + count + body)
  }

  @Test func theFaceNamesTheTypesItIsMadeFrom() {
    #expect(Envoy.HTTPRBAC.messageType.name == "envoy.extensions.filters.http.rbac.v3.RBAC")
    #expect(Envoy.Cluster.messageType == MessageType(named: "envoy.config.cluster.v3.Cluster"))
    #expect(MessageType(url: "type.googleapis.com/stats.PluginConfig") != nil)
    #expect(MessageType(named: "envoy.api.v2.Cluster") == nil)
    #expect(MessageType.count > 1400)
  }
}
