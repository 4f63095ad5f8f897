import Foundation
import TLS
import TestSupport
import Testing

@testable import HTTPClient

/// The other side is Python's server, or nghttpd.
@Suite struct AnswerTests {
  static let limits = HTTPLimits(bodyBytes: 1 << 20, total: .seconds(20))

  private func answer(
    _ url: String, _ security: HTTPSecurity = HTTPSecurity(),
    redirects: HTTPRequest.Redirects = .none, limits: HTTPLimits = AnswerTests.limits
  ) throws -> HTTPAnswer {
    try HTTPClient.answer(
      to: HTTPRequest(.get, url, security: security, redirects: redirects, limits: limits))
  }

  @Test func aRequestArrivesAsItWasMeant() throws {
    let server = try PythonServer()
    let answer = try HTTPClient.answer(
      to: HTTPRequest(
        .patch, server.url("echo/a?b=c"), headers: [HTTPHeader("Accept", "text/plain")],
        bearerToken: SecretBytes(Array("s3cret".utf8)), body: Array("hello".utf8),
        limits: Self.limits))
    let echo = try Echo(answer)
    #expect(answer.head.status == 200)
    #expect(answer.head["content-length"] == "\(answer.body.count)")
    #expect(echo.method == "PATCH" && echo.path == "a?b=c" && echo.body == "hello")
    #expect(echo.headers["accept"] == "text/plain")
    #expect(echo.headers["authorization"] == "Bearer s3cret")
    #expect(echo.headers["expect"] == nil)
  }

  @Test func aStatusIsAnAnswer() throws {
    let server = try PythonServer()
    let answer = try answer(server.url("status/429"))
    #expect(answer.head.status == 429 && answer.head["retry-after"] == "7")
    #expect(answer.body == Array("no\n".utf8))
  }

