import Documents
import Linux

/// Two of Envoy's own pages at an address that others may reach: whether it is ready, for probes, and
/// its statistics, for scrapers. The rest of them can change Envoy and stays where it is.
func statusListener(_ address: SocketAddress) -> Node {
  let manager = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
  let router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
  return [
    "name": "status",
    "address": fairlead.address(address),
    "filter_chains": [
      [
        "filters": [
          [
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": [
              "@type": Node(.string("type.googleapis.com/" + manager)),
              "stat_prefix": "status",
              "route_config": ["virtual_hosts": [virtualHost]],
              "http_filters": [
                [
                  "name": "envoy.filters.http.router",
                  "typed_config": ["@type": Node(.string(router))],
                ]
              ],
            ],
          ]
        ]
      ]
    ],
  ]
}

/// Envoy's own pages as a cluster.
func ownPagesCluster(_ admin: SocketAddress) -> Node {
  [
    "name": "own-pages",
    "type": admin.isNumeric ? "STATIC" : "STRICT_DNS",
    "connect_timeout": "1s",
    "load_assignment": [
      "cluster_name": "own-pages",
      "endpoints": [["lb_endpoints": [["endpoint": ["address": address(admin)]]]]],
    ],
  ]
}

private let virtualHost: Node = [
  "name": "status",
  "domains": ["*"],
  "routes": [
    [
      "match": ["path": "/healthz/ready", "headers": [getOnly]],
      "route": ["cluster": "own-pages", "prefix_rewrite": "/ready"],
    ],
    [
      "match": ["path": "/stats/prometheus", "headers": [getOnly]],
      "route": ["cluster": "own-pages"],
    ],
  ],
]

private let getOnly: Node = ["name": ":method", "string_match": ["exact": "GET"]]
