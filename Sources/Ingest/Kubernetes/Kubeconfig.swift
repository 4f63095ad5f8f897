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
    let parsed = ParsedFile(try FileText.bytes(of: path), path: path)
    if let problem = parsed.diagnostics.first {
      throw AccessError(path, "", "line \(problem.place.line): \(problem.problem)")
    }
    return try access(try root(of: parsed), context: name)
  }

  /// The access that a kubeconfig gives which is nobody's file: nothing in it may have this process run
  /// a program or read a file (istio's `sanitizeKubeConfig`). What of it is not even read is not quoted:
  /// it may be secret.
  package static func access(
    given bytes: [UInt8], by origin: String
  ) throws(AccessError) -> ClusterAccess {
    guard !bytes.isEmpty else { throw AccessError(origin, "", "is empty") }
    let parsed = ParsedFile(bytes, path: origin)
    if let problem = parsed.diagnostics.first {
      throw AccessError(origin, "", "line \(problem.place.line): cannot be read")
    }
    let file = try root(of: parsed)
    try refuse(
      ["certificate-authority"], in: try file.parts("clusters"), "cluster",
      "names a file; only what stands in the kubeconfig itself is believed")
    try refuse(
      ["tokenFile", "client-certificate", "client-key"], in: try file.parts("users"), "user",
      "names a file; only what stands in the kubeconfig itself is believed")
    try refuse(
      ["exec"], in: try file.parts("users"), "user", "names a program; none is run for a Secret")
    return try access(file, context: nil)
  }

  private static func refuse(
    _ fields: [String], in entries: [KubeconfigPart], _ content: String, _ problem: String
  ) throws(AccessError) {
    for entry in entries {
      guard let part = try entry.part(content) else { continue }
      for field in fields {
        guard let value = part.node[field], value.content != .null, value.content != .string("")
        else { continue }
        throw part.error(field, problem)
      }
    }
  }

  private static func root(of parsed: ParsedFile) throws(AccessError) -> KubeconfigPart {
    guard let root = parsed.documents.first?.root else {
      throw AccessError(parsed.path, "", "is empty")
    }
    return KubeconfigPart(node: root, path: parsed.path, field: "")
  }

  private static func access(
    _ file: KubeconfigPart, context name: String?
  ) throws(AccessError) -> ClusterAccess {
    let path = file.path
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
