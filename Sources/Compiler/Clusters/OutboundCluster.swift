internal import EnvoyAPI
internal import Mesh
internal import Resources

/// A cluster for one port of a service, or one subset of it (Istio's `buildCluster` and what it applies
/// to the result).
struct OutboundCluster {
  let plan: ClusterPlan
  let tls: UpstreamTLS
  let httpVersion: UpstreamProtocol
  /// The endpoints that the cluster itself carries; empty where it is told them by EDS.
  let endpoints: [LocalityGroup]

  init(_ plan: ClusterPlan, _ mode: UpstreamTLS.Mode, endpoints: [LocalityGroup]) {
    self.plan = plan
    self.endpoints = endpoints
    httpVersion = UpstreamProtocol(plan)
    tls = UpstreamTLS(plan: plan, mode: mode, isHTTP2: httpVersion.isHTTP2)
  }

  var message: Envoy.Cluster {
    let pool = ConnectionPool(plan)
    let balancing = LoadBalancing(plan)
    let isDNS = plan.original.isDNS
    let name = plan.name.text
    return Envoy.Cluster(
      transportSocketMatches: tls.socketMatches,
      name: name,
      altStatName: statName(name),
      clusterDiscoveryType: discoveryType,
      edsClusterConfig: plan.discovery == .eds
        ? .init(edsConfig: .ads, serviceName: name) : nil,
      connectTimeout: pool.connectTimeout,
      lbPolicy: balancing.policy,
      loadAssignment: plan.discovery.isDNS
        ? .init(clusterName: name, endpoints: endpoints.map(\.message)) : nil,
      circuitBreakers: pool.circuitBreakers,
      typedExtensionProtocolOptions: httpVersion.options(tls: tls.requestNames),
      dnsRefreshRate: isDNS ? plan.settings.dnsRefreshRate : nil,
      dnsJitter: isDNS ? .milliseconds(100) : nil,
      respectDnsTtl: isDNS,
      dnsLookupFamily: isDNS ? dnsFamily : .auto,
      typedDnsResolverConfig: isDNS ? .cares : nil,
      outlierDetection: balancing.outlierDetection,
      lbConfig: balancing.config,
      commonLbConfig: balancing.common,
      transportSocket: tls.socket,
      metadata: ClusterMetadata(plan).message,
      upstreamConnectionOptions: pool.connectionOptions,
      filters: plan.isStock ? [] : [.metadataExchange])
  }

  private var discoveryType: Envoy.Cluster.ClusterDiscoveryType {
    switch plan.discovery {
    case .eds: .type(.eds)
    case .strictDNS: .type(.strictDns)
    case .logicalDNS: .type(plan.isStock && !hasOneEndpoint ? .strictDns : .logicalDns)
    case .originalDestination: .type(.originalDst)
    case .dynamicForwardProxy: .clusterType(dynamicForwardProxy)
    }
  }

  /// Envoy refuses a LOGICAL_DNS cluster of several names, which several ServiceEntries of one host make.
  /// istiod sends it all the same.
  private var hasOneEndpoint: Bool { endpoints.reduce(0) { $0 + $1.members.count } == 1 }

  private var dynamicForwardProxy: Envoy.Cluster.CustomClusterType {
    .init(
      name: "envoy.clusters.dynamic_forward_proxy",
      typedConfig: .pack(
        Envoy.DynamicForwardProxyClusterConfig(
          clusterImplementationSpecifier: .dnsCacheConfig(
            .init(
              name: "\(plan.service.host)_dfp_dns_cache", dnsLookupFamily: proxyFamily)),
          allowInsecureClusterOptions: tls.allowsInsecureDynamicHosts)))
  }

  private var dnsFamily: Envoy.Cluster.DnsLookupFamily {
    plan.service.racesAddresses ? .all : proxyFamily
  }

  private var proxyFamily: Envoy.Cluster.DnsLookupFamily {
    switch plan.traits.addressFamilies {
    case .v4, .dual: .v4Only
    case .v6: .v6Only
    }
  }

  private func statName(_ name: String) -> String {
    guard let pattern = plan.settings.statName, !pattern.isEmpty,
      plan.discovery != .dynamicForwardProxy
    else { return name + ";" }
    return StatName(pattern).text(
      plan.service, port: plan.port.number, portName: plan.port.name, subset: plan.subsetName)
      + ";"
  }
}

/// What Istio's own filters and telemetry are told of a cluster.
private struct ClusterMetadata {
  private let plan: ClusterPlan

  init(_ plan: ClusterPlan) { self.plan = plan }

  /// Nil where there is nothing to tell.
  var message: Envoy.Metadata? {
    guard !isDynamic || isExternal || plan.rule != nil else { return nil }
    return Envoy.Metadata { $0.add("istio") { write(to: &$0) } }
  }

  private var isDynamic: Bool { plan.discovery == .dynamicForwardProxy }
  private var isExternal: Bool { plan.service.isMeshExternal && plan.subset == nil }

  private func write(to fields: inout StructWriter) {
    let service = plan.service
    if !isDynamic {
      fields.add(
        "services",
        listing: {
          $0.add("host", service.host)
          $0.add("name", service.name)
          $0.add("namespace", service.namespace)
        })
    }
    if isExternal { fields.add("external", true) }
    guard let rule = plan.rule else { return }
    fields.add(
      "config",
      "/apis/networking.istio.io/v1/namespaces/\(rule.source.namespace)"
        + "/destination-rule/\(rule.source.name)")
    if let subset = plan.subset { fields.add("subset", subset.name) }
    if let mode = plan.policy.tls?.mode, mode == .simple || mode == .mutual {
      fields.add("alpn_override", "false")
    }
  }
}

extension Envoy.ClusterFilter {
  /// Peers tell each other who they are over any TCP connection.
  static var metadataExchange: Envoy.ClusterFilter { .init(encoded: exchangeOfMetadata) }
}

/// That of all clusters.
private let exchangeOfMetadata = Envoy.encode {
  Envoy.ClusterFilter(
    name: "istio.metadata_exchange",
    typedConfig: .pack(
      Envoy.TypedStruct(
        typeUrl: "type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange",
        value: ["enable_discovery": true, "protocol": "istio-peer-exchange"])))
}

extension Envoy.TypedExtensionConfig {
  fileprivate static var cares: Envoy.TypedExtensionConfig {
    .init(
      name: "envoy.network.dns_resolver.cares",
      typedConfig: .pack(Envoy.CaresDnsResolverConfig(udpMaxQueries: 100)))
  }
}
