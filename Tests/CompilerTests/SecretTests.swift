import Compiler
import Diagnostics
import Documents
import EnvoyAPI
import Mesh
import Resources
import Segments
import Store
import TLS
import TestSupport
import Testing

/// Which certificates gateways are sent, and what is in them.
@Suite struct SecretTests {
  private static func object<Spec: ResourceSpec>(
    _ spec: Spec, _ namespace: String, _ name: String
  ) -> Object<Spec> {
    Object(
      metadata: ObjectMeta(name: name, namespace: namespace), spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  private static func gateway(
    _ credentials: [String], mode: ServerTLSSettings.Mode = .simple, authority: String? = nil,
    namespace: String = "edge"
  ) -> Resource {
    let servers = credentials.enumerated().map { number, credential in
      Gateway.Server(
        port: .init(
          number: 443, name: "p\(number)", portProtocol: .https, protocolText: "HTTPS"),
        hosts: [ServerHost(host: "h\(number).com")],
        tls: ServerTLSSettings(
          mode: mode, certificates: .credentials([credential]), caCertCredentialName: authority))
    }
    return .gateway(object(Gateway(servers: servers), namespace, "g"))
  }

  private static func secret(
    _ name: String, _ data: [String: String], namespace: String = "edge"
  ) -> Resource {
    .secret(
      object(Secret(data: data.mapValues { SecretBytes(Array($0.utf8)) }), namespace, name))
  }

  private static func pair(_ text: String) -> [String: String] {
    ["tls.crt": "certificate \(text)", "tls.key": "key \(text)"]
  }

  /// What a bench's gateways are sent of their one secret.
  private static func content(_ bench: ListenerBench, _ name: String) throws -> Node? {
    let type = try #require(
      MessageType(named: "envoy.extensions.transport_sockets.tls.v3.Secret"))
    return try bench.secrets[name].map { try type.node(from: $0).get() }
  }

  @Test(arguments: [
    ("c", ["kubernetes://c"]), ("edge/c", ["kubernetes://edge/c"]),
    ("kubernetes://c", ["kubernetes://c"]),
    ("kubernetes-gateway://edge/c", ["kubernetes-gateway://edge/c"]),
    ("configmap://shop/c", ["configmap://shop/c"]), ("sds://c", ["kubernetes://c"]),
    ("shop/c", []), ("kubernetes-gateway://shop/c", []), ("kubernetes-gateway://c", []),
    ("builtin://", []), ("invalid://c", []),
  ])
  func aCredentialIsNamedAsIstiodNamesIt(credential: String, names: [String]) {
    let bench = ListenerBench([Self.gateway([credential])])
    #expect(bench.secretNames(bench.proxies()) == names)
  }

  @Test func mutualTLSAsksForACAByTheNameOfTheFirstCertificateOrByItsOwn() {
    let bench = ListenerBench([Self.gateway(["c"], mode: .mutual)])
    #expect(bench.secretNames(bench.proxies()) == ["kubernetes://c", "kubernetes://c-cacert"])
    let named = ListenerBench([
      Self.gateway(["c"], mode: .optionalMutual, authority: "configmap://edge/ca")
    ])
    #expect(named.secretNames(named.proxies()) == ["configmap://edge/ca", "kubernetes://c"])
  }

  @Test func aProxyIsSentNoSecretOfAnotherNamespaceAndNoneUnproved() {
    let bench = ListenerBench([Self.gateway(["c"]), Self.secret("c", Self.pair("1"))])
    #expect(bench.secretNames(bench.proxies(mayHaveSecrets: false)).isEmpty)
    #expect(bench.secretNames(bench.proxies(namespace: "shop")) == ["kubernetes://c"])
    let elsewhere = ListenerBench([
      Self.gateway(["kubernetes-gateway://edge/c"], namespace: "shop")
    ])
    #expect(elsewhere.secretNames(elsewhere.proxies()).isEmpty)
  }

  @Test func whatASocketInThePodServesIsNotServedHere() {
    let bench = ListenerBench([Self.gateway(["sds://c", "d"], mode: .mutual)])
    #expect(
      bench.secretNames(bench.proxies(hasCredentialSocket: true)) == [
        "kubernetes://d", "kubernetes://d-cacert",
      ])
  }

  // MARK: Contents

