internal import Diagnostics
internal import Incremental
internal import Resources
internal import Store

/// One certificate in several Gateways of the same proxies (istioctl's gateway.CertificateAnalyzer).
struct SharedCertificates {
  private let users: Index<ServerTLSSettings.Certificates, User>

  /// A Gateway that has the certificate. Its labels are part of it: they decide whom it meets.
  private struct User: Hashable, Comparable {
    let gateway: NamespacedName
    let selector: [String: String]

    static func < (a: Self, b: Self) -> Bool { a.gateway < b.gateway }
  }

  init(_ store: ObjectStore) {
    let users = Index<ServerTLSSettings.Certificates, User>(store.graph)
    store.writtenGateways.feed(users) { member, gateway in
      let user = User(gateway: member.id, selector: gateway.spec.selector)
      return Set(gateway.spec.servers.compactMap(\.sharedCertificate)).map { ($0, user) }
    }
    self.users = users
  }

  func remarks(_ id: NamespacedName, _ gateway: Gateway) -> [Remark] {
    for (index, server) in gateway.servers.enumerated() {
      guard let certificate = server.sharedCertificate else { continue }
      let others = users[certificate].prefix(Crowd.limit).filter { other in
        other.gateway != id
          && gateway.selector.allSatisfy { other.selector[$0.key] == $0.value }
      }
      guard !others.isEmpty else { continue }
      return [
        Remark(
          .element("servers", index), ".tls",
          .sharedCertificate(others: others.map(\.gateway.description)))
      ]
    }
    return []
  }
}

extension Gateway.Server {
  /// The one certificate of a server that has one.
  fileprivate var sharedCertificate: ServerTLSSettings.Certificates? {
    switch tls?.certificates {
    case .credentials(let names)? where names.count == 1: tls?.certificates
    case .files(let files)? where files.count == 1 && !files[0].privateKey.isEmpty:
      .files([.init(certificate: files[0].certificate, privateKey: files[0].privateKey)])
    case .credentials, .files, nil, .some(.none): nil
    }
  }
}

// Declared where nobody knows of tables.
extension ServerTLSSettings.Certificates: Digested {}
