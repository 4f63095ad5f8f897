#!/usr/bin/env python3
"""What a control plane answers a node over ADS, asked by gRPC's own client.

    ads.py dump SERVER NODE_ID METADATA_JSON      every resource: {kind: {name: base64}}, as JSON with sorted keys
    ads.py abuse SERVER NODE_ID METADATA_JSON     requests no proxy sends: "what: STATUS" lines

The state-of-the-world variant; names of endpoints, routes and secrets are taken from clusters and listeners.
"""
import base64, json, queue, sys

import grpc
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf import json_format

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
TYPES = {
    "clusters": "envoy.config.cluster.v3.Cluster",
    "endpoints": "envoy.config.endpoint.v3.ClusterLoadAssignment",
    "listeners": "envoy.config.listener.v3.Listener",
    "routes": "envoy.config.route.v3.RouteConfiguration",
    "secrets": "envoy.extensions.transport_sockets.tls.v3.Secret",
}


def messages():
    from envoy.config.cluster.v3 import cluster_pb2
    from envoy.config.endpoint.v3 import endpoint_pb2
    from envoy.config.listener.v3 import listener_pb2
    from envoy.config.route.v3 import route_pb2
    from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2
    from envoy.extensions.filters.network.tcp_proxy.v3 import tcp_proxy_pb2  # noqa: F401, so that Any opens
    from envoy.extensions.transport_sockets.tls.v3 import secret_pb2, tls_pb2
    return {"clusters": cluster_pb2.Cluster, "endpoints": endpoint_pb2.ClusterLoadAssignment,
            "listeners": listener_pb2.Listener, "routes": route_pb2.RouteConfiguration, "secrets": secret_pb2.Secret,
            "hcm": http_connection_manager_pb2.HttpConnectionManager, "tls": tls_pb2.DownstreamTlsContext}


def name_of(resource):
    return getattr(resource, "cluster_name", None) or resource.name


class Stream:
    """One ADS stream; `ask` answers the resources of one type."""

    def __init__(self, channel, node, timeout=20):
        self.requests, self.node = queue.Queue(), node
        self.responses = channel.stream_stream(
            METHOD, request_serializer=discovery_pb2.DiscoveryRequest.SerializeToString,
            response_deserializer=discovery_pb2.DiscoveryResponse.FromString)(iter(self.requests.get, None), timeout=timeout)

    def ask(self, kind, names=()):
        url = f"type.googleapis.com/{TYPES[kind]}"
        self.requests.put(discovery_pb2.DiscoveryRequest(type_url=url, resource_names=sorted(names), node=self.node))
        self.node = None
        for response in self.responses:
            self.requests.put(discovery_pb2.DiscoveryRequest(
                type_url=response.type_url, resource_names=sorted(names) if response.type_url == url else [],
                version_info=response.version_info, response_nonce=response.nonce))
            if response.type_url == url:
                return response.resources
        raise SystemExit(f"the stream ended before {kind} came")


def dump(channel, node, with_secrets=True):
    known, stream, found = messages(), Stream(channel, node), {}

    def take(kind, names=()):
        resources = []
        for any in stream.ask(kind, names):
            resource = known[kind]()
            if not any.Unpack(resource):
                raise SystemExit(f"{any.type_url} came for {kind}")
            resources.append(resource)
            found.setdefault(kind, {})[name_of(resource)] = base64.b64encode(any.value).decode()
        return resources

    clusters = take("clusters")
    named = {c.eds_cluster_config.service_name or c.name for c in clusters if c.HasField("eds_cluster_config")}
    if named:
        take("endpoints", named)
    routes, secrets = set(), set()
    for listener in take("listeners"):
        for chain in listener.filter_chains:
            for filter in chain.filters:
                hcm = known["hcm"]()
                if filter.typed_config.Unpack(hcm) and hcm.HasField("rds"):
                    routes.add(hcm.rds.route_config_name)
            tls = known["tls"]()
            if chain.transport_socket.typed_config.Unpack(tls):
                secrets |= {s.name for s in tls.common_tls_context.tls_certificate_sds_secret_configs}
    if routes:
        take("routes", routes)
    if secrets and with_secrets:
        take("secrets", secrets)
    return found


def opening(number, length):
    """The tag and length of a length-delimited field on the wire."""
    out, n = bytes([number << 3 | 2]), length
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, payload):
    return opening(number, len(payload)) + payload


def deep_metadata(depth):
    """A Struct of one key whose value is a Struct of one key …, written by hand, inside out: libraries refuse to."""
    key, openings, length = field(1, b"k"), [], 0
    for level in range(depth + 1):
        entry = key + opening(2, length)
        struct = opening(1, len(entry) + length) + entry
        value = opening(5, len(struct) + length) + struct if level < depth else struct
        openings.append(value)
        length += len(value)
    return b"".join(reversed(openings))


def status_of(channel, payload, method=METHOD):
    stream = channel.stream_stream(method, request_serializer=None, response_deserializer=None)(iter([payload]), timeout=20)
    try:
        next(stream, None)
        return "OK"
    except grpc.RpcError as e:
        return e.code().name


def abuse(channel, node):
    clusters = field(4, b"type.googleapis.com/" + TYPES["clusters"].encode())
    identity = field(1, node.id.encode())
    yield "no node", status_of(channel, clusters)
    yield "an id without parts", status_of(channel, field(2, field(1, b"gateway")) + clusters)
    yield "metadata 50000 deep", status_of(channel, field(2, identity + field(3, deep_metadata(50000))) + clusters)
    yield "not protobuf", status_of(channel, b"\xff" * 100)
    yield "a request of 65 MiB", status_of(channel, field(2, identity) + clusters + field(3, b"x" * (65 << 20)))
    yield "an unknown method", status_of(channel, clusters, METHOD + "Differently")
    yield "a node with nothing but its id", status_of(channel, field(2, identity) + clusters)


def main():
    what, server, node_id, metadata = sys.argv[1:]
    node = base_pb2.Node(id=node_id)
    json_format.ParseDict(json.loads(metadata), node.metadata)
    with grpc.insecure_channel(server, options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]) as channel:
        if what == "dump":
            print(json.dumps(dump(channel, node), sort_keys=True))
        else:
            for label, status in abuse(channel, node):
                print(f"{label}: {status}", flush=True)


if __name__ == "__main__":
    main()