  @Test func redirectsAreFollowedAsOftenAsAllowed() throws {
    let server = try PythonServer()
    #expect(try answer(server.url("redirect/0")).head.status == 302)
    let end = try Echo(answer(server.url("redirect/2"), redirects: .atMost(3)))
    #expect(end.path == "end")
    #expect(
      try reason { _ = try answer(server.url("redirect/3"), redirects: .atMost(3)) }
        == .tooManyRedirects)
  }

  @Test(
    arguments: [
      "http://169.254.169.254/latest", "http://[fe80::1]/", "http://[fd00:ec2::254]/",
      "http://100.100.100.200/", "http://[::ffff:169.254.169.254]/",
    ])
  func metadataOfCloudsIsNotAskedForWhereTheURLIsOthers(_ url: String) throws {
    #expect(
      try reason {
        _ = try HTTPClient.answer(
          to: HTTPRequest(.get, url, reach: .noMetadata, limits: Self.limits))
      } == .forbidden)
  }

  @Test func otherAddressesAreAsked() throws {
    let server = try PythonServer()
    let answer = try HTTPClient.answer(
      to: HTTPRequest(.get, server.url("status/204"), reach: .noMetadata, limits: Self.limits))
    #expect(answer.head.status == 204)
  }

  @Test func noRedirectLeavesTLS() throws {
    let server = try PythonServer(overTLS: true)
    #expect(
      try reason {
        _ = try answer(server.url("elsewhere"), server.trust, redirects: .atMost(3))
      } == .badURL)
  }

  @Test func anAnswerIsAsLongAsAllowedAndNoLonger() throws {
    let server = try PythonServer()
    #expect(try answer(server.url("large/\(1 << 20)")).body.count == 1 << 20)
    #expect(try reason { _ = try answer(server.url("large/\(1 << 20 + 1)")) } == .tooLarge)
    #expect(try reason { _ = try answer(server.url("endless")) } == .tooLarge)
    #expect(try reason { _ = try answer(server.url("head/90")) } == .tooLarge)
  }

  @Test func whatBreaksIsNamedWithTheServer() throws {
    let server = try PythonServer()
    #expect(try reason { _ = try answer(server.url("cut")) } == .cutOff)
    #expect(try reason { _ = try answer("http://127.0.0.1:1/x") } == .unreachable)
    #expect(try reason { _ = try answer("http://no.such.invalid/x") } == .unknownHost)
    for bad in ["", "file:///etc/passwd", "ftp://a/b", "http://", "http://a b/"] {
      #expect(try reason { _ = try answer(bad) } == .badURL, "\(bad)")
    }
    let error = #expect(throws: HTTPError.self) {
      _ = try answer("http://user:s3cret@127.0.0.1:1/path?token=s3cret")
    }
    #expect(error?.server == "127.0.0.1:1")
    #expect(error.map { "\($0)".contains("s3cret") } == false)
  }

  @Test func aProxyIsAskedInPlaceOfTheServer() throws {
    let proxy = try PythonServer()
    let answer = try HTTPClient.answer(
      to: HTTPRequest(
        .get, "http://kube.invalid:6443/echo/there",
        proxy: .url("http://127.0.0.1:\(proxy.port)"), limits: Self.limits))
    let echo = try Echo(answer)
    #expect(echo.path == "there" && echo.headers["host"] == "kube.invalid:6443")
  }

  @Test func timeRunsOut() throws {
    let server = try PythonServer()
    var limits = Self.limits
    limits.total = .milliseconds(300)
    #expect(try reason { _ = try answer(server.url("silent"), limits: limits) } == .timedOut)
    limits.total = .seconds(30)
    limits.silence = .seconds(1)
    #expect(try reason { _ = try answer(server.url("silent"), limits: limits) } == .silent)
  }

  // MARK: TLS

  @Test func aServerIsTrustedForItsCertificateAndName() throws {
    let server = try PythonServer(overTLS: true)
    #expect(try answer(server.url("echo/"), server.trust).head.status == 200)
    #expect(try reason { _ = try answer(server.url("echo/")) } == .untrusted)
    #expect(
      try reason { _ = try answer(server.url("echo/", host: "127.0.0.1"), server.trust) }
        == .untrusted)
    let other = try CertificatePair(.curve, name: "localhost")
    let stranger = HTTPSecurity(trust: .certificates(other.certificate))
    #expect(try reason { _ = try answer(server.url("echo/"), stranger) } == .untrusted)
    let careless = HTTPSecurity(trust: .anyone)
    #expect(try answer(server.url("echo/"), careless).head.status == 200)
    let nonsense = HTTPSecurity(trust: .certificates(Array("nonsense".utf8)))
    #expect(try reason { _ = try answer(server.url("echo/"), nonsense) } == .badCredentials)
  }

  @Test func anotherNameIsAskedForAndCheckedInPlaceOfTheHost() throws {
    let server = try PythonServer(overTLS: true, name: "kube.example")
    var security = server.trust
    security.serverName = "kube.example"
    let echo = try Echo(answer(server.url("echo/", host: "127.0.0.1"), security))
    #expect(echo.name == "kube.example")
    #expect(echo.headers["host"] == "127.0.0.1:\(server.port)")
    security.serverName = "other.example"
    #expect(
      try reason { _ = try answer(server.url("echo/", host: "127.0.0.1"), security) } == .untrusted)
  }

  @Test func theClientProvesWhoItIs() throws {
    let server = try PythonServer(overTLS: true)
    let pair = try #require(server.certificate)
    var security = server.trust
    security.identity = .init(
      certificate: SecretBytes(pair.certificate), key: SecretBytes(pair.key))
    #expect(try Echo(answer(server.url("echo/"), security)).peer == ["localhost"])
    let other = try CertificatePair(.curve)
    security.identity = .init(
      certificate: SecretBytes(pair.certificate), key: SecretBytes(other.key))
    #expect(try reason { _ = try answer(server.url("echo/"), security) } == .badCredentials)
  }
}
