internal import Diagnostics
package import Documents

/// Why a client's node is not one that can be served: the message of the stream's INVALID_ARGUMENT.
package struct ProxyNodeError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
}

extension ProxyType {
  /// What a node's id says at its beginning; nil where it says nothing that is known.
  package init?(ofNodeID id: String) {
    self.init(rawValue: String(id.prefix { $0 != "~" }))
  }

  /// Whether it serves others' clients.
  package var isGateway: Bool {
    switch self {
    case .router, .waypoint, .agentGateway: true
    case .sidecar, .ztunnel: false
    }
  }
}

extension ProxyNode {
  /// The proxy that a first request's node describes; `metadata` is nil where the node has none.
  ///
  /// A stock Envoy that says no more than an id of Istio's form is a proxy like any other.
  package static func read(
    id: String, metadata: Node?, cluster: String = "", locality: NodeLocality? = nil
  ) -> Result<ProxyNode, ProxyNodeError> {
    guard !id.isEmpty else { return .failure(.init("missing node information: the id is empty")) }
    let parts = id.split(separator: "~", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4 else {
      return .failure(.init("node id \"\(id)\" is not type~ip~id~domain"))
    }
    guard let type = ProxyType(rawValue: parts[0]) else {
      let known = ProxyType.allCases.map(\.rawValue).joined(separator: ", ")
      return .failure(.init("node id \"\(id)\": type \"\(parts[0])\" is not one of \(known)"))
    }
    let reading = Reading(file: "node metadata")
    let node = metadata ?? Node(.mapping([]))
    let read = Fields.read(node, reading) { NodeMetadata(&$0, raw: node) }
    guard let read, !reading.isRefused else {
      let first = reading.diagnostics.first { $0.severity == .error }
      return .failure(.init("node metadata \(first?.summary ?? "is not a mapping")"))
    }
    let addresses =
      read.instanceIPs.allSatisfy({ IPAddress($0) != nil }) && !read.instanceIPs.isEmpty
      ? read.instanceIPs : [parts[1]]
    guard addresses.allSatisfy({ IPAddress($0) != nil }) else {
      return .failure(.init("neither node id \"\(id)\" nor INSTANCE_IPS has a valid IP address"))
    }
    return .success(
      ProxyNode(
        type: type, id: parts[2], ipAddresses: addresses, dnsDomain: parts[3],
        configNamespace: read.namespace ?? firstLabel(of: parts[3]) ?? "",
        istioVersion: read.istioVersion.map(IstioVersion.init(parsing:)), metadata: read,
        cluster: cluster, locality: locality))
  }

  /// The namespace in `namespace.svc.cluster.local`.
  private static func firstLabel(of domain: String) -> String? {
    let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
    return labels.count > 1 ? String(labels[0]) : nil
  }
}

extension ProxyNodeError {
  fileprivate init(_ description: String) { self.description = description }
}

extension IstioVersion {
  /// `1.29.2`, `1.29`, `release-1.29-…`; what cannot be read is newest.
  package init(parsing text: String) {
    let text = text.hasPrefix("release-") ? text.dropFirst("release-".count) : text[...]
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    func number(_ part: Substring) -> Int? {
      let digits = part.prefix { $0.isASCII && $0.isNumber }
      return Int(digits)
    }
    guard parts.count >= 2, let major = number(parts[0]), parts[0].allSatisfy(\.isNumber),
      let minor = number(parts[1])
    else {
      self = .newest
      return
    }
    self.init(
      major: major, minor: minor,
      patch: parts.count > 2 && parts[1].allSatisfy(\.isNumber) ? number(parts[2]) ?? 65535 : 65535)
  }
}

extension NodeMetadata {
  fileprivate init(_ fields: inout Fields, raw: Node) {
    fields.allowOthers()
    self.init(
      proxyConfig: fields.part("PROXY_CONFIG") { ProxyConfig(ofProxy: &$0) },
      istioVersion: fields.string("ISTIO_VERSION"),
      labels: fields.labels("LABELS"),
      staticLabels: fields.labels("STATIC_LABELS"),
      annotations: fields.labels("ANNOTATIONS"),
      instanceIPs: fields.commaList("INSTANCE_IPS"),
      namespace: fields.string("NAMESPACE"),
      serviceAccount: fields.string("SERVICE_ACCOUNT"),
      workloadName: fields.string("WORKLOAD_NAME"),
      nodeName: fields.string("NODE_NAME"),
      interceptionMode: fields.string("INTERCEPTION_MODE").flatMap(
        ProxyConfig.InterceptionMode.init),
      clusterID: fields.string("CLUSTER_ID"),
      network: fields.string("NETWORK"),
      requestedNetworkView: fields.commaList("REQUESTED_NETWORK_VIEW"),
      meshID: fields.string("MESH_ID"),
      httpProxyPort: fields.string("HTTP_PROXY_PORT").flatMap { Int($0) },
      generator: fields.string("GENERATOR"),
      acceptsHTTP10: fields.string("HTTP10") == "1",
      dnsCapture: fields.quotedBool("DNS_CAPTURE"),
      dnsAutoAllocate: fields.quotedBool("DNS_AUTO_ALLOCATE"),
      dnsProxyAddress: fields.string("DNS_PROXY_ADDR"),
      idleTimeout: fields.string("IDLE_TIMEOUT").flatMap { Duration(goText: $0) },
      serverFiles: fields.files("SERVER"),
      clientFiles: fields.files("CLIENT"),
      isUnprivilegedPod: fields.string("UNPRIVILEGED_POD").flatMap(truth) ?? false,
      enableHBONE: fields.quotedBool("ENABLE_HBONE"),
      disableHBONESend: fields.quotedBool("DISABLE_HBONE_SEND"),
      enableSelfDiscovery: fields.quotedBool("ENABLE_SELF_DISCOVERY"),
      inboundListenerExactBalance: fields.quotedBool("INBOUND_LISTENER_EXACT_BALANCE"),
      outboundListenerExactBalance: fields.quotedBool("OUTBOUND_LISTENER_EXACT_BALANCE"),
      statusPort: fields.int("ENVOY_STATUS_PORT", .int32),
      prometheusPort: fields.int("ENVOY_PROMETHEUS_PORT", .int32),
      secureMetricsPort: fields.int("ENVOY_SECURE_METRICS_PORT", .int32),
      secureMergedMetricsPort: fields.int("ENVOY_SECURE_MERGED_METRICS_PORT", .int32),
      autoRegisterGroup: fields.string("AUTO_REGISTER_GROUP"),
      workloadEntry: fields.string("WORKLOAD_ENTRY"),
      podPorts: fields.podPorts(),
      hasCredentialSocket: fields.text(ofAny: "credential") == "true",
      hasFileCredentialSocket: fields.text(ofAny: "file-credential") == "true",
      raw: raw.detached)
    fields.checkStrings()
  }
}

extension ProxyConfig {
  /// As the agent writes it, which may use the names of the .proto file.
  fileprivate init(ofProxy fields: inout Fields) {
    fields.reading.acceptsUnderscores = true
    defer { fields.reading.acceptsUnderscores = false }
    self.init(&fields)
  }
}

extension Fields {
  fileprivate mutating func commaList(_ key: String) -> [String] {
    guard let text = string(key) else { return [] }
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// A truth value that is written as a string.
  fileprivate mutating func quotedBool(_ key: String) -> Bool {
    let value: Bool? = value(key) { reading, node in
      node.text.flatMap(truth)
        ?? reading.refuse(node, expected: "the string \"true\" or \"false\"")
    }
    return value ?? false
  }

  fileprivate mutating func files(_ side: String) -> NodeMetadata.TLSFiles? {
    let chain = string("TLS_\(side)_CERT_CHAIN")
    let key = string("TLS_\(side)_KEY")
    let root = string("TLS_\(side)_ROOT_CERT")
    guard let chain, let key else { return nil }
    return NodeMetadata.TLSFiles(certificateChain: chain, privateKey: key, rootCertificate: root)
  }

  /// Ports as a JSON text within a string.
  fileprivate mutating func podPorts() -> [Pod.Port] {
    let ports: [Pod.Port]? = value("POD_PORTS") { reading, node in
      guard case .string(let text) = node.content else {
        return reading.refuse(node, expected: "a string with a JSON list")
      }
      let parsed = JSONReader()?.tree(of: Array(text.utf8), named: "POD_PORTS").root
      guard case .sequence(let items)? = parsed?.content else {
        return reading.refuse(node, expected: "a string with a JSON list")
      }
      return items.compactMap { item in
        Fields.read(item, reading) { fields in
          fields.allowOthers()
          return Pod.Port(
            name: fields.string("name"), containerPort: fields.int("containerPort", .int32) ?? 0,
            transport: fields.string("protocol").flatMap(TransportProtocol.init))
        }
      }
    }
    return ports ?? []
  }

  /// The text of a field that nobody gave a type.
  fileprivate mutating func text(ofAny key: String) -> String? { find(key)?.text }

  /// Fields that are strings, and mean nothing here.
  fileprivate mutating func checkStrings() {
    for name in ["OWNER", "NAME", "APP_CONTAINERS", "ISTIO_REVISION", "STS_PORT", "BASE"] {
      _ = string(name)
    }
  }
}

/// Whether a text says true or false, as Go's ParseBool reads it; nil where it says neither.
private func truth(_ text: String) -> Bool? {
  switch text {
  case "1", "t", "T", "true", "TRUE", "True": true
  case "0", "f", "F", "false", "FALSE", "False": false
  default: nil
  }
}
