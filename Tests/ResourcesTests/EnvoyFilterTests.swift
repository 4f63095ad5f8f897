import Documents
import Resources
import Testing

@Suite struct EnvoyFilterTests {
  private static func decoded(_ text: String) -> Decoded {
    decode(ParsedFile(Array(text.utf8), path: "t.yaml").documents[0])
  }

  private static func lua(_ script: String) -> String {
    """
    apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: {name: lua, namespace: shop}
    spec:
      configPatches:
      - applyTo: HTTP_FILTER
        patch:
          operation: INSERT_FIRST
          value:
            name: lua
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
              default_source_code: {inline_string: "\(script)"}
    """
  }

  @Test func aGiantValueIsRefused() {
    let text = String(repeating: "-", count: 1 << 20)
    guard case .refused = Self.decoded(Self.lua(text)).outcome else {
      Issue.record("a value of a megabyte and more is taken")
      return
    }
    guard case .accepted = Self.decoded(Self.lua(String(text.dropFirst(1000)))).outcome else {
      Issue.record("a value below the limit is refused")
      return
    }
  }

  /// A Struct is three messages for each level of text, so that it is too deep before the text is.
  @Test(arguments: [(20, true), (60, false), (90, false)])
  func deepValuesAreJudged(depth: Int, isTaken: Bool) {
    let open = String(repeating: "{a: ", count: depth)
    let close = String(repeating: "}", count: depth)
    let decoded = Self.decoded(
      """
      apiVersion: networking.istio.io/v1alpha3
      kind: EnvoyFilter
      metadata: {name: deep, namespace: shop}
      spec:
        configPatches:
        - applyTo: CLUSTER
          patch: {operation: MERGE, value: {metadata: {filter_metadata: \(open)1\(close)}}}
      """)
    let wasTaken = if case .accepted = decoded.outcome { true } else { false }
    #expect(wasTaken == isTaken, "\(decoded.diagnostics.map(\.problem))")
  }

  @Test(arguments: [
    ("outbound|80||a.b", ClusterReference(direction: .outbound, port: 80, subset: "", host: "a.b")),
    (
      "outbound_.80_.v_1_.a_b.c",
      ClusterReference(direction: .crossNetwork, port: 80, subset: "v_1", host: "a_b.c")
    ),
    ("inbound|8080||", ClusterReference(direction: .inbound, port: 8080, subset: "", host: "")),
    ("outbound|80|a.b", nil), ("outbound|x||a.b", nil), ("x outbound|80||a.b", nil),
    ("outbound|80||a.b c", nil), ("BlackHoleCluster", nil), ("", nil),
  ])
  func clusterNamesAreTakenApart(_ name: String, _ expected: ClusterReference?) {
    #expect(ClusterReference(parsing: name) == expected)
  }

  @Test(arguments: [
    ("http.8080", 8080, "", ""), ("http.8080.10.0.0.1", 0, "", ""),
    ("https.443.https-a.gw.ns", 443, "https-a", "ns/gw"),
    ("https.443.https-a.gw.ns.10.0.0.1", 0, "", ""), ("https.443.a.b", 0, "", ""), ("", 0, "", ""),
  ])
  func routeNamesAreTakenApart(_ name: String, _ port: Int, _ portName: String, _ gateway: String) {
    let reference = RouteReference(parsing: name)
    #expect(reference.port == port)
    #expect(reference.portName == portName)
    #expect(reference.gateway == gateway)
  }

  @Test func versionsAreFoundByExpressions() {
    #expect(EnvoyFilter.VersionMatch.expression("1\\.3").includes("v1.31.0"))
    #expect(!EnvoyFilter.VersionMatch.expression("^1\\.3").includes("v1.31.0"))
    #expect(!EnvoyFilter.VersionMatch.expression(".*").includes(nil))
    #expect(!EnvoyFilter.VersionMatch.expression(".*").includes(""))
    #expect(!EnvoyFilter.VersionMatch.nothing.includes("1.31.0"))
  }
}
