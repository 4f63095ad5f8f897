import Mesh
import Resources
import Store
import TestSupport
import Testing

/// Rules of istiod's `mergeGateways`, a test a rule. Servers are told apart by the names of their ports.
@Suite struct GatewayMergingTests {
  private typealias Bench = ServiceBench

  private static func server(
    _ name: String, _ port: Int, _ text: String, _ hosts: [String] = ["*"],
    bind: String? = nil, tls: ServerTLSSettings.Mode? = nil, redirects: Bool = false
  ) -> Gateway.Server {
    let certificates: ServerTLSSettings.Certificates =
      tls == .simple || tls == .mutual ? .credentials(["c"]) : .none
    return Gateway.Server(
      port: .init(
        number: port, name: name, portProtocol: PortProtocol(parsing: text), protocolText: text),
      bind: bind,
      hosts: hosts.map { text in
        let parts = text.split(separator: "/").map(String.init)
        return parts.count == 2
          ? ServerHost(namespace: parts[0], host: parts[1]) : ServerHost(host: text)
      },
      tls: redirects
        ? ServerTLSSettings(httpsRedirect: true)
        : tls.map { ServerTLSSettings(mode: $0, certificates: certificates) })
  }

  private static func gateway(
    _ name: String, created: Int64 = 0, selector: [String: String] = ["role": "edge"],
    _ servers: [Gateway.Server]
  ) -> Resource {
    .gateway(
      Bench.object(
        Gateway(selector: selector, servers: servers), Bench.meta("edge", name, created: created)))
  }

  private static func merged(_ servers: Gateway.Server...) -> MergedGateway {
    let bench = Bench([gateway("g", servers)])
    return bench.model.gateways.merged(bench.proxies(istioVersion: .newest))
  }

  private static func names(_ merged: MergedGateway) -> [[String]] {
    merged.entries.map { $0.servers.map(\.spec.port.name) }
  }
  private static func routes(_ merged: MergedGateway) -> [String: [String]] {
    merged.serversByRouteName.reduce(into: [:]) { routes, entry in
      routes[entry.key.text] = entry.value.map(\.spec.port.name)
    }
  }
  private static func reasons(_ merged: MergedGateway) -> [MergedGateway.Rejection.Reason] {
    merged.rejections.map(\.reason)
  }

  // MARK: Plain ports

  @Test func plainHTTPOfAPortIsOneEntryAndOneRouteConfiguration() {
    let merged = Self.merged(
      Self.server("a", 80, "HTTP", ["a.com"]), Self.server("b", 80, "GRPC", ["b.com"]))
    #expect(Self.names(merged) == [["a", "b"]])
    #expect(Self.routes(merged) == ["http.80": ["a", "b"]])
    #expect(merged.entries[0].protocolText == "HTTP")
  }

  @Test func whatIsNotHTTPDoesNotJoinAPlainPort() {
    let tcp = Self.merged(Self.server("a", 80, "TCP"), Self.server("b", 80, "TCP"))
    #expect(Self.names(tcp) == [["a"]])
    #expect(Self.reasons(tcp) == [.protocolTaken("TCP")])
    let mixed = Self.merged(Self.server("a", 80, "HTTP"), Self.server("b", 80, "TCP"))
    #expect(Self.reasons(mixed) == [.protocolTaken("HTTP")])
    let secure = Self.merged(
      Self.server("a", 80, "HTTP"), Self.server("b", 80, "HTTPS", tls: .simple))
    #expect(Self.reasons(secure) == [.protocolTaken("HTTP")])
    #expect(Self.routes(secure) == ["http.80": ["a"]])
  }

  @Test func anotherBindIsAnotherListener() {
    let merged = Self.merged(
      Self.server("a", 80, "TCP"), Self.server("b", 80, "TCP", bind: "10.0.0.1"),
      Self.server("c", 80, "HTTP", bind: "10.0.0.2"))
    #expect(Self.names(merged) == [["a"], ["b"], ["c"]])
    #expect(Self.routes(merged) == ["http.80.10.0.0.2": ["c"]])
  }

