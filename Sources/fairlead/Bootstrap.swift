import Documents
import Flags
import Linux

/// `fairlead bootstrap`: the file a stock Envoy starts from to be served by Fairlead.
enum BootstrapCommand {
  static let command = Command<BootstrapOptions>(
    "bootstrap", "Prints the file a stock Envoy starts from to be served by Fairlead",
    synopsis: "--namespace NAMESPACE --labels KEY=VALUE [flags]",
    examples: [
      "--type router --namespace istio-system --labels istio=ingressgateway > envoy.yaml"
    ],
    flags: [
      Flag(
        "--type", "router|sidecar", "a gateway (router, the default) or a sidecar", sets: \.role),
      Flag("--namespace", "NAMESPACE", "the proxy's own; default unless given", sets: \.namespace),
      Flag("--name", "NAME", "its pod's name; envoy unless given", sets: \.name),
      Flag(
        "--ip", "ADDRESS", "its own; 127.0.0.1 unless given, may be repeated", addsTo: \.addresses),
      Flag(
        "--labels", "KEY=VALUE", "a label that Gateways select it by; may be repeated",
        addsTo: \.labels),
      Flag(
        "--service-account", "NAME", "who it is, for what it may see; default unless given",
        sets: \.serviceAccount),
      Flag("--cluster-id", "NAME", "Kubernetes unless given", sets: \.clusterID),
      Flag(
        "--domain", "DOMAIN", "the DNS domain of services; cluster.local unless given",
        sets: \.domain),
      Flag(
        "--metadata", "KEY=VALUE",
        "more of what Istio's agent says of a proxy, as NETWORK=west;\n"
          + "may be repeated",
        addsTo: \.metadata),
      Flag(
        "--istio-version", "VERSION",
        "for an Envoy built by Istio: it is sent Istio's filters, too",
        sets: \.istioVersion),
      Flag(
        "--xds-address", "ADDRESS", "where Fairlead listens; 127.0.0.1:15010 unless given",
        sets: \.xdsAddress),
      Flag(
        "--admin-address", "ADDRESS", "Envoy's own pages; 127.0.0.1:15000 unless given",
        sets: \.adminAddress),
      Flag(
        "--status-address", "ADDRESS",
        "where Envoy answers /healthz/ready and /stats/prometheus, and nothing\n"
          + "else of its own pages; nowhere unless given",
        sets: \.statusAddress),
      Flag(
        "--ads", "delta|sotw",
        "how resources come: what changed (delta, the default), or all\n"
          + "of a type each time",
        sets: \.variant),
      Flag("-o", "yaml|json", "how to print; yaml unless given", sets: \.format),
      Flag("--output", "FILE", "to print to; standard output unless given", sets: \.output),
    ])

  static func run(_ words: [String]) -> ExitStatus {
    fairlead.run(command, words, defaults: BootstrapOptions()) { typed throws(Misuse) in
      var options = typed
      if options.addresses.isEmpty { options.addresses = ["127.0.0.1"] }
      if case .tcp(_, 0) = options.xdsAddress {
        throw Misuse("--xds-address \(options.xdsAddress) has no port to connect to")
      }
      let bootstrap = bootstrap(options)
      let text =
        switch options.format {
        case .yaml: bootstrap.yaml()
        case .json: bootstrap.json(.indented) + "\n"
        }
      return write(text, to: options.output)
    }
  }
}

private func write(_ text: String, to file: String?) -> ExitStatus {
  guard let file else {
    print(text, terminator: "")
    return .success
  }
  do {
    try Files.write(Array(text.utf8), to: file)
    return .success
  } catch {
    Terminal.complain("fairlead: \(error)\n")
    return .failure
  }
}

/// The Envoy bootstrap for those options, as a tree to print.
func bootstrap(_ options: BootstrapOptions) -> Node {
  [
    "node": node(options),
    "admin": ["address": address(options.adminAddress)],
    "dynamic_resources": [
      "ads_config": [
        "api_type": options.variant == .delta ? "DELTA_GRPC" : "GRPC",
        "transport_api_version": "V3",
        "set_node_on_first_message_only": true,
        "grpc_services": [["envoy_grpc": ["cluster_name": "xds-grpc"]]],
      ],
      "cds_config": overADS,
      "lds_config": overADS,
    ],
    "static_resources": staticResources(options),
    "layered_runtime": [
      "layers": [
        // Envoy's own limit refuses regular expressions that Istio's users write.
        ["name": "istio", "static_layer": ["re2.max_program_size.error_level": 32768]],
        ["name": "admin", "admin_layer": [:]],
      ]
    ],
  ]
}

private func staticResources(_ options: BootstrapOptions) -> Node {
  let controlPlane = controlPlaneCluster(options.xdsAddress)
  guard let status = options.statusAddress else { return ["clusters": [controlPlane]] }
  return [
    "listeners": [statusListener(status)],
    "clusters": [controlPlane, ownPagesCluster(options.adminAddress)],
  ]
}

/// Zero is "wait as long as it takes": a gateway that starts before its control plane opens its
/// listeners when that is there, and not empty ones before.
private let overADS: Node = [
  "ads": [:], "resource_api_version": "V3", "initial_fetch_timeout": "0s",
]

private func node(_ options: BootstrapOptions) -> Node {
  let application = options.labels.first { $0.key == "app" }?.value ?? options.name
  var metadata: [Node.Entry] = [
    entry("NAMESPACE", options.namespace),
    entry("NAME", options.name),
    entry("SERVICE_ACCOUNT", options.serviceAccount),
    entry("CLUSTER_ID", options.clusterID),
    entry("INSTANCE_IPS", options.addresses.joined(separator: ",")),
    Node.Entry(
      key: "LABELS", value: Node(.mapping(options.labels.map { entry($0.key, $0.value) }))),
  ]
  metadata += options.istioVersion.map { [entry("ISTIO_VERSION", $0)] } ?? []
  metadata += options.metadata.map { entry($0.key, $0.value) }
  return [
    "id": Node(.string(options.nodeID)),
    "cluster": Node(.string("\(application).\(options.namespace)")),
    "metadata": Node(.mapping(metadata)),
  ]
}

private func entry(_ key: String, _ value: String) -> Node.Entry {
  Node.Entry(key: key, value: Node(.string(value)))
}

private func controlPlaneCluster(_ xds: SocketAddress) -> Node {
  [
    "name": "xds-grpc",
    // A name is looked up again when its address goes away; a number or a path needs no lookup.
    "type": xds.isNumeric ? "STATIC" : "STRICT_DNS",
    "connect_timeout": "1s",
    "load_assignment": [
      "cluster_name": "xds-grpc",
      "endpoints": [["lb_endpoints": [["endpoint": ["address": address(xds)]]]]],
    ],
    "typed_extension_protocol_options": [
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": [
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": [
          "http2_protocol_options": [
            // A control plane that vanished without a word is noticed within 40 seconds.
            "connection_keepalive": ["interval": "30s", "timeout": "10s"]
          ]
        ],
      ]
    ],
  ]
}

func address(_ address: SocketAddress) -> Node {
  switch address {
  case .tcp(let host, let port):
    [
      "socket_address": [
        "address": Node(.string(host.isEmpty ? "0.0.0.0" : host)),
        "port_value": Node(.integer(Int64(port))),
      ]
    ]
  case .unix(let path): ["pipe": ["path": Node(.string(path))]]
  }
}
