import Documents
import Testing

@testable import EnvoyAPI

/// What a user's value that does not fit is told.
@Suite struct WritingProblemTests {
  private func problems(_ type: String, _ node: Node) throws -> [String] {
    try #require(MessageType(named: type)).encoded(from: node).problems.map(\.description)
  }

  @Test func anUnknownFieldIsNamedWithTheNearest() throws {
    #expect(
      try problems("envoy.config.cluster.v3.Cluster", ["connectTimout": "1s"]) == [
        "envoy.config.cluster.v3.Cluster has no field \"connectTimout\"; nearest: \"connectTimeout\""
      ])
  }

  @Test func thePathLeadsThroughListsMapsAndAny() throws {
    let hcm = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
    let node: Node = [
      "filterChains": [
        [
          "filters": [
            [
              "name": "hcm",
              "typed_config": [
                "@type": Node(.string(hcm + "HttpConnectionManager")), "codecType": "HTTP9",
                "httpFilters": [["typedConfig": ["@type": "type.googleapis.com/a.B"]]],
              ],
            ]
          ]
        ]
      ]
    ]
    #expect(
      try problems("envoy.config.listener.v3.Listener", node) == [
        "filterChains[0].filters[0].typed_config.codecType: \"HTTP9\" is no value of "
          + "envoy.extensions.filters.network.http_connection_manager.v3."
          + "HttpConnectionManager.CodecType; nearest: \"HTTP1\"",
        "filterChains[0].filters[0].typed_config.httpFilters[0].typedConfig.@type: "
          + "\"type.googleapis.com/a.B\" is no published message type",
      ])
  }

  @Test func wrongTypesSayWhatWasExpected() throws {
    let node: Node = [
      "name": 1, "connectTimeout": "1 minute", "perConnectionBufferLimitBytes": -1,
      "transportSocketMatches": ["match": "x"], "ignoreHealthOnHostRemoval": "yes",
    ]
    #expect(
      try problems("envoy.config.cluster.v3.Cluster", node) == [
        "name: expected a string, found a number",
        "connectTimeout: expected a duration like \"1.5s\", found \"1 minute\"",
        "perConnectionBufferLimitBytes.value: expected an integer from 0 to 4294967295, found \"-1\"",
        "transportSocketMatches: expected a list, found a mapping",
        "ignoreHealthOnHostRemoval: expected a boolean, found a string",
      ])
  }

  @Test func oneOfSeveralMeansOne() throws {
    #expect(
      try problems("envoy.config.route.v3.RouteMatch", ["prefix": "/", "path": "/a"]) == [
        "\"path\" excludes \"prefix\""
      ])
    #expect(
      try problems("envoy.config.cluster.v3.Cluster", ["altStatName": "a", "alt_stat_name": "b"])
        == ["\"alt_stat_name\" excludes \"altStatName\""])
  }

  @Test func whatCanBeTakenIsTaken() throws {
    let type = try #require(MessageType(named: "envoy.config.route.v3.VirtualHost"))
    let (bytes, problems) = type.encoded(from: ["name": "a", "domain": ["*"]])
    #expect(bytes == [0x0A, 1, 0x61])
    #expect(problems.count == 1)
  }
}
