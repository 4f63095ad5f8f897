import Documents
import Resources
import Testing

@Suite struct ProxyNodeTests {
  private func metadata(_ json: String) throws -> Node {
    try #require(JSONReader()?.tree(of: Array(json.utf8), named: "test").root)
  }

  private func read(_ id: String, _ json: String = "{}") throws -> ProxyNode {
    try ProxyNode.read(id: id, metadata: try metadata(json)).get()
  }

  private func error(_ id: String, _ json: String = "{}") throws -> String? {
    switch ProxyNode.read(id: id, metadata: try metadata(json)) {
    case .success: nil
    case .failure(let error): error.description
    }
  }

  static let id = "router~10.0.0.1~gw-1.edge~edge.svc.cluster.local"

  @Test func theIdHasFourParts() throws {
    let node = try read(Self.id)
    #expect(node.type == .router)
    #expect(node.ipAddresses == ["10.0.0.1"])
    #expect(node.id == "gw-1.edge")
    #expect(node.configNamespace == "edge")
    #expect(node.istioVersion == nil)
    for id in ["", "envoy", "router~10.0.0.1~x", "router~10.0.0.1~x~y~z", "proxy~10.0.0.1~x~y"] {
      #expect(try error(id) != nil, "\(id)")
    }
  }

  @Test func aNodeWithoutMetadataIsAProxy() throws {
    #expect(try ProxyNode.read(id: Self.id, metadata: nil).get().metadata.labels == [:])
  }

  @Test func addressesComeFromTheMetadataIfAllAreValid() throws {
    #expect(
      try read(Self.id, #"{"INSTANCE_IPS": "10.1.1.1,::1"}"#).ipAddresses == ["10.1.1.1", "::1"])
    #expect(try read(Self.id, #"{"INSTANCE_IPS": "10.1.1.1,x"}"#).ipAddresses == ["10.0.0.1"])
    #expect(try error("router~x~a.b~b.svc", #"{"INSTANCE_IPS": "y"}"#) != nil)
  }

  @Test func knownKeysAreRead() throws {
    let node = try read(
      Self.id,
      #"""
      {"NAMESPACE": "ns", "ISTIO_VERSION": "1.29.2", "LABELS": {"a": "b"}, "CLUSTER_ID": "c",
       "HTTP10": "1", "DNS_CAPTURE": "true", "UNPRIVILEGED_POD": "1", "IDLE_TIMEOUT": "5s",
       "ENVOY_STATUS_PORT": 15021, "credential": "true", "file-credential": "false",
       "INTERCEPTION_MODE": "NONE", "REQUESTED_NETWORK_VIEW": "a,,b",
       "TLS_CLIENT_CERT_CHAIN": "/c", "TLS_CLIENT_KEY": "/k", "POD_PORTS":
       "[{\"name\":\"http\",\"containerPort\":80,\"protocol\":\"TCP\"}]", "OWNER": "kubernetes://x",
       "PROXY_CONFIG": {"gatewayTopology": {"numTrustedProxies": 1}, "future": {}}, "UNKNOWN": [1]}
      """#)
    #expect(node.configNamespace == "ns")
    #expect(node.istioVersion == IstioVersion(major: 1, minor: 29, patch: 2))
    #expect(node.metadata.labels == ["a": "b"])
    #expect(node.metadata.acceptsHTTP10 && node.metadata.dnsCapture)
    #expect(node.metadata.isUnprivilegedPod)
    #expect(node.metadata.idleTimeout == .seconds(5))
    #expect(node.metadata.statusPort == 15021)
    #expect(node.metadata.hasCredentialSocket && !node.metadata.hasFileCredentialSocket)
    #expect(node.metadata.interceptionMode == ProxyConfig.InterceptionMode.none)
    #expect(node.metadata.requestedNetworkView == ["a", "", "b"])
    #expect(node.metadata.clientFiles?.privateKey == "/k")
    #expect(node.metadata.podPorts == [Pod.Port(name: "http", containerPort: 80, transport: .tcp)])
    #expect(node.metadata.proxyConfig?.gatewayTopology.numTrustedProxies == 1)
    #expect(node.metadata.raw["UNKNOWN"] != nil)
  }

  @Test(arguments: [
    #"{"LABELS": {"a": true}}"#, #"{"LABELS": []}"#, #"{"NAMESPACE": 5}"#,
    #"{"DNS_CAPTURE": true}"#, #"{"DNS_CAPTURE": "yes"}"#, #"{"INSTANCE_IPS": ["1.2.3.4"]}"#,
    #"{"ENVOY_STATUS_PORT": {}}"#, #"{"PROXY_CONFIG": "x"}"#, #"{"POD_PORTS": "[{]"}"#,
    #"{"PROXY_CONFIG": {"concurrency": "many"}}"#, #"{"OWNER": {}}"#, "[]",
  ])
  func aKnownKeyOfAnotherTypeIsAnError(_ json: String) throws {
    #expect(try error(Self.id, json) != nil)
  }

  @Test func versionsAreReadAsIstiodReadsThem() {
    let newest = IstioVersion.newest
    #expect(IstioVersion(parsing: "1.29.2") == IstioVersion(major: 1, minor: 29, patch: 2))
    #expect(IstioVersion(parsing: "1.29") == IstioVersion(major: 1, minor: 29))
    #expect(IstioVersion(parsing: "release-1.29-20240101") == IstioVersion(major: 1, minor: 29))
    #expect(IstioVersion(parsing: "1.29.2-alpha.x") == IstioVersion(major: 1, minor: 29, patch: 2))
    for text in ["", "latest", "1", "x.y"] { #expect(IstioVersion(parsing: text) == newest) }
    #expect(IstioVersion(parsing: "1.28.9") < IstioVersion(parsing: "1.29"))
  }
}
