package import Diagnostics
package import HTTPClient
package import TLS

/// How to reach an API server and prove who we are: what a kubeconfig's context or a pod's service
/// account comes to.
package struct ClusterAccess: Sendable {
  /// `https://10.0.0.1:6443`, without a path's slash at the end.
  package let server: String
  package let trust: HTTPSecurity.Trust
  package let serverName: String?
  package let proxy: HTTPRequest.Proxy
  package let credentials: Credentials
  /// What the operator should know about the way.
  package let warnings: [Diagnostic]

  /// Where what proves who we are comes from.
  package struct Credentials: Sendable {
    package enum Token: Sendable {
      case none
      case given(SecretBytes)
      /// Read again as it rotates.
      case file(String)
    }

    package enum Identity: Sendable {
      case none
      case given(HTTPSecurity.Identity)
      /// Two files in PEM, read again as they rotate.
      case files(certificate: String, key: String)
    }

    package let token: Token
    package let identity: Identity
    /// Asked for what the other two do not give.
    package let plugin: CredentialPlugin?

    package init(token: Token, identity: Identity, plugin: CredentialPlugin?) {
      self.token = token
      self.identity = identity
      self.plugin = plugin
    }
  }
}

/// Why there is no access to a cluster: the file, and the field if it is one's fault.
package struct AccessError: Error, Hashable, Sendable, CustomStringConvertible {
  package let file: String
  /// As `contexts[2].context.cluster`; empty for the whole file.
  package let field: String
  package let problem: String

  package init(_ file: String, _ field: String = "", _ problem: String) {
    self.file = file
    self.field = field
    self.problem = problem
  }

  package var description: String {
    field.isEmpty ? "\(file): \(problem)" : "\(file): \(field): \(problem)"
  }
}

/// A program that gives credentials (client.authentication.k8s.io).
package struct CredentialPlugin: Sendable {
  package let command: String
  package let arguments: [String]
  package let variables: [(name: String, value: String)]
  package let apiVersion: String
  /// What a user is told who has not installed it.
  package let installHint: String?
  /// Told to the program in KUBERNETES_EXEC_INFO where it asks for that: the cluster as JSON.
  package let clusterJSON: String?
}
