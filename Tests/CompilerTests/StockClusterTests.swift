import Compiler
import EnvoyAPI
import Mesh
import Resources
import Testing

/// A stock Envoy has no agent of Istio's beside it that serves certificates and watches files.
@Suite struct StockClusterTests {
  private func cluster(_ tls: ClientTLSSettings?) throws -> String {
    let entry = ServiceEntry(
      hosts: ["x.com"], ports: [.init(number: 443, name: "tls")], location: .meshInternal,
      resolution: .static)
    let rule = DestinationRule(host: "x.com", trafficPolicy: tls.map { TrafficPolicy(tls: $0) })
    let bench = ClusterBench([
      .serviceEntry(ClusterBench.object(entry, "edge", "e")),
      .destinationRule(ClusterBench.object(rule, "edge", "d")),
    ])
    let key = ResourceKey(bench.proxies, ClusterName.outbound(port: 443, host: "x.com"))
    let body = try #require(bench.compiler.clusters.bodies(key))
    let type = try #require(MessageType(named: "envoy.config.cluster.v3.Cluster"))
    return try type.node(from: body.flattened()).get().json()
  }

  @Test func itIsNotSentTheMeshsOwnTLSUnasked() throws {
    let json = try cluster(nil)
    #expect(!json.contains("transportSocket"))
    #expect(!json.contains("istio.metadata_exchange"))
  }

  @Test func itDoesNotWaitForCertificatesOfTheMesh() throws {
    let json = try cluster(.init(mode: .istioMutual))
    #expect(json.contains(#""name":"default""#))
    #expect(json.contains(#""initialFetchTimeout":"0.001s""#))
  }

  @Test func itReadsCertificatesFromFilesItself() throws {
    let json = try cluster(
      .init(
        mode: .mutual, clientCertificate: "/c.pem", privateKey: "/k.pem",
        caCertificates: "/ca.pem", subjectAltNames: ["x.com"]))
    #expect(json.contains(#""certificateChain":{"filename":"/c.pem"}"#))
    #expect(json.contains(#""privateKey":{"filename":"/k.pem"}"#))
    #expect(json.contains(#""trustedCa":{"filename":"/ca.pem"}"#))
    #expect(json.contains(#""matchSubjectAltNames":[{"exact":"x.com"}]"#))
    #expect(!json.contains("sds"))
  }

  @Test func withoutAuthoritiesItTrustsThoseThatEverybodyDoes() throws {
    let json = try cluster(.init(mode: .simple))
    #expect(json.contains(#""trustedCa":{"filename":"/etc/ssl/certs/ca-certificates.crt"}"#))
    #expect(json.contains(#""autoSni":true"#))
  }

  @Test func credentialsComeFromTheControlPlaneAsForAnyEnvoy() throws {
    let json = try cluster(.init(mode: .mutual, credentialName: "client"))
    #expect(json.contains(#""name":"kubernetes://client""#))
    #expect(json.contains(#""name":"kubernetes://client-cacert""#))
  }
}
