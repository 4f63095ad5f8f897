import Foundation
import Testing

/// A file that cannot be served, and what its report must name.
struct BadFile: CustomTestStringConvertible {
  let name: String
  let text: String
  let said: String
  var testDescription: String { name }

  static let all = [
    BadFile(name: "not-yaml.yaml", text: "{ unclosed: [", said: "not-yaml.yaml:"),
    BadFile(
      name: "tabs.yaml", text: "apiVersion: v1\nkind: Service\nmetadata:\n\tname: x\n",
      said: "tabs.yaml:4"),
    BadFile(name: "aliases.yaml", text: billionLaughs, said: "aliases.yaml"),
    BadFile(
      name: "deep.yaml",
      text: String(repeating: "[", count: 200) + String(repeating: "]", count: 200),
      said: "deep.yaml:1"),
    BadFile(name: "binary.yaml", text: "\u{0}\u{1}\u{2}\u{FFFD}", said: "binary.yaml"),
    BadFile(
      name: "twice.yaml",
      text: virtualService("twice").replacing("  hosts:", with: "  hosts: []\n  hosts:"),
      said: "twice.yaml:7"),
    BadFile(
      name: "type.yaml",
      text: virtualService("type").replacing("[type.example.com]", with: "{a: 1}"),
      said: "type.yaml:6"),
    BadFile(
      name: "unknown.yaml", text: virtualService("unknown").replacing("/v1", with: "/v9"),
      said: "unknown.yaml:1"),
    BadFile(
      name: "field.yaml",
      text: virtualService("field").replacing("  hosts:", with: "  hostz: []\n  hosts:"),
      said: "hostz"),
    BadFile(
      name: "invalid.yaml",
      text: virtualService("invalid").replacing("[invalid", with: "[-invalid"),
      said: "invalid.yaml"),
  ]

  static func virtualService(_ name: String) -> String {
    """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata:
      name: \(name)
    spec:
      hosts: [\(name).example.com]
      http:
      - route:
        - destination: {host: nowhere.example.com}

    """
  }

  private static let billionLaughs =
    "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + zip("bcdefghij", "abcdefghi").map { name, of in
      "\(name): &\(name) [" + Array(repeating: "*\(of)", count: 10).joined(separator: ", ") + "]\n"
    }.joined()
}

/// What a user may get wrong, tried on a server that goes on.
@Suite struct BadInputTests {
  @Test func aBadFileIsNamedAndDisturbsNothing() throws {
    let serving = try Serving()
    let before = try serving.resources()
    for bad in BadFile.all where bad.name != "invalid.yaml" {
      _ = try serving.folder.write(bad.text, as: bad.name)
      _ = try serving.logLine(containing: bad.said)
    }
    #expect(try serving.resources() == before)
    _ = try serving.page("/ready")
    #expect(serving.stop() == 0)
  }

  @Test(arguments: BadFile.all.filter { $0.name != "field.yaml" && $0.name != "unknown.yaml" })
  func checkNamesTheSamePlaceAndEndsWithStatus1(bad: BadFile) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(bad.text, as: bad.name)
    let run = try Run(Installed.fairlead, ["check", file])
    #expect(run.status == 1)
    #expect(run.output.contains(bad.said), "\(run.output)")
  }

  @Test func aFileOf100MegabytesIsRefusedBySize() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a: " + String(repeating: "x", count: 100 << 20), as: "large.yaml")
    let run = try Run(Installed.fairlead, ["check", file])
    #expect(run.status == 1)
    #expect(run.output.contains("large.yaml: error"), "\(run.output.prefix(500))")
  }

  @Test func aKeyThatDoesNotFitIsNamedAndTheOtherHostIsServed() throws {
    let mine = try Certificate(host: "bookinfo.example.com")
    let other = try Certificate(host: "bookinfo.example.com")
    let serving = try Serving { folder in
      let mixed = secret("bookinfo-secret", mine.certificate, other.key)
      _ = try folder.write(mixed, as: "bookinfo-secret.yaml")
    }
    let check = try Run(Installed.fairlead, ["check", serving.folder.url.path])
    #expect(check.output.contains("Secret istio-system/bookinfo-secret"), "\(check.output)")
    let secrets = try #require(
      try JSONSerialization.jsonObject(with: Data(serving.resources().utf8)) as? [String: Any])
    let names = try #require(secrets["secrets"] as? [String: Any]).keys
    #expect(Array(names) == ["kubernetes://ecommerce-tls-secret"])
    #expect(serving.stop() == 0)
  }

  @Test func requestsNoProxySendsAreAnsweredAndTheNextProxyIsServed() throws {
    let serving = try Serving()
    let before = try serving.resources()
    #expect(
      try serving.ads("abuse") == """
        no node: INVALID_ARGUMENT
        an id without parts: INVALID_ARGUMENT
        metadata 50000 deep: INVALID_ARGUMENT
        not protobuf: INVALID_ARGUMENT
        a request of 65 MiB: RESOURCE_EXHAUSTED
        an unknown method: UNIMPLEMENTED
        a node with nothing but its id: OK

        """)
    #expect(try serving.resources() == before)
    #expect(serving.stop() == 0)
  }
}
