"""What a gateway was sent (a dump), made into configuration that a stock Envoy on this machine can run.

A listener keeps its filters and their order, its chains and their matches. Replaced are its address (any free port),
certificates (made here), access logs (ours) and what only Istio's Envoy has.
"""
import json

from google.protobuf import json_format

import messages

LOG = {
    "id": "%REQ(X-LANDING-ID)%", "peer": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%", "status": "%RESPONSE_CODE%",
    "cluster": "%UPSTREAM_CLUSTER_RAW%", "route": "%ROUTE_NAME%", "chain": "%FILTER_CHAIN_NAME%",
    "details": "%RESPONSE_CODE_DETAILS%", "flags": "%RESPONSE_FLAGS%", "path": "%REQ(:PATH)%", "host": "%REQ(:AUTHORITY)%",
}
HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def access_log(path, kind, **more):
    """An access log that writes a JSON line for each request or connection."""
    log = messages.made("envoy.extensions.access_loggers.file.v3.FileAccessLog")
    log.path = str(path)
    log.log_format.json_format.update({**LOG, "kind": kind, **more})
    out = messages.made("envoy.config.accesslog.v3.AccessLog")
    out.name = "landing"
    out.typed_config.CopyFrom(messages.packed(log))
    return out


def is_istios(filter):
    """Whether only Istio's own Envoy has the filter."""
    config = filter.typed_config
    url = config.type_url
    if url.endswith("TypedStruct"):
        inner = messages.opened(config)
        url = inner.type_url if inner is not None else ""
    return any(part in url for part in ("istio.", "stats.PluginConfig", "metadataexchange", ".wasm."))


class Gateway:
    """One proxy's dump, ready to be put into a bootstrap.

    `complaints` says what a proxy would wait for in vain, `istios` names the filters that a stock Envoy has not.
    """

    def __init__(self, name, dump, certificates, logs):
        self.name, self.certificates, self.logs, self.istios = name, certificates, logs, set()
        self.complaints = []
        self.routes = {n: messages.resource(r) for n, r in dump.get("routes", {}).items()}
        self.extensions = {n: messages.resource(r) for n, r in dump.get("extensions", {}).items()}
        self.secrets = {n: r["b64"] for n, r in dump.get("secrets", {}).items()}
        self.clusters = set(dump.get("clusters", {}))
        self.listeners = {}
        for n, r in sorted(dump.get("listeners", {}).items()):
            self.listeners[n] = self._listener(messages.resource(r))

    def _listener(self, listener):
        # Two Envoys must not write to one file.
        self.log = self.logs / f"{self.name}|{listener.name}.log".replace("/", ".")
        self.listener = listener.name = f"{self.name}|{listener.name}"
        protocol = listener.address.socket_address.protocol
        listener.address.socket_address.Clear()
        listener.address.socket_address.address = "127.0.0.1"
        listener.address.socket_address.port_value = 0
        listener.address.socket_address.protocol = protocol
        for field in ("additional_addresses", "access_log", "bind_to_port", "transparent", "freebind"):
            listener.ClearField(field)
        if not protocol:
            # Two listeners that share ports may be given the same free one.
            listener.enable_reuse_port.value = False
        kept = [f for f in listener.listener_filters if self._is_kept(f)]
        del listener.listener_filters[:]
        listener.listener_filters.extend(kept)
        messages.edit(listener, self._change)
        return listener

    def _change(self, message):
        change = self.changes.get(message.DESCRIPTOR.full_name)
        if change is not None:
            change(self, message)

    def _is_kept(self, filter):
        if is_istios(filter):
            self.istios.add(filter.name)
        return not is_istios(filter)

    def _filter_chain(self, chain):
        kept = [f for f in chain.filters if self._is_kept(f)]
        del chain.filters[:]
        chain.filters.extend(kept)

    def _connection_manager(self, manager):
        if manager.HasField("rds"):
            name = manager.rds.route_config_name
            routes = self.routes.get(name)
            if routes is None:
                self.complaints.append(f"no routes by the name {name}")
                routes = messages.made("envoy.config.route.v3.RouteConfiguration")
            manager.route_config.CopyFrom(routes)
            messages.edit(manager.route_config, self._change)
        manager.route_config.validate_clusters.value = False
        manager.route_config.ClearField("vhds")
        manager.ClearField("tracing")
        manager.ClearField("access_log_options")
        del manager.access_log[:]
        manager.access_log.append(access_log(self.log, "http", listener=self.listener))
        for filter in manager.http_filters:
            if filter.HasField("config_discovery"):
                extension = self.extensions.get(filter.name)
                if extension is None:
                    self.complaints.append(f"no extension by the name {filter.name}")
                else:
                    filter.typed_config.CopyFrom(extension.typed_config)
        kept = [f for f in manager.http_filters if f.HasField("typed_config") and self._is_kept(f)]
        dropped = {f.name for f in manager.http_filters} - {f.name for f in kept}
        del manager.http_filters[:]
        manager.http_filters.extend(kept)

        def drop(message):
            if "typed_per_filter_config" in message.DESCRIPTOR.fields_by_name:
                for name in dropped & set(message.typed_per_filter_config):
                    del message.typed_per_filter_config[name]
        messages.edit(manager.route_config, drop)

    def _tcp_proxy(self, proxy):
        del proxy.access_log[:]
        proxy.access_log.append(access_log(self.log, "tcp", listener=self.listener))

    def _logged_filter(self, filter):
        """mongo_proxy's own log is a file on the proxy's machine."""
        filter.ClearField("access_log")

    def _tls(self, context):
        labels = [c.certificate_chain.filename or "inline" for c in context.tls_certificates]
        labels += [self.label(s.name) for s in context.tls_certificate_sds_secret_configs]
        validated = context.HasField("combined_validation_context") or context.HasField("validation_context") \
            or context.HasField("validation_context_sds_secret_config")
        kept = messages.made("envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext")
        if context.HasField("combined_validation_context"):
            kept.CopyFrom(context.combined_validation_context.default_validation_context)
        elif context.HasField("validation_context"):
            kept.CopyFrom(context.validation_context)
        del context.tls_certificates[:]
        del context.tls_certificate_sds_secret_configs[:]
        # An Envoy takes one RSA certificate and refuses two.
        for label in labels[:1]:
            certificate = context.tls_certificates.add()
            certificate.certificate_chain.filename = str(self.certificates.file(" + ".join(labels)))
            certificate.private_key.filename = str(self.certificates.key)
        for field in ("combined_validation_context", "validation_context", "validation_context_sds_secret_config"):
            context.ClearField(field)
        if validated:
            kept.ClearField("crl")
            kept.trusted_ca.filename = str(self.certificates.authority)
            context.validation_context.CopyFrom(kept)


    def label(self, secret):
        """What the certificate of a secret is told by."""
        return secret

    changes = {
        "envoy.config.listener.v3.FilterChain": _filter_chain,
        HCM: _connection_manager,
        "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy": _tcp_proxy,
        "envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy": _logged_filter,
        "envoy.extensions.transport_sockets.tls.v3.CommonTlsContext": _tls,
    }