  @Test func aGenericPairComesBeforeOneOfTypeTLSAndHasNoStaple() throws {
    let bench = ListenerBench([
      Self.gateway(["c", "d"]),
      Self.secret(
        "c", Self.pair("1").merging(["cert": "C", "key": "K", "tls.ocsp-staple": "S"]) { $1 }),
      Self.secret("d", Self.pair("2").merging(["cert": "C", "tls.ocsp-staple": "S"]) { $1 }),
    ])
    let generic = try Self.content(bench, "kubernetes://c")?["tlsCertificate"]
    #expect(generic?["certificateChain"]?["inlineBytes"]?.content == .string("Qw=="))
    #expect(generic?["ocspStaple"] == nil)
    let typed = try Self.content(bench, "kubernetes://d")?["tlsCertificate"]
    #expect(typed?["ocspStaple"]?["inlineBytes"]?.content == .string("Uw=="))
  }

  @Test func theCAHasASecretOfItsOwnOrIsInTheCertificates() throws {
    func authority(_ secrets: [Resource]) throws -> Node? {
      let bench = ListenerBench([Self.gateway(["c"], mode: .mutual)] + secrets)
      return try Self.content(bench, "kubernetes://c-cacert")?["validationContext"]?["trustedCa"]?[
        "inlineBytes"]
    }
    let inside = Self.secret("c", ["ca.crt": "A"])
    #expect(try authority([inside])?.content == .string("QQ=="))
    #expect(
      try authority([inside, Self.secret("c-cacert", ["cacert": "B", "ca.crt": "A"])])?.content
        == .string("Qg=="))
    // It is asked for by that name, and whether it has one is then its own affair.
    #expect(try authority([inside, Self.secret("c-cacert", ["other": "B"])]) == nil)
  }

  @Test func aRevocationListComesWithTheCAOfItsKind() throws {
    let bench = ListenerBench([
      Self.gateway(["c", "d"], mode: .mutual),
      Self.secret("c", ["cacert": "A", "crl": "", "ca.crl": "X"]),
      Self.secret("d", ["ca.crt": "A", "crl": "X"]),
    ])
    let generic = try Self.content(bench, "kubernetes://c-cacert")?["validationContext"]
    #expect(generic?["crl"]?["inlineBytes"]?.content == .string(""))
    let typed = try Self.content(bench, "kubernetes://d-cacert")?["validationContext"]
    #expect(typed != nil && typed?["crl"] == nil)
  }

  // MARK: Changes

  @Test func aNewCertificateChangesItsSecretAndNothingElse() {
    let names = (0..<300).map { "c\($0)" }
    let bench = ListenerBench(
      [Self.gateway(names)] + names.map { Self.secret($0, Self.pair($0)) })
    let (listeners, secrets) = (bench.listeners, bench.secrets)
    let counts = bench.recomputed { bench.store.put(Self.secret("c7", Self.pair("new"))) }
    #expect(counts == ["secret": 1, "secretOfClass": 1])
    let keepsListeners = bench.listeners == listeners
    #expect(keepsListeners)
    let changed = bench.secrets.filter { secrets[$0.key] != $0.value }
    #expect(Array(changed.keys) == ["kubernetes://c7"])
  }

  @Test func aKeyThatDoesNotFitIsNamedAndTheListenersOtherHostsKeepServing() throws {
    let (one, other) = (try CertificatePair(.curve), try CertificatePair(.curve))
    func decoded(_ name: String, key: CertificatePair) throws -> Decoded {
      let text = """
        apiVersion: v1
        kind: Secret
        metadata: {name: \(name), namespace: edge}
        stringData:
          tls.crt: \(quoted(one.certificate))
          tls.key: \(quoted(key.key))
        """
      let documents = ParsedFile(Array(text.utf8), path: "secrets.yaml").documents
      return decode(try #require(documents.first))
    }
    let bench = ListenerBench([Self.gateway(["good", "bad"])])
    let listeners = bench.listeners
    for (name, key) in [("good", one), ("bad", other)] {
      let decoded = try decoded(name, key: key)
      guard case .accepted(let resource) = decoded.outcome else {
        #expect(name == "bad")
        #expect(decoded.diagnostics.map(\.object?.description) == ["Secret edge/bad"])
        continue
      }
      bench.store.put(resource)
    }
    #expect(Array(bench.secrets.keys) == ["kubernetes://good"])
    let keepsListeners = bench.listeners == listeners
    #expect(keepsListeners && listeners.count == 1)
  }

  private func quoted(_ text: [UInt8]) -> String {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    return "\"" + lines.joined(separator: "\\n") + "\\n\""
  }
}
