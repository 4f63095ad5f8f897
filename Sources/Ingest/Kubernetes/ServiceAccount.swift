internal import HTTPClient
internal import Linux

extension ClusterAccess {
  /// Where a pod finds its service account.
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The access that a pod's service account gives.
  package static func inPod(
    folder: String = serviceAccountFolder,
    host: String? = environmentVariable("KUBERNETES_SERVICE_HOST"),
    port: String? = environmentVariable("KUBERNETES_SERVICE_PORT")
  ) throws(AccessError) -> ClusterAccess {
    guard let host, let port else {
      throw AccessError(
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT", "",
        "not set, so this is no pod of a cluster")
    }
    let authorities = try FileText.bytes(of: "\(folder)/ca.crt")
    return ClusterAccess(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
      trust: .certificates(authorities), serverName: nil, proxy: .environment,
      credentials: Credentials(token: .file("\(folder)/token"), identity: .none, plugin: nil),
      warnings: [])
  }

  /// Whether this process runs in a pod with a service account.
  package static var isInPod: Bool {
    guard environmentVariable("KUBERNETES_SERVICE_HOST") != nil else { return false }
    do throws(LinuxError) {
      return try FileStatus(of: "\(serviceAccountFolder)/token").kind == .file
    } catch {
      return false
    }
  }
}

/// Small files that credentials and certificates stand in.
enum FileText {
  static let limit = 1 << 20

  static func bytes(of path: String, field: String = "") throws(AccessError) -> [UInt8] {
    let contents: Files.Contents
    do throws(LinuxError) {
      contents = try Files.contents(of: path, limit: limit)
    } catch {
      throw AccessError(path, field, error.reason)
    }
    switch contents {
    case .bytes(let bytes): return bytes
    case .tooLarge(let size):
      throw AccessError(path, field, "has \(size) bytes; more than \(limit) are not read")
    case .notAFile: throw AccessError(path, field, "is not a file")
    }
  }
}
