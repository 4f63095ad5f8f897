internal import Diagnostics
internal import Documents
internal import HTTPClient
internal import TLS

/// A kubeconfig file: what kubectl reads (client-go, tools/clientcmd/api/v1).
package enum Kubeconfig {
  /// The access of the named context, or of the file's current one.
  package static func access(
    file path: String, context name: String?
  ) throws(AccessError) -> ClusterAccess {
    let bytes = try FileText.bytes(of: path)
    let parsed = ParsedFile(bytes, path: path)
    if let problem = parsed.diagnostics.first {
      throw AccessError(path, "", "line \(problem.place.line): \(problem.problem)")
    }
    guard let root = parsed.documents.first?.root else { throw AccessError(path, "", "is empty") }
    let file = KubeconfigPart(node: root, path: path, field: "")
    let current = try file.text("current-context")
    let wanted = name ?? current ?? ""
    guard !wanted.isEmpty else {
      throw AccessError(path, "current-context", "is not set; name one with --context")
    }
    let context = try file.named(wanted, in: "contexts", "context", by: "the context")
    let clusterName = try context.needed("cluster")
    let cluster = try file.named(
      clusterName, in: "clusters", "cluster", by: "\(context.field).cluster")
    let user: KubeconfigPart? =
      if let name = try context.text("user") {
        try file.named(name, in: "users", "user", by: "\(context.field).user")
      } else {
        nil
      }
    return try access(cluster: cluster, user: user)
  }

  private static func access(cluster: KubeconfigPart, user: KubeconfigPart?) throws(AccessError)
    -> ClusterAccess
  {
    var server = try cluster.needed("server")
    guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
      throw cluster.error("server", "\(server) is not an http or https URL")
    }
    while server.hasSuffix("/") { server.removeLast() }
    var trust = HTTPSecurity.Trust.system
    var warnings: [Diagnostic] = []
    let authority = try cluster.contents("certificate-authority")
    if try cluster.flag("insecure-skip-tls-verify") {
      guard authority == nil else {
        throw cluster.error(
          "insecure-skip-tls-verify", "cannot be set together with a certificate-authority")
      }
      trust = .anyone
      warnings.append(.serverNotVerified(server, at: cluster.place("insecure-skip-tls-verify")))
    } else if let authority {
      trust = .certificates(authority)
    }
    return ClusterAccess(
      server: server, trust: trust, serverName: try cluster.text("tls-server-name"),
      proxy: try cluster.text("proxy-url").map { .url($0) } ?? .environment,
      credentials: try user.map { user throws(AccessError) in
        try credentials(user, cluster: cluster)
      } ?? .init(token: .none, identity: .none, plugin: nil),
      warnings: warnings)
  }

  private static func credentials(
    _ user: KubeconfigPart, cluster: KubeconfigPart
  ) throws(AccessError) -> ClusterAccess.Credentials {
    for field in ["auth-provider", "username", "password"] where user.node[field] != nil {
      throw user.error(field, "is no longer served by Kubernetes; use a token or an exec plugin")
    }
    for field in ["as", "as-groups", "as-user-extra", "as-uid"] where user.node[field] != nil {
      throw user.error(field, "impersonation is not served")
    }
    // A token file counts before a token, as in client-go.
    let token: ClusterAccess.Credentials.Token =
      if let file = try user.text("tokenFile") {
        .file(user.resolved(file))
      } else if let text = try user.text("token") {
        .given(SecretBytes(Array(text.utf8)))
      } else {
        .none
      }
    return .init(
      token: token, identity: try identity(user), plugin: try plugin(user, cluster: cluster))
  }

  private static func identity(
    _ user: KubeconfigPart
  ) throws(AccessError) -> ClusterAccess.Credentials.Identity {
    let inline = (
      certificate: try user.decoded("client-certificate-data"),
      key: try user.decoded("client-key-data")
    )
    let files = (
      certificate: try user.text("client-certificate").map(user.resolved),
      key: try user.text("client-key").map(user.resolved)
    )
    if inline.certificate == nil, inline.key == nil, let certificate = files.certificate,
      let key = files.key
    {
      return .files(certificate: certificate, key: key)
    }
    // Inline data counts before a file; the two may be mixed.
    var certificate = inline.certificate
    if certificate == nil, let path = files.certificate {
      certificate = try FileText.bytes(of: path)
    }
    var key = inline.key
    if key == nil, let path = files.key { key = try FileText.bytes(of: path) }
    guard certificate != nil || key != nil else { return .none }
    guard let certificate else {
      throw user.error("client-certificate", "is missing beside client-key")
    }
    guard let key else { throw user.error("client-key", "is missing beside client-certificate") }
    return .given(
      HTTPSecurity.Identity(certificate: SecretBytes(certificate), key: SecretBytes(key)))
  }

  private static func plugin(
    _ user: KubeconfigPart, cluster: KubeconfigPart
  ) throws(AccessError) -> CredentialPlugin? {
    guard let exec = try user.part("exec") else { return nil }
    let command = try exec.needed("command")
    let version = try exec.needed("apiVersion")
    guard CredentialPlugin.versions.contains(version) else {
      throw exec.error(
        "apiVersion", "\(version) is none of \(CredentialPlugin.versions.joined(separator: ", "))")
    }
    if try exec.text("interactiveMode") == "Always" {
      throw exec.error("interactiveMode", "is Always, and nobody is there to answer")
    }
    return CredentialPlugin(
      // A path that says where counts from the file, as in client-go.
      command: command.contains("/") ? exec.resolved(command) : command,
      arguments: try exec.texts("args"),
      variables: try exec.parts("env").map { entry throws(AccessError) in
        (name: try entry.needed("name"), value: try entry.text("value") ?? "")
      },
      apiVersion: version, installHint: try exec.text("installHint"),
      clusterJSON: try exec.flag("provideClusterInfo") ? cluster.json : nil)
  }
}