  /// Only the bind of the plain server that came last is compared.
  @Test func aBindBeforeTheLastIsJoinedUnchecked() {
    let merged = Self.merged(
      Self.server("a", 80, "TCP", bind: "10.0.0.1"),
      Self.server("b", 80, "TCP", bind: "10.0.0.2"),
      Self.server("c", 80, "TCP", bind: "10.0.0.1"))
    #expect(Self.names(merged) == [["a", "c"], ["b"]])
    #expect(merged.rejections.isEmpty)
  }

  @Test func aRedirectIsPlainHTTPAndClaimsItsHosts() {
    let merged = Self.merged(
      Self.server("a", 80, "HTTP", ["a.com"], redirects: true),
      Self.server("b", 80, "HTTP", ["b.com", "a.com"], redirects: true),
      Self.server("c", 80, "HTTP", ["a.com"]))
    #expect(Self.names(merged) == [["a", "c"]])
    #expect(Self.reasons(merged) == [.hostsTaken(["a.com"])])
    #expect(Self.routes(merged) == ["http.80": ["a", "c"]])
  }

  // MARK: TLS ports

  @Test func serversWithTLSShareAPortByTheirHosts() {
    let merged = Self.merged(
      Self.server("a", 443, "HTTPS", ["a.com"], tls: .simple),
      Self.server("b", 443, "HTTPS", ["b.com"], tls: .mutual),
      Self.server("c", 443, "TLS", ["c.com"], tls: .passthrough),
      Self.server("d", 443, "HTTPS", ["d.com"], tls: .passthrough))
    #expect(Self.names(merged) == [["a", "b", "d"], ["c"]])
    #expect(
      Self.routes(merged) == ["https.443.a.g.edge": ["a"], "https.443.b.g.edge": ["b"]])
  }

  @Test func aServerThatGivesWayTakesNoHost() {
    let merged = Self.merged(
      Self.server("a", 443, "HTTPS", ["a.com"], tls: .simple),
      Self.server("b", 443, "HTTPS", ["b.com", "a.com", "c.com"], tls: .simple),
      Self.server("c", 443, "HTTPS", ["b.com", "c.com", "b.com"], tls: .simple),
      Self.server("d", 443, "HTTPS", ["c.com", "b.com"], tls: .simple))
    #expect(Self.names(merged) == [["a", "c"]])
    #expect(Self.reasons(merged) == [.hostsTaken(["a.com"]), .hostsTaken(["c.com", "b.com"])])
  }

  @Test func whatAServerGivesBackIsItsFormerBinds() {
    let merged = Self.merged(
      Self.server("a", 443, "HTTPS", ["x.com"], bind: "10.0.0.1", tls: .simple),
      Self.server("b", 443, "HTTPS", ["y.com"], bind: "10.0.0.2", tls: .simple),
      Self.server("c", 443, "HTTPS", ["x.com", "y.com", "y.com"], bind: "10.0.0.2", tls: .simple),
      Self.server("d", 443, "HTTPS", ["x.com"], bind: "10.0.0.1", tls: .simple))
    #expect(Self.names(merged) == [["a"], ["b"]])
    #expect(
      Self.reasons(merged) == [.hostsTaken(["y.com", "y.com"]), .hostsTaken(["x.com"])])
  }

  @Test func aHostIsTakenOncePerPortAndBindWithItsNamespace() {
    let merged = Self.merged(
      Self.server("a", 443, "HTTPS", ["a.com", "x/b.com"], tls: .simple),
      Self.server("b", 443, "HTTPS", ["b.com"], tls: .simple),
      Self.server("c", 443, "HTTPS", ["c.com", "a.com"], tls: .simple),
      Self.server("d", 443, "HTTPS", ["a.com"], bind: "10.0.0.1", tls: .simple),
      Self.server("e", 8443, "HTTPS", ["a.com"], tls: .simple))
    #expect(Self.names(merged) == [["a", "b"], ["d"], ["e"]])
    #expect(Self.reasons(merged) == [.hostsTaken(["a.com"])])
  }

  @Test func aPlainServerMayComeAfterServersWithTLSButNotBefore() {
    let merged = Self.merged(
      Self.server("a", 443, "HTTPS", ["a.com"], tls: .simple), Self.server("b", 443, "TCP"),
      Self.server("c", 443, "HTTPS", ["c.com"], tls: .simple))
    #expect(Self.names(merged) == [["a"], ["b"]])
    #expect(Self.reasons(merged) == [.protocolTaken("TCP")])
  }

  @Test func aPortNameStandsForOneServerThatTerminatesHTTPS() {
    let merged = Self.merged(
      Self.server("a", 443, "HTTPS", ["a.com"], tls: .simple),
      Self.server("a", 443, "HTTPS", ["b.com"], tls: .simple))
    #expect(Self.names(merged) == [["a"]])
    #expect(Self.reasons(merged) == [.portNameTaken])
  }

  // MARK: Gateways and proxies

  @Test func theOldestGatewayWinsThenTheFirstByName() {
    func host(_ name: String) -> [Gateway.Server] {
      [Self.server(name, 443, "HTTPS", ["a.com"], tls: .simple)]
    }
    let bench = Bench([
      Self.gateway("c", created: 1, host("c")), Self.gateway("b", created: 2, host("b")),
      Self.gateway("a", created: 2, host("a")),
    ])
    let merged = bench.model.gateways.merged(bench.proxies(istioVersion: .newest))
    #expect(Self.names(merged) == [["c"]])
    #expect(merged.rejections.map(\.server.gateway.name) == ["a", "b"])
  }

  @Test func selectorsArePartsOfAProxysLabels() {
    let servers = [Self.server("a", 80, "HTTP")]
    let bench = Bench([
      Self.gateway("all", selector: [:], servers),
      Self.gateway("both", selector: ["app": "gw", "role": "edge"], servers),
      Self.gateway("one", selector: ["role": "edge"], servers),
      Self.gateway("other", selector: ["role": "inner"], servers),
    ])
    func applying(_ labels: [String: String]) -> [String] {
      bench.model.gateways.applying(bench.proxies(labels: labels)).map(\.name)
    }
    #expect(applying(["role": "edge", "app": "gw", "x": "y"]) == ["all", "both", "one"])
    #expect(applying(["role": "edge"]) == ["all", "one"])
    #expect(applying([:]) == ["all"])
  }

  @Test func aServicesPortStandsForThePodsPortBehindIt() {
    func bench(_ labels: [String: String]) -> MergedGateway {
      let bench = Bench([
        Self.gateway(
          "g",
          [
            Self.server("a", 80, "HTTP"), Self.server("b", 8080, "HTTP"),
            Self.server("c", 443, "HTTPS", ["c.com"], tls: .simple),
          ]),
        Bench.service("edge", "gw", selector: ["role": "edge"], labels: labels),
      ])
      return bench.model.gateways.merged(bench.proxies(istioVersion: .newest))
    }
    #expect(Self.routes(bench([:])) == ["http.8080": ["a", "b"], "https.443.c.g.edge": ["c"]])
    let untranslated = ["experimental.istio.io/disable-gateway-port-translation": "true"]
    #expect(
      Self.routes(bench(untranslated)) == [
        "http.80": ["a"], "http.8080": ["b"], "https.443.c.g.edge": ["c"],
      ])
  }

  @Test func aStockEnvoyIsNotGivenServersWhoseCertificatesTheAgentHas() {
    let bench = Bench([
      Self.gateway(
        "g",
        [
          Self.server("mesh", 443, "HTTPS", ["a.com"], tls: .istioMutual),
          Self.server("own", 443, "HTTPS", ["a.com"], tls: .simple),
          Self.server("other", 443, "HTTPS", ["b.com"], tls: .simple),
        ])
    ])
    let stock = bench.proxies(istioVersion: nil)
    // Their hosts are not another server's, which may ask clients for less.
    #expect(Self.names(bench.model.gateways.merged(stock)) == [["other"]])
    #expect(bench.model.gateways.merged(stock).closed.map(\.spec.port.name) == ["mesh"])
    let diagnostics = bench.model.gateways.diagnostics(stock)
    #expect(diagnostics.map(\.field) == ["servers[0].tls", "servers[1].hosts"])
    #expect(diagnostics.map(\.object?.description) == ["Gateway edge/g", "Gateway edge/g"])
    let proxies = bench.proxies(istioVersion: .newest)
    #expect(Self.names(bench.model.gateways.merged(proxies)) == [["mesh", "other"]])
    #expect(bench.model.gateways.diagnostics(proxies).map(\.field) == ["servers[1].hosts"])
  }
}
