import Diagnostics
import Documents
import Testing

@testable import Resources

/// How Envoy's own parser of formats takes the same texts apart.
@Suite struct LogFormatTests {
  @Test(arguments: [
    "", "plain", "%REQ(:PATH)%", "%START_TIME(%Y-%m)%", "100%%", "%REQ(A?B):10% %RESPONSE_CODE%\n",
    "%METADATA(ROUTE:a)%", "%DOWNSTREAM_PEER_URI_SAN%", "%REQ(a)b)%", "%A:5%",
  ])
  func envoyTakesApart(_ format: String) {
    #expect(LogFormatRule.mistake(in: format) == nil)
  }

  @Test(arguments: [
    ("100%", "%"), ("%REQ(", "%REQ("), ("a %REQ(:PATH) b", "%REQ(:PATH) b"), ("%req%", "%req%"),
    ("%REQ(a):x%", "%REQ(a):x%"), ("% %", "% %"),
  ])
  func envoyDoesNot(_ format: String, _ rest: String) {
    #expect(LogFormatRule.mistake(in: format) == rest)
  }

  @Test func whatCannotBeTakenApartIsAsIfNotWritten() throws {
    let text = """
      accessLogFormat: "100%"
      extensionProviders:
      - {name: text, envoyFileAccessLog: {logFormat: {text: "%REQ("}}}
      - {name: labels, envoyFileAccessLog: {logFormat: {labels: {a: "%B%", b: "%", c: {d: ["%"]}}}}}
      - {name: otel, envoyOtelAls: {service: s.x.com, port: 1, logFormat: {text: "%", labels: {a: "%", b: "c"}}}}
      """
    let document = try #require(
      ParsedFile(Array(text.utf8), path: "mesh.yaml").documents.first)
    let settings = Settings<MeshConfig>(reading: document)
    let mesh = try #require(settings.value)
    #expect(settings.diagnostics.map(\.severity) == Array(repeating: .warning, count: 6))
    #expect(mesh.accessLog.format == nil)
    let providers = mesh.extensionProviders.suffix(3).map(\.provider)
    #expect(providers[0] == .envoyFileAccessLog(.init()))
    guard case .envoyFileAccessLog(let file) = providers[1],
      case .labels(let labels)? = file.format,
      case .envoyOtelAls(let service) = providers[2]
    else {
      Issue.record("\(providers)")
      return
    }
    #expect(labels.withoutPositions == ["a": "%B%"])
    #expect(service.text == nil)
    #expect(service.labels.map(\.name) == ["b"])
  }
}