def stand_in(name, socket):
    """A cluster by that name whose one endpoint is the socket."""
    return json_format.ParseDict({
        "name": name, "type": "STATIC", "connectTimeout": "5s",
        "loadAssignment": {"clusterName": name, "endpoints": [{"lbEndpoints": [
            {"endpoint": {"address": {"pipe": {"path": str(socket)}}}}]}]},
    }, messages.made("envoy.config.cluster.v3.Cluster"))


def upstream(name, socket, certificates, names=("DNS:*",), log=None):
    """A listener that answers every request with 200, or with the status that x-landing-answer asks for, plain and over TLS."""
    answers = [{"match": {"prefix": "/", "headers": [{"name": "x-landing-answer", "stringMatch": {"exact": str(status)}}]},
                "directResponse": {"status": status}} for status in (404, 429, 500, 503)]
    answers += [{"match": {"prefix": "/"}, "directResponse": {"status": 200, "body": {"inlineString": name}}},
                {"match": {"connectMatcher": {}}, "directResponse": {"status": 200}}]
    manager = json_format.ParseDict({
        "statPrefix": "upstream", "routeConfig": {"virtualHosts": [{"name": "all", "domains": ["*"], "routes": answers}]},
        "httpFilters": [{"name": "envoy.filters.http.router", "typedConfig": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
    }, messages.made(HCM))
    if log is not None:
        manager.access_log.append(log)
    tls = json_format.ParseDict({"commonTlsContext": {"alpnProtocols": ["h2", "http/1.1"], "tlsCertificates": [{
        "certificateChain": {"filename": str(certificates.file("upstream", names))},
        "privateKey": {"filename": str(certificates.key)}}], "validationContext": {
            "trustedCa": {"filename": str(certificates.authority)}}},
    }, messages.made("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"))
    listener = messages.made("envoy.config.listener.v3.Listener")
    listener.name = f"upstream {name}"
    listener.address.pipe.path = str(socket)
    for filter in ("proxy_protocol.v3.ProxyProtocol", "tls_inspector.v3.TlsInspector"):
        config = messages.made(f"envoy.extensions.filters.listener.{filter}")
        if "ProxyProtocol" in filter:
            config.allow_requests_without_proxy_protocol = True
        listener.listener_filters.add(name=filter).typed_config.CopyFrom(messages.packed(config))
    for protocol in ("raw_buffer", "tls"):
        chain = listener.filter_chains.add()
        chain.filter_chain_match.transport_protocol = protocol
        chain.filters.add(name="http").typed_config.CopyFrom(messages.packed(manager))
    chain.transport_socket.name = "tls"
    chain.transport_socket.typed_config.CopyFrom(messages.packed(tls))
    return listener


def bootstrap(listeners, clusters):
    out = messages.made("envoy.config.bootstrap.v3.Bootstrap")
    out.node.id, out.node.cluster = "landing", "landing"
    out.admin.address.socket_address.address = "127.0.0.1"
    out.admin.address.socket_address.port_value = 0
    out.static_resources.listeners.extend(listeners)
    out.static_resources.clusters.extend(clusters)
    return out


class Logged:
    """What the access logs in a folder say so far."""

    def __init__(self, folder):
        self.requests, self.connections, self.upstream, self.size = {}, {}, {}, 0
        for log in folder.glob("*.log"):
            text = log.read_text()
            self.size += len(text)
            # What follows the last line end is still being written.
            for line in text.split("\n")[:-1]:
                entry = json.loads(line)
                if entry["kind"] == "http":
                    self.requests[entry["id"]] = entry
                elif entry["kind"] == "tcp":
                    self.connections[entry["listener"], entry["peer"]] = entry
                else:
                    self.upstream.setdefault(entry["id"], []).append(entry)
