import Foundation
import Testing

/// A self-signed certificate that openssl makes for this run.
struct Certificate {
  let certificate: String
  let key: String

  init(host: String) throws {
    let folder = try TemporaryFolder()
    let (key, certificate) = (folder.url.appending(path: "key"), folder.url.appending(path: "crt"))
    let run = try Run(
      URL(filePath: "/usr/bin/openssl"),
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)", "-keyout", key.path,
        "-out", certificate.path,
      ])
    try #require(run.status == 0, "\(run.complaints)")
    self.key = try String(contentsOf: key, encoding: .utf8)
    self.certificate = try String(contentsOf: certificate, encoding: .utf8)
  }
}

/// A TLS secret of the gateway's namespace, as YAML.
func secret(_ name: String, _ certificate: String, _ key: String) -> String {
  """
  apiVersion: v1
  kind: Secret
  type: kubernetes.io/tls
  metadata: {name: \(name), namespace: istio-system}
  data:
    tls.crt: \(Data(certificate.utf8).base64EncodedString())
    tls.key: \(Data(key.utf8).base64EncodedString())

  """
}
