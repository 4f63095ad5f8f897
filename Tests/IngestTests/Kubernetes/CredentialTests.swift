import Documents
import Foundation
import TLS
import TestSupport
import Testing

@testable import Ingest

/// Tokens that rotate, programs that give credentials, and their times.
@Suite struct CredentialTests {
  static let v1 = "client.authentication.k8s.io/v1"

  private func plugin(_ script: String, variables: [(String, String)] = []) -> CredentialPlugin {
    CredentialPlugin(
      command: "sh", arguments: ["-c", script], variables: variables, apiVersion: Self.v1,
      installHint: "install it", clusterJSON: #"{"server":"https://a"}"#)
  }

  private func answer(_ status: String, version: String = v1) -> String {
    #"echo '{"apiVersion":"\#(version)","kind":"ExecCredential","status":\#(status)}'"#
  }

  private func mistake(_ script: String) -> String {
    do {
      _ = try plugin(script).run()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func aPluginGivesATokenAndItsTime() throws {
    let given = try plugin(
      answer(#"{"token":"abc","expirationTimestamp":"2026-01-31T09:30:00Z"}"#)
    ).run()
    #expect(given.token == SecretBytes(Array("abc".utf8)) && given.identity == nil)
    #expect(given.expires == 1_769_851_800)
  }

  @Test func aPluginSeesWhatItIsTold() throws {
    let script =
      #"[ "$X" = 1 ] && echo "$KUBERNETES_EXEC_INFO" | grep -q '"cluster":{"server":"https://a"}' && "#
      + answer(#"{"clientCertificateData":"c","clientKeyData":"k"}"#)
    let given = try plugin(script, variables: [("X", "1")]).run()
    #expect(given.identity?.key == SecretBytes(Array("k".utf8)) && given.expires == nil)
  }

  @Test func whatAPluginDoesWrongIsTold() {
    #expect(mistake("echo oops >&2; exit 3") == "sh: ended with status 3: oops")
    #expect(mistake("echo s3cret") == "sh: printed what is not JSON")
    #expect(mistake("kill -9 $$") == "sh: ended with status -9")
    #expect(mistake(answer("{}")) == "sh: status: has neither a token nor a certificate")
    #expect(mistake(answer(#"{"token":"a"}"#, version: "v0")).hasPrefix("sh: apiVersion: is not"))
    #expect(
      mistake(answer(#"{"clientKeyData":"s3cret"}"#))
        == "sh: status: has one of clientCertificateData and clientKeyData")
    #expect(mistake("yes").hasPrefix("sh: printed more than"))
    var missing = plugin("")
    missing = CredentialPlugin(
      command: "/no/such/program", arguments: [], variables: [], apiVersion: Self.v1,
      installHint: "install it", clusterJSON: nil)
    #expect(
      throws: AccessError(
        "/no/such/program", "", "cannot be run: No such file or directory; install it")
    ) {
      try missing.run()
    }
  }

  @Test func filesAreReadAgainAsTheyRotate() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: file) }
    let source = CredentialSource(
      .init(token: .file(file.path), identity: .none, plugin: nil))
    var now = ContinuousClock.now
    func token() throws -> Bool? {
      try source.current(now: now).token.map { $0 == SecretBytes(Array("first".utf8)) }
    }
    try write("  first\n")
    #expect(try token() == true)
    try write("second")
    #expect(try token() == true)
    now += .seconds(60)
    #expect(try token() == false)
    try write("first")
    source.doubt(now: now)
    #expect(try token() == true)
    // Doubted again within moments: the file is not read for each of many requests.
    try write("third")
    source.doubt(now: now + .seconds(1))
    #expect(try token() == true)
    try write(" \n")
    now += .seconds(60)
    #expect(throws: AccessError.self) { try token() }
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00.123456Z", 951_825_600),
    ("2026-01-31T11:30:00+02:00", 1_769_851_800), ("1969-12-31T23:59:59Z", -1),
  ])
  func timesAreRead(text: String, seconds: Int64) { #expect(UTCTime.seconds(of: text) == seconds) }

  @Test(arguments: ["", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "x"])
  func whatIsNoTimeIsRefused(text: String) { #expect(UTCTime.seconds(of: text) == nil) }

  /// The oracle is Foundation's.
  @Test(arguments: UInt64(0)..<50) func base64IsRead(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
    let text = Data(bytes).base64EncodedString()
    #expect(decodeBase64(text) == bytes)
    #expect(text.isEmpty || decodeBase64(String(text.dropLast())) == nil)
  }
}
