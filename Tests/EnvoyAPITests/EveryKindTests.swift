import Testing

@testable import EnvoyAPI

/// Each way a field can be stored, through the generated face, read back by the reader that
/// RandomMessageTests holds to Google's protobuf.
@Suite struct EveryKindTests {
  private func json<M: EnvoyMessage>(_ build: () -> M) throws -> String {
    try M.messageType.node(from: Envoy.encode(build)).get().json()
  }

  @Test func scalars() throws {
    #expect(
      try json {
        Envoy.StatsPluginConfig(
          debug: true, maxPeerCacheSize: -1, statPrefix: "é\u{1F600}", reporter: .serverGateway)
      } == #"{"debug":true,"maxPeerCacheSize":-1,"statPrefix":"é😀","reporter":"SERVER_GATEWAY"}"#)
    #expect(
      try json { Envoy.Int64Range(start: .min, end: .max) }
        == #"{"start":"-9223372036854775808","end":"9223372036854775807"}"#)
    #expect(try json { Envoy.Percent(value: 12.5) } == #"{"value":12.5}"#)
    #expect(
      try json { Envoy.DataSource(specifier: .inlineBytes([0, 255])) } == #"{"inlineBytes":"AP8="}"#
    )
    #expect(try json { Envoy.VirtualHost(name: "a\0b") } == #"{"name":"a\#u{FFFD}b"}"#)
  }

  @Test func messagesWithAPlainTypeInSwift() throws {
    #expect(
      try json {
        Envoy.Cluster(
          connectTimeout: .seconds(90) + .nanoseconds(1), perConnectionBufferLimitBytes: 0,
          respectDnsTtl: true)
      }
        == #"{"connectTimeout":"90.000000001s","perConnectionBufferLimitBytes":0,"respectDnsTtl":true}"#
    )
    #expect(
      try json { Envoy.RouteAction(hostRewriteSpecifier: .autoHostRewrite(false)) }
        == #"{"autoHostRewrite":false}"#)
    #expect(
      try json { Envoy.FaultDelay(faultDelaySecifier: .fixedDelay(.milliseconds(-250))) }
        == #"{"fixedDelay":"-0.250s"}"#)
  }

  @Test func choicesOfEveryKindKeepZero() throws {
    #expect(
      try json { Envoy.HeaderMatcher(name: "h", headerMatchSpecifier: .presentMatch(false)) }
        == #"{"name":"h","presentMatch":false}"#)
    #expect(
      try json { Envoy.SocketAddress(address: "a", portSpecifier: .portValue(0)) }
        == #"{"address":"a","portValue":0}"#)
    #expect(
      try json { Envoy.Cluster(clusterDiscoveryType: .type(.static)) } == #"{"type":"STATIC"}"#)
    #expect(
      try json { Envoy.StringMatcher(matchPattern: .exact("")) } == #"{"exact":""}"#)
    #expect(
      try json { Envoy.ConfigSource(configSourceSpecifier: .ads(.init())) } == #"{"ads":{}}"#)
  }

  @Test func lists() throws {
    #expect(
      try json {
        Envoy.RetryPolicy(
          retryOn: "5xx", retriableStatusCodes: [503, 0, 300_000],
          retriableHeaders: [.init(name: "a"), .init(name: "b")])
      }
        == #"{"retryOn":"5xx","retriableStatusCodes":[503,0,300000],"retriableHeaders":[{"name":"a"},{"name":"b"}]}"#
    )
    #expect(
      try json { Envoy.VirtualHost(domains: ["*", ""], requireTls: .all) }
        == #"{"domains":["*",""],"requireTls":"ALL"}"#)
    #expect(
      try json {
        Envoy.HealthCheck.HttpHealthCheck(
          send: .init(payload: .text("00")), expectedStatuses: [.init(start: 200, end: 300)])
      }
        == #"{"send":{"text":"00"},"expectedStatuses":[{"start":"200","end":"300"}]}"#)
    #expect(
      try json { Envoy.GrpcStatusFilter(statuses: [.unavailable, .ok]) }
        == #"{"statuses":["UNAVAILABLE","OK"]}"#)
  }

  @Test func mapsInTheOrderGiven() throws {
    #expect(
      try json {
        Envoy.Metadata(
          filterMetadata: [
            "istio": ["n": 1, "l": [true, "x", .init(kind: .nullValue(.nullValue))]]
          ],
          typedFilterMetadata: ["b": .pack(Envoy.Router()), "a": .pack(Envoy.RawBuffer())])
      }
        == #"{"filterMetadata":{"istio":{"n":1,"l":[true,"x",null]}},"typedFilterMetadata":{"#
        + #""b":{"@type":"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},"#
        + #""a":{"@type":"type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"}}}"#
    )
    let byKey = Envoy.Map(["b": "2", "a": "1"])
    #expect(
      try json { Envoy.StatsPluginConfig(metrics: [.init(dimensions: byKey)]) }
        == #"{"metrics":[{"dimensions":{"a":"1","b":"2"}}]}"#)
  }
}
