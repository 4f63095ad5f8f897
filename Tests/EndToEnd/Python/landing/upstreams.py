"""Clusters as the gateway was sent them, with every endpoint played by a listener of the same Envoy."""
import gateway, messages

CLUSTER = "envoy.config.cluster.v3.Cluster"
TLS = "envoy.extensions.transport_sockets.tls.v3."


class Upstreams:
    """The clusters of a dump. Their settings stay; an endpoint's address becomes a socket of the run's folder, names are
    not looked up, and what goes to wherever the connection was going goes to an endpoint called `anywhere`. Endpoints have a
    certificate that is good for `hosts`, and for every name that a cluster's TLS asks for."""

    def __init__(self, dump, proxy, folder, hosts):
        self.proxy, self.folder, self.sockets = proxy, folder, {}
        self.names = {f"DNS:{h}" for h in hosts if h}
        assignments = {n: messages.resource(r) for n, r in dump.get("endpoints", {}).items()}
        self.clusters = [self._cluster(messages.resource(r), assignments) for _, r in sorted(dump.get("clusters", {}).items())]

    def _cluster(self, cluster, assignments):
        assignment = assignments.get(cluster.eds_cluster_config.service_name or cluster.name)
        if cluster.HasField("eds_cluster_config") and assignment is not None:
            cluster.load_assignment.CopyFrom(assignment)
        elif cluster.HasField("cluster_type") or cluster.type == cluster.ORIGINAL_DST:
            endpoint = cluster.load_assignment.endpoints.add().lb_endpoints.add().endpoint
            endpoint.address.socket_address.address = "anywhere"
            endpoint.address.socket_address.port_value = 0
            cluster.lb_policy = cluster.ROUND_ROBIN
            cluster.ClearField("original_dst_lb_config")
        cluster.load_assignment.cluster_name = cluster.name
        for field in ("eds_cluster_config", "cluster_type", "dns_lookup_family", "dns_refresh_rate", "respect_dns_ttl"):
            cluster.ClearField(field)
        cluster.type = cluster.STATIC
        messages.edit(cluster, self._change)
        return cluster

    def _change(self, message):
        kind = message.DESCRIPTOR.full_name
        if kind == "envoy.config.core.v3.Address" and message.HasField("socket_address"):
            at = f"{message.socket_address.address}:{message.socket_address.port_value}"
            message.pipe.path = str(self.sockets.setdefault(at, self.folder / f"{len(self.sockets)}.sock"))
        elif kind == TLS + "CommonTlsContext":
            for matcher in message.combined_validation_context.default_validation_context.match_typed_subject_alt_names:
                self._name(matcher.matcher.exact or matcher.matcher.prefix)
            for matcher in message.validation_context.match_typed_subject_alt_names:
                self._name(matcher.matcher.exact or matcher.matcher.prefix)
            self.proxy._change(message)
        elif kind == TLS + "UpstreamTlsContext" and message.sni:
            self._name(message.sni)

    def _name(self, text):
        if text:
            self.names.add(("URI:" if "://" in text else "DNS:") + text)

    def taken(self, at):
        """The socket of an endpoint that someone else plays."""
        return self.sockets.pop(at)

    def listeners(self, certificates, log, headers):
        """A listener for each endpoint; the log says at which one a request arrived, and how."""
        more = {f"header {h}": f"%REQ({h})%" for h in headers}
        for at, socket in self.sockets.items():
            yield gateway.upstream(at, socket, certificates, tuple(sorted(self.names)), gateway.access_log(
                log, "upstream", at=at, sni="%REQUESTED_SERVER_NAME%", protocol="%PROTOCOL%",
                subject="%DOWNSTREAM_PEER_SUBJECT%", **more))
