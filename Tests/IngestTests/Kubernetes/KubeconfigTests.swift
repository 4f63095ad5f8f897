import Foundation
import HTTPClient
import TLS
import TestSupport
import Testing

@testable import Ingest

/// What a kubeconfig says, and how it says what is wrong with it.
@Suite struct KubeconfigTests {
  private func access(
    _ text: String, context: String? = nil, files: [String: String] = [:]
  ) throws -> ClusterAccess {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, contents) in files {
      try Data(contents.utf8).write(to: folder.appending(path: name))
    }
    let file = folder.appending(path: "config")
    try Data(text.utf8).write(to: file)
    return try Kubeconfig.access(file: file.path, context: context)
  }

  private func mistake(_ text: String, context: String? = nil) throws -> String {
    do {
      _ = try access(text, context: context)
      return ""
    } catch let error as AccessError {
      let file = error.file.split(separator: "/").last ?? ""
      return "\(file): " + (error.field.isEmpty ? "" : "\(error.field): ") + error.problem
    }
  }

  private func config(cluster: String = "", user: String = "", more: String = "") -> String {
    """
    apiVersion: v1
    kind: Config
    current-context: one
    contexts:
    - {name: one, context: {cluster: c, user: u}}
    - {name: two, context: {cluster: d}}
    clusters:
    - name: c
      cluster: {server: "https://one:6443/"\(cluster)}
    - name: d
      cluster: {server: "http://two"}
    users:
    - name: u
      user: {\(user)}
    \(more)
    """
  }

  @Test func aContextLeadsToItsServer() throws {
    let one = try access(config())
    #expect(one.server == "https://one:6443" && one.trust == .system && one.serverName == nil)
    #expect(try access(config(), context: "two").server == "http://two")
    #expect(try access(config()).warnings.isEmpty)
  }

  @Test func aClusterSaysWhomToTrust() throws {
    let inline = try access(
      config(cluster: ", certificate-authority-data: Zm9vYmE=, tls-server-name: kube"))
    #expect(inline.trust == .certificates(Array("fooba".utf8)) && inline.serverName == "kube")
    let file = try access(
      config(cluster: ", certificate-authority: ca.crt, proxy-url: 'http://p:1'"),
      files: ["ca.crt": "foo"])
    #expect(file.trust == .certificates(Array("foo".utf8)) && file.proxy == .url("http://p:1"))
    let blind = try access(config(cluster: ", insecure-skip-tls-verify: true"))
    #expect(blind.trust == .anyone && blind.warnings.count == 1)
  }

  @Test func aUserIsProvedByTokenOrCertificate() throws {
    func kind(_ user: String, files: [String: String] = [:]) throws -> String {
      let credentials = try access(config(user: user), files: files).credentials
      let token =
        switch credentials.token {
        case .none: "no token"
        case .given(let token): token == SecretBytes(Array("abc".utf8)) ? "abc" : "another"
        case .file(let path): "token in " + (path.split(separator: "/").last ?? "")
        }
      let identity =
        switch credentials.identity {
        case .none: "nobody"
        case .given: "given"
        case .files(let certificate, _): "in " + (certificate.split(separator: "/").last ?? "")
        }
      return "\(token), \(identity)"
    }
    #expect(try kind("") == "no token, nobody")
    #expect(try kind("token: abc") == "abc, nobody")
    #expect(try kind("token: abc, tokenFile: t") == "token in t, nobody")
    #expect(try kind("client-certificate: a.crt, client-key: a.key") == "no token, in a.crt")
    #expect(
      try kind("client-certificate-data: Zm9v, client-key: k", files: ["k": "x"])
        == "no token, given")
  }

  @Test func aPluginIsNamedWithWhatItNeeds() throws {
    let exec = """
      exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/get-token,
        args: [a, b], env: [{name: X, value: "1"}], interactiveMode: Never, provideClusterInfo: true}
      """
    let plugin = try #require(try access(config(user: exec)).credentials.plugin)
    #expect(plugin.command.hasPrefix("/") && plugin.command.hasSuffix("/bin/get-token"))
    #expect(plugin.arguments == ["a", "b"] && plugin.variables.map(\.name) == ["X"])
    #expect(plugin.clusterJSON == #"{"server":"https://one:6443/"}"#)
  }

  @Test(arguments: [
    ("", "config: is empty"),
    ("kind: [", "config: line"),
    ("kind: Config", "config: current-context: is not set"),
    ("kind: Config\ncurrent-context: x", "config: contexts: none is named \"x\""),
    ("kind: Config\ncurrent-context: [x]", "config: current-context: is a list"),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]",
      "config: clusters: none is named \"c\", which contexts[0].context.cluster names; there is none"
    ),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
      "config: clusters[0].cluster.server: is not set"
    ),
  ])
  func aMistakeIsNamedWithItsField(text: String, expected: String) throws {
    let found = try mistake(text)
    #expect(found.hasPrefix(expected), "\(found)")
  }

  @Test(arguments: [
    (
      ", certificate-authority-data: '*'", "",
      "clusters[0].cluster.certificate-authority-data: is not base64"
    ),
    (", certificate-authority: no.crt", "", "no.crt: No such file or directory"),
    (
      ", certificate-authority-data: Zm9v, insecure-skip-tls-verify: true", "",
      "clusters[0].cluster.insecure-skip-tls-verify: cannot be set together"
    ),
    (", insecure-skip-tls-verify: yes please", "", "insecure-skip-tls-verify: is a string"),
    ("", "client-key-data: Zm9v", "users[0].user.client-certificate: is missing"),
    ("", "client-certificate-data: Zm9v", "users[0].user.client-key: is missing"),
    ("", "username: a, password: s3cret", "users[0].user.username: is no longer served"),
    ("", "auth-provider: {name: gcp}", "users[0].user.auth-provider: is no longer served"),
    ("", "as: admin", "users[0].user.as: impersonation is not served"),
    ("", "exec: {command: a}", "users[0].user.exec.apiVersion: is not set"),
    ("", "exec: {command: a, apiVersion: v0}", "users[0].user.exec.apiVersion: v0 is none of"),
    (
      "",
      "exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
      "interactiveMode: is Always"
    ),
  ])
  func aMistakeInAnEntryIsNamedToo(cluster: String, user: String, expected: String) throws {
    let found = try mistake(config(cluster: cluster, user: user))
    #expect(found.contains(expected), "\(found)")
    #expect(!found.contains("s3cret"))
  }

  /// What is nobody's file may have no file read and no program run (kube/util_test.go, of Istio's).
  @Test(arguments: [
    ("", "tokenFile: /etc/token", "users[0].user.tokenFile: names a file"),
    ("", "client-key: a", "users[0].user.client-key: names a file"),
    ("", "client-certificate: a", "users[0].user.client-certificate: names a file"),
    ("", "exec: {command: a}", "users[0].user.exec: names a program"),
    ("", "auth-provider: {name: gcp}", "users[0].user.auth-provider: is no longer served"),
    (", certificate-authority: /a", "", "clusters[0].cluster.certificate-authority: names a file"),
    ("", "token: s3cret, more: [", "line"),
  ])
  func aKubeconfigOfASecretIsBelievedOnlyByItself(cluster: String, user: String, problem: String)
    throws
  {
    let text = config(cluster: cluster, user: user)
    let error = try #require(throws: AccessError.self) {
      try Kubeconfig.access(given: Array(text.utf8), by: "secrets/a/b c")
    }
    #expect("\(error)".hasPrefix("secrets/a/b c: \(problem)"), "\(error)")
    #expect(!"\(error)".contains("s3cret"))
  }

  @Test func aKubeconfigOfASecretGivesAccess() throws {
    let text = config(
      cluster: ", certificate-authority-data: Y2E=", user: "token: t, client-key: ''")
    let access = try Kubeconfig.access(given: Array(text.utf8), by: "secrets/a/b c")
    #expect(access.server == "https://one:6443" && access.trust == .certificates(Array("ca".utf8)))
    #expect(throws: AccessError.self) { try Kubeconfig.access(given: [], by: "x") }
  }

  @Test func aPodHasItsAccountsFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("ca".utf8).write(to: folder.appending(path: "ca.crt"))
    let access = try ClusterAccess.inPod(folder: folder.path, host: "fd00::1", port: "443")
    #expect(access.server == "https://[fd00::1]:443")
    #expect(access.trust == .certificates(Array("ca".utf8)))
    guard case .file(folder.path + "/token") = access.credentials.token else {
      Issue.record("\(access.credentials.token)")
      return
    }
    #expect(throws: AccessError.self) {
      try ClusterAccess.inPod(folder: folder.path, host: nil, port: "1")
    }
  }
}
