internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Segments

/// Route configurations and virtual hosts in Envoy's words, but for what they are made of.
struct RouteMessages {
  /// By whether they have virtual hosts.
  private let configurations = MessageForms<Bool>()
  private let hosts = MessageForms<HostKind>()

  /// All of a virtual host that is no name.
  private struct HostKind: Digested {
    let requiresTLS: Bool
    let countsAttempts: Bool

    var digest: UInt64 { requiresTLS.digest << 2 | countsAttempts.digest }
  }

  /// Virtual hosts of more domains than these are made one by one.
  private static let fewDomains = 8

  /// How a virtual host stands in a rope.
  enum Encoding {
    case message
    /// Of its route configuration.
    case element
  }

  /// All of a RouteConfiguration but its virtual hosts. One that nobody configured says less.
  func configuration(of name: RouteName, hasHosts: Bool) -> Segment {
    let texts = [name.text]
    let form =
      Envoy.takesAsItIs(name.text)
      ? configurations.form(of: hasHosts, texts) { texts in
        Envoy.encode { configuration(texts[0], hasHosts: hasHosts) }
      } : nil
    return form?.segment(texts)
      ?? Envoy.segment { configuration(name.text, hasHosts: hasHosts) }
  }

  private func configuration(_ name: String, hasHosts: Bool) -> Envoy.RouteConfiguration {
    hasHosts
      ? .init(
        name: name, validateClusters: false, maxDirectResponseBodySizeBytes: 1 << 20,
        ignorePortInHostMatching: true)
      : .init(name: name, validateClusters: false)
  }

  /// A virtual host: its own fields, then its routes.
  func virtualHost(
    _ plan: VirtualHostPlan, name: String, _ encoding: Encoding, routes: Rope
  ) -> Rope {
    if case .hosts(let hosts) = plan, encoding == .element, hosts.domains.count <= Self.fewDomains {
      let texts = [name] + hosts.domains
      if texts.allSatisfy(Envoy.takesAsItIs), let form = form(of: hosts, texts) {
        return Envoy.element(ofField: 2, then: routes, form, texts)
      }
    }
    return switch encoding {
    case .message: Envoy.rope(then: routes) { message(plan, name: name) }
    case .element: Envoy.element(ofField: 2, then: routes) { message(plan, name: name) }
    }
  }

  private func form(of hosts: VirtualHostPlan.Hosts, _ texts: [String]) -> TextForm? {
    let kind = HostKind(requiresTLS: hosts.requiresTLS, countsAttempts: hosts.countsAttempts)
    return self.hosts.form(of: kind, texts) { texts in
      Envoy.encode { message(hosts, name: texts[0], domains: Array(texts[1...])) }
    }
  }

  private func message(_ plan: VirtualHostPlan, name: String) -> Envoy.VirtualHost {
    switch plan {
    case .blackhole: .init(name: name, domains: ["*"])
    case .misdirected(let domains, _):
      .init(
        name: name, domains: domains,
        routes: [
          .init(
            match: .init(pathSpecifier: .prefix("/")), action: .directResponse(.init(status: 421)))
        ])
    case .unrouted(let domains, _): .init(name: name, domains: domains)
    case .hosts(let hosts): message(hosts, name: name, domains: hosts.domains)
    }
  }

  private func message(
    _ hosts: VirtualHostPlan.Hosts, name: String, domains: [String]
  ) -> Envoy.VirtualHost {
    .init(
      name: name, domains: domains, requireTls: hosts.requiresTLS ? .all : .none,
      includeRequestAttemptCount: hosts.countsAttempts)
  }
}
