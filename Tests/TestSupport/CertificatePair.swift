import Foundation

/// A self-signed certificate and its private key in PEM, made by the `openssl` command.
package struct CertificatePair: Sendable {
  package let certificate: [UInt8]
  package let key: [UInt8]

  package enum Kind: Sendable {
    case rsa, curve
  }

  /// Valid for 30 days.
  package init(_ kind: Kind, name: String = "a.example") throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    let keyArguments =
      switch kind {
      case .rsa: ["-newkey", "rsa:2048"]
      case .curve: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
      }
    process.arguments =
      ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-keyout", "key"]
      + ["-out", "crt"] + keyArguments
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    certificate = Array(try Data(contentsOf: folder.appending(path: "crt")))
    key = Array(try Data(contentsOf: folder.appending(path: "key")))
  }
}
