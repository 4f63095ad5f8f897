"""Meshes by seed: every kind that is read, few names, so that objects meet.

Most values are of the shape that is asked for; that they make sense together is not promised, nor that each object is valid.
"""
import random

HOSTS = ["a.example.com", "b.example.com", "*.example.com", "c.example.org", "*.example.org", "*"]
SERVICES = ["a.shop.svc.cluster.local", "b.shop.svc.cluster.local", "one.test", "two.test", "*.wild.test", "three.test"]
NAMESPACES = ["edge", "shop", "istio-system"]
PATHS = ["/", "/a", "/a/b", "/items", ""]
REGEXES = ["a.*", "[a-z]+", "/items/[0-9]+", "(x|y)z?", ".*"]
LABELS = [{"app": "a"}, {"app": "b"}, {"version": "v1"}, {"version": "v2"}]
SUBSETS = ["v1", "v2"]
API = {"networking": "networking.istio.io/v1", "security": "security.istio.io/v1", "telemetry": "telemetry.istio.io/v1",
       "extensions": "extensions.istio.io/v1alpha1"}


class Mesh:
    """A generator of objects. `ports` are what listeners may open, `files` a certificate, its key and authority."""

    def __init__(self, seed, ports, files, secrets):
        self.chance, self.ports, self.files, self.secrets = random.Random(seed), ports, files, secrets

    # Words

    def pick(self, *of):
        return self.chance.choice(of)

    def one(self, of):
        return self.chance.choice(of)

    def some(self, of, most=3):
        return self.chance.sample(of, self.chance.randint(1, min(most, len(of))))

    def odds(self, share):
        return self.chance.random() < share

    def fields(self, share=0.35, **of):
        """Each of the fields with that share; a function is asked for its value."""
        return {k: v() if callable(v) else v for k, v in of.items() if self.odds(share)}

    def many(self, make, most=3, least=1):
        return [make() for _ in range(self.chance.randint(least, most))]

    def duration(self):
        return self.pick("1s", "500ms", "1m30s", "2h", "10s", "1.5s", "1ms")

    def count(self):
        return self.pick(0, 1, 2, 5, 100, 65535)

    def percent(self):
        return {"value": self.pick(0, 0.1, 12.5, 50, 99.99, 100)}

    def text_match(self):
        return self.one([{"exact": self.pick("x", "a b", "*")}, {"prefix": self.pick("x", "/a")}, {"regex": self.one(REGEXES)}])

    def object(self, api, kind, name, spec, namespace=None):
        metadata = {"name": name}
        if namespace != "":
            metadata["namespace"] = namespace or self.one(NAMESPACES)
        if self.odds(0.3):
            metadata["creationTimestamp"] = f"2024-01-0{self.chance.randint(1, 9)}T00:00:00Z"
        return {"apiVersion": API.get(api, api), "kind": kind, "metadata": metadata, **({"spec": spec} if spec is not None else {})}

    # Gateways and routes

    def gateway(self, name):
        return self.object("networking", "Gateway", name, {
            "selector": self.pick({"istio": "ingressgateway"}, {"istio": "ingressgateway"}, {"app": "gateway"}, {"app": "other"}),
            "servers": [self.server(n) for n in range(self.chance.randint(1, 4))]})

    def server(self, number):
        protocol = self.pick("HTTP", "HTTP", "HTTPS", "HTTPS", "HTTPS", "GRPC", "HTTP2", "TCP", "TLS", "MONGO", "GRPC-WEB")
        server = {"port": {"number": self.one(self.ports), "name": f"{protocol.lower()}-{number}-{self.pick('x', 'y')}", "protocol": protocol},
                  "hosts": [self.pick("", "", "", "*/", "./", "shop/") + h for h in self.some(HOSTS)]}
        if protocol in ("HTTPS", "TLS"):
            server["tls"] = self.server_tls()
        elif protocol == "HTTP" and self.odds(0.2):
            server["tls"] = {"httpsRedirect": True}
        if self.odds(0.1):
            server["bind"] = "127.0.0.1"
        if self.odds(0.2):
            server["name"] = self.pick("n1", "n2") + str(number)
        return server

    def server_tls(self):
        mode = self.pick("SIMPLE", "SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "PASSTHROUGH", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL")
        tls = {"mode": mode}
        if mode in ("PASSTHROUGH", "AUTO_PASSTHROUGH"):
            return tls
        if mode != "ISTIO_MUTUAL":
            tls["credentialName"] = self.one(self.secrets)
        tls.update(self.fields(
            0.2, minProtocolVersion=lambda: self.pick("TLSV1_0", "TLSV1_2"), maxProtocolVersion=lambda: self.pick("TLSV1_2", "TLSV1_3"),
            cipherSuites=lambda: self.some(["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "NO-SUCH"]),
            subjectAltNames=lambda: self.some(["spiffe://a/ns/b/sa/c", "client.test"]),
            ecdhCurves=lambda: self.some(["P-256", "X25519"])))
        return tls

    def virtual_service(self, name):
        hosts = self.pick(HOSTS[:2] + HOSTS[3:4], HOSTS[2:3], HOSTS[3:4], HOSTS[5:], SERVICES[:3])
        gateways = ["edge/g0", "edge/g1", "shop/g2", "g0", "istio-system/g0"] + (["mesh"] if "*" not in hosts else [])
        spec = {"hosts": self.some(hosts), "gateways": self.some(gateways)}
        spec.update(self.fields(0.15, exportTo=lambda: self.pick(["."], ["*"], ["edge"])))
        spec["http"] = self.many(self.http_route, 5)
        if self.odds(0.3):
            spec["tls"] = [{"match": [{"sniHosts": self.some(spec["hosts"]), **self.fields(port=lambda: self.one(self.ports))}],
                            "route": self.shares()}]
        if self.odds(0.3):
            spec["tcp"] = [{**self.fields(match=lambda: [self.fields(port=lambda: self.one(self.ports))]), "route": self.shares()}]
        return self.object("networking", "VirtualService", name, spec)

    def destination(self):
        return {"host": self.one(SERVICES + ["a", "b", "nowhere.test"]), **self.fields(
            0.3, subset=lambda: self.one(SUBSETS), port=lambda: {"number": self.pick(80, 443, 9090, 99)})}

    def shares(self):
        shares = [{"destination": self.destination()} for _ in range(self.chance.randint(1, 3))]
        if len(shares) > 1:
            for share in shares:
                share["weight"] = self.pick(0, 1, 50, 100)
        return shares

    def headers(self):
        operations = lambda: self.fields(0.5, set={"x-set": self.pick("1", "%REQ(x)%", "100%%")}, add={"x-add": "2"}, remove=["x-gone"])
        return self.fields(0.6, request=operations, response=operations)

    def http_match(self):
        return self.fields(
            0.25, name="m", uri=lambda: self.pick({"prefix": self.one(PATHS) or "/"}, {"exact": self.one(PATHS[1:4])}, {"regex": self.one(REGEXES)}),
            headers=lambda: {self.pick("x-a", "x-b", "cookie", "@request.auth.claims.sub", ":path"): self.pick(self.text_match(), {})},
            withoutHeaders=lambda: {"x-c": self.pick(self.text_match(), {})}, queryParams=lambda: {"q": self.text_match()},
            method=self.text_match, authority=self.text_match, scheme=self.text_match, port=lambda: self.one(self.ports),
            ignoreUriCase=True, sourceLabels=lambda: self.pick({"istio": "ingressgateway"}, {"app": "x"}), sourceNamespace="edge",
            gateways=lambda: self.some(["edge/g0", "mesh"]), statPrefix="stat")

    def http_route(self):
        route = {**self.fields(0.4, name=lambda: self.pick("r1", "r2")), **self.fields(0.7, match=lambda: self.many(self.http_match))}
        kind = self.chance.random()
        if kind < 0.15:
            route["redirect"] = self.fields(
                0.5, uri="/x", authority="x.example.com", port=8443, scheme="https", redirectCode=self.pick(301, 302, 303, 307, 308),
                derivePort=None) | {"uri": self.pick("/y", "")}
            route["redirect"].pop("derivePort", None)
        elif kind < 0.3:
            route["directResponse"] = {"status": self.pick(200, 404, 503), **self.fields(body=lambda: {"string": "text"})}
        elif kind < 0.4:
            route["delegate"] = {"name": self.pick("d0", "d1"), "namespace": self.one(NAMESPACES)}
        else:
            route["route"] = self.shares()
            route.update(self.fields(
                0.2, rewrite=lambda: self.pick({"uri": "/new"}, {"authority": "inner.test"}, {"uriRegexRewrite": {"match": "^/a/(.*)$", "rewrite": "/\\1"}}),
                timeout=self.duration, headers=self.headers,
                retries=lambda: {"attempts": self.pick(1, 5), **self.fields(perTryTimeout=self.duration, retryOn=lambda: self.pick(
                    "5xx", "gateway-error,429", "connect-failure,refused-stream,503"), retryRemoteLocalities=True)},
                fault=lambda: self.fields(0.7, abort=lambda: {"percentage": self.percent(), "httpStatus": self.pick(400, 503)},
                                          delay=lambda: {"percentage": self.percent(), "fixedDelay": "1ms"}) or {
                                              "abort": {"httpStatus": 500}},
                mirrors=lambda: [{"destination": self.destination(), **self.fields(percentage=self.percent)} for _ in range(2)],
                corsPolicy=lambda: {"allowOrigins": self.many(self.text_match), **self.fields(
                    allowMethods=["GET"], allowHeaders=["x"], exposeHeaders=["x-y"], maxAge=self.pick("1s", "2h"), allowCredentials=True,
                    unmatchedPreflights=lambda: self.pick("FORWARD", "IGNORE"))}))
        return route

    def delegate(self, name):
        return self.object("networking", "VirtualService", name, {"http": self.many(self.http_route)})

    # Services and policies of traffic

    def destination_rule(self, name):
        return self.object("networking", "DestinationRule", name, {
            "host": self.one(SERVICES + ["*.test", "*.shop.svc.cluster.local", "a"]), **self.fields(
                0.6, trafficPolicy=self.traffic_policy, subsets=lambda: [
                    {"name": s, "labels": {"version": s}, **self.fields(trafficPolicy=self.traffic_policy)} for s in SUBSETS]),
            **self.fields(0.1, exportTo=lambda: self.pick(["."], ["*"]), workloadSelector={"matchLabels": {"istio": "ingressgateway"}})})

    def traffic_policy(self, nested=True):
        policy = self.fields(
            0.4, loadBalancer=self.load_balancer, tls=self.upstream_tls,
            connectionPool=lambda: self.fields(
                0.6, tcp=lambda: self.fields(maxConnections=self.count, connectTimeout=self.duration, idleTimeout=self.duration,
                                             maxConnectionDuration=self.duration, tcpKeepalive=lambda: self.fields(
                                                 probes=3, time=self.duration, interval=self.duration)),
                http=lambda: self.fields(
                    http1MaxPendingRequests=self.count, http2MaxRequests=self.count, maxRequestsPerConnection=self.count,
                    maxRetries=self.count, idleTimeout=self.duration, useClientProtocol=True, maxConcurrentStreams=self.count,
                    h2UpgradePolicy=lambda: self.pick("DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"))),
            outlierDetection=lambda: self.fields(
                consecutive5xxErrors=self.count, consecutiveGatewayErrors=self.count, interval=self.duration, baseEjectionTime=self.duration,
                maxEjectionPercent=50, minHealthPercent=30, **self.pick({}, {"splitExternalLocalOriginErrors": True, "consecutiveLocalOriginFailures": 2})))
        if nested:
            policy.update(self.fields(
                0.15, tunnel=lambda: {"protocol": self.pick("CONNECT", "POST"), "targetHost": "target.test", "targetPort": 443},
                proxyProtocol=lambda: {"version": self.pick("V1", "V2")},
                portLevelSettings=lambda: [{"port": {"number": p}, **self.traffic_policy(False)} for p in self.some([80, 443, 9090])]))
        return policy

    def load_balancer(self):
        balancer = self.pick(
            {"simple": self.pick("ROUND_ROBIN", "LEAST_CONN", "LEAST_REQUEST", "RANDOM", "PASSTHROUGH")},
            {"consistentHash": {**self.pick(
                {"httpHeaderName": "x-user"}, {"httpCookie": {"name": "c", **self.fields(path="/", ttl=self.duration)}}, {"useSourceIp": True},
                {"httpQueryParameterName": "q"}), **self.pick({}, {"ringHash": {"minimumRingSize": 64}}, {"maglev": {"tableSize": 65537}})}})
        locality = lambda: self.pick(
            {"enabled": True}, {"enabled": False}, {"failover": [{"from": "r1", "to": "r2"}]}, {"failoverPriority": ["topology.kubernetes.io/region", "version"]},
            {"distribute": [{"from": "r1/*", "to": {"r1/z1/*": 70, "r2/*": 30}}]})
        return {**balancer, **self.fields(0.3, localityLbSetting=locality, warmup=lambda: {"duration": "30s", **self.fields(
            minimumPercent=self.pick(10, 50), aggression=1.5)})}

    def upstream_tls(self):
        mode = self.pick("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL")
        tls = {"mode": mode}
        if mode in ("SIMPLE", "MUTUAL"):
            tls.update(self.fields(sni="sni.test", subjectAltNames=["san.test"], insecureSkipVerify=True))
            files = {"caCertificates": self.files[2]}
            if mode == "MUTUAL":
                files.update(clientCertificate=self.files[0], privateKey=self.files[1])
            tls.update(self.pick({"credentialName": self.one(self.secrets)}, files))
        return tls

    def service_entry(self, name):
        resolution = self.pick("STATIC", "DNS", "DNS_ROUND_ROBIN", "NONE", "DYNAMIC_DNS")
        hosts = ["*.wild.test"] if resolution == "DYNAMIC_DNS" else self.some(["one.test", "two.test", "three.test"], 2)
        spec = {"hosts": hosts, "resolution": resolution, "ports": [
            {"number": n, "name": f"p{n}", "protocol": self.pick("HTTP", "GRPC", "TLS", "HTTP2", *(
                [] if resolution == "DYNAMIC_DNS" or len(hosts) > 1 else ["HTTPS", "TCP", "MONGO"]))}
            for n in self.some([80, 443, 9090])], **self.fields(
                0.2, location=lambda: self.pick("MESH_INTERNAL", "MESH_EXTERNAL"), subjectAltNames=["spiffe://x/ns/a/sa/b"],
                exportTo=lambda: self.pick(["."], ["*"]))}
        if resolution in ("STATIC", "NONE") and self.odds(0.3):
            spec["addresses"] = self.some(["240.1.1.1", "240.2.0.0/24"])
        if resolution == "STATIC" and self.odds(0.3):
            spec["workloadSelector"] = {"labels": {"app": "a"}}
        elif resolution not in ("NONE", "DYNAMIC_DNS"):
            most = 1 if resolution == "DNS_ROUND_ROBIN" else 4
            spec["endpoints"] = [self.endpoint(resolution == "STATIC", spec["ports"]) for _ in range(self.chance.randint(1, most))]
        return self.object("networking", "ServiceEntry", name, spec)

    def endpoint(self, is_address, ports=()):
        address = f"10.0.{self.chance.randint(0, 3)}.{self.chance.randint(1, 9)}"
        return {"address": address if is_address else self.pick("e1.test", "e2.test", address), **self.fields(
            0.3, labels=lambda: self.one(LABELS), locality=lambda: self.pick("r1/z1/s1", "r1/z2", "r2"), weight=lambda: self.pick(1, 5),
            network=lambda: self.pick("network1", "network2"), serviceAccount="sa", **({"ports": {ports[0]["name"]: 8080}} if ports else {}))}

    def workload_entry(self, name):
        return self.object("networking", "WorkloadEntry", name, {**self.endpoint(True), "labels": self.one(LABELS)})

    def workload_group(self, name):
        return self.object("networking", "WorkloadGroup", name, {"template": {"serviceAccount": "sa"}, **self.fields(
            metadata={"labels": {"app": "a"}}, probe={"tcpSocket": {"port": 80}})})

    def service(self, name):
        kind = self.pick("ClusterIP", "None", "ExternalName", "NodePort", "LoadBalancer")
        ports = [{"name": self.pick("http", "grpc", "tcp", "https", "tls") + f"-{n}", "port": n, "targetPort": self.pick(8080, "named", n)}
                 for n in self.some([80, 443, 9090])]
        spec = {"ports": ports, "selector": self.pick({"app": "a"}, {"app": "b"}), **self.fields(
            0.15, publishNotReadyAddresses=True, internalTrafficPolicy="Local", trafficDistribution=self.pick("PreferClose", "PreferSameZone"),
            sessionAffinity="ClientIP")}
        if kind == "ExternalName":
            spec = {"type": kind, "externalName": self.pick("one.test", "elsewhere.test"), "ports": ports}
        elif kind == "None":
            spec["clusterIP"] = "None"
        else:
            spec.update(type=kind, clusterIP=f"10.96.0.{self.chance.randint(1, 9)}")
        return self.object("v1", "Service", self.pick("a", "b"), spec, "shop")

    def endpoint_slice(self, name):
        service = self.pick("a", "b")
        out = self.object("discovery.k8s.io/v1", "EndpointSlice", name, None, "shop")
        out["metadata"]["labels"] = {"kubernetes.io/service-name": service}
        out.update(addressType="IPv4", ports=[{"name": n, "port": 8080} for n in ("http-80", "grpc-80", "tcp-9090", "https-443")],
                   endpoints=[{"addresses": [f"10.1.0.{self.chance.randint(1, 9)}"], "conditions": {"ready": self.odds(0.8)},
                               **self.fields(targetRef={"kind": "Pod", "name": "p0", "namespace": "shop"}, nodeName="n0")}
                              for _ in range(self.chance.randint(0, 4))])
        return out

    def pod(self, name):
        out = self.object("v1", "Pod", name, {"nodeName": "n0", "containers": [{"name": "c", "image": "i", "ports": [
            {"name": "named", "containerPort": 8081}]}]}, "shop")
        out["metadata"]["labels"] = {**self.one(LABELS), **self.one(LABELS), **self.fields(**{"security.istio.io/tlsMode": "istio"})}
        out["status"] = {"podIP": f"10.1.0.{self.chance.randint(1, 9)}", "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        return out

    def node(self, name):
        out = self.object("v1", "Node", "n0", {}, "")
        out["metadata"]["labels"] = {"topology.kubernetes.io/region": self.pick("r1", "r2"), "topology.kubernetes.io/zone": "z1"}
        return out

    def namespace(self, name):
        out = self.object("v1", "Namespace", self.one(NAMESPACES), {}, "")
        out["metadata"]["labels"] = self.fields(**{"topology.istio.io/network": "network1"})
        return out

    def config_map(self, name):
        out = self.object("v1", "ConfigMap", name, None, "edge")
        out["data"] = {"ca.crt": "not a certificate"}
        return out

    # Policies

    def selector(self):
        return self.pick({}, {"selector": {"matchLabels": {"istio": "ingressgateway"}}}, {"selector": {"matchLabels": {"app": "x"}}})

    def authorization_policy(self, name):
        words = lambda *of: lambda: self.some(list(of))
        source = lambda: self.fields(
            0.3, principals=words("*", "cluster.local/ns/a/sa/b", "*/sa/x"), notPrincipals=words("x"), requestPrincipals=words("*", "i/s"),
            namespaces=words("a", "b*"), ipBlocks=words("10.0.0.0/8", "192.0.2.1"), remoteIpBlocks=words("203.0.113.0/24"), notIpBlocks=words("10.1.0.0/16"))
        operation = lambda: self.fields(
            0.3, hosts=words("a.example.com", "*.example.com"), notHosts=words("x"), ports=words("80", "8443"), methods=words("GET", "POST"),
            paths=words("/a", "/b/*", "*/c", "*", "/t/{*}/x"), notPaths=words("/d"))
        condition = lambda: self.pick(
            *({"key": k, "values": self.some(["x", "*", "x*", "*x"])} for k in (
                "request.headers[x-a]", "request.auth.claims[iss]", "connection.sni", "source.namespace", "request.auth.principal")),
            *({"key": k, "notValues": ["10.0.0.0/8", "192.0.2.1"]} for k in ("source.ip", "remote.ip")),
            {"key": "destination.port", "values": ["80", "8443"]})
        action = self.pick("ALLOW", "DENY", "AUDIT", "CUSTOM", "ALLOW")
        rule = lambda: self.fields(0.5, **{"from": lambda: [{"source": source()}], "to": lambda: [{"operation": operation()}],
                                           "when": lambda: self.many(condition)})
        return self.object("security", "AuthorizationPolicy", name, {
            **self.selector(), "action": action, **self.fields(0.9, rules=lambda: self.many(rule)),
            **({"provider": {"name": self.pick("authz-http", "authz-grpc", "nobody")}} if action == "CUSTOM" else {})})

    def request_authentication(self, name):
        return self.object("security", "RequestAuthentication", name, {**self.selector(), "jwtRules": self.many(lambda: {
            "issuer": self.pick("issuer-a", "issuer-b"), "jwks": '{"keys": [{"kty": "oct", "kid": "k", "k": "c2VjcmV0"}]}', **self.fields(
                audiences=["x"], fromHeaders=[{"name": "x-token", "prefix": "Bearer "}], fromParams=["t"], fromCookies=["c"],
                forwardOriginalToken=True, outputPayloadToHeader="x-payload", timeout="1s", spaceDelimitedClaims=["scope"],
                outputClaimToHeaders=[{"header": "x-sub", "claim": "sub"}])}, 2)})

    def peer_authentication(self, name):
        mode = lambda: {"mode": self.pick("STRICT", "PERMISSIVE", "DISABLE", "UNSET")}
        return self.object("security", "PeerAuthentication", name, {**self.selector(), "mtls": mode(), **self.fields(
            0.2, portLevelMtls=lambda: {"8080": mode()})})

    def telemetry(self, name):
        return self.object("telemetry", "Telemetry", name, {**self.selector(), **self.fields(
            0.6, accessLogging=lambda: [{**self.fields(0.6, providers=lambda: [{"name": self.pick("envoy", "json", "otel-log", "nobody")}]), **self.fields(
                disabled=lambda: self.odds(0.5), filter={"expression": self.pick("response.code >= 400", "not cel at all (")})}],
            tracing=lambda: [{**self.fields(0.5, providers=[{"name": self.pick("zipkin", "otel")}]), **self.fields(
                randomSamplingPercentage=self.pick(0, 12.5, 100), customTags={"t": {"literal": {"value": "v"}}}, disableSpanReporting=True)}],
            metrics=lambda: [{"providers": [{"name": "prometheus"}], **self.fields(overrides=[{
                "match": {"metric": "REQUEST_COUNT", "mode": "CLIENT"}, "tagOverrides": {"x": {"value": "'y'"}}}])}])})

    def envoy_filter(self, name):
        patch = self.pick(
            {"applyTo": "CLUSTER", "patch": {"operation": "MERGE", "value": {"connect_timeout": "3s"}}},
            {"applyTo": "HTTP_FILTER", "match": {"listener": {"filterChain": {"filter": {
                "name": "envoy.filters.network.http_connection_manager", "subFilter": {"name": "envoy.filters.http.router"}}}}},
             "patch": {"operation": "INSERT_BEFORE", "value": {"name": "lua", "typed_config": {
                 "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua", "inlineCode": "function envoy_on_request(h) end"}}}},
            {"applyTo": "NETWORK_FILTER", "match": {"listener": {"filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager"}}}},
             "patch": {"operation": "MERGE", "value": {"typed_config": {
                 "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                 "preserve_external_request_id": True}}}},
            {"applyTo": "ROUTE_CONFIGURATION", "patch": {"operation": "MERGE", "value": {"response_headers_to_remove": ["x-secret"]}}},
            {"applyTo": "VIRTUAL_HOST", "patch": {"operation": "MERGE", "value": {"request_headers_to_remove": ["x"]}}},
            {"applyTo": "HTTP_ROUTE", "match": {"context": "GATEWAY"}, "patch": {"operation": "MERGE", "value": {"decorator": {"operation": "o"}}}},
            {"applyTo": "LISTENER", "patch": {"operation": "MERGE", "value": {"per_connection_buffer_limit_bytes": 4096}}},
            {"applyTo": "CLUSTER", "patch": {"operation": "MERGE", "value": {"no_such_field": 1}}})
        return self.object("networking", "EnvoyFilter", name, {
            **self.pick({}, {"workloadSelector": {"labels": {"istio": "ingressgateway"}}}), **self.fields(0.2, priority=self.pick(-1, 5)),
            "configPatches": [patch]})

    def sidecar(self, name):
        return self.object("networking", "Sidecar", name, {"egress": [{"hosts": self.some(["./*", "*/*", "shop/a.shop.svc.cluster.local"])}]})

    def proxy_config(self, name):
        return self.object("networking.istio.io/v1beta1", "ProxyConfig", name, {**self.selector(), **self.fields(
            concurrency=2, environmentVariables={"NAME": "text"})})

    def wasm_plugin(self, name):
        return self.object("extensions", "WasmPlugin", name, {**self.selector(), "url": "https://wasm.invalid/plugin.wasm", **self.fields(
            phase=self.pick("AUTHN", "AUTHZ", "STATS"), priority=self.pick(1, 10), failStrategy="FAIL_OPEN", pluginConfig={"a": 1},
            match=[{"ports": [{"number": 80}]}])})

    def mesh_config(self):
        return {**self.fields(
            0.3, accessLogFile="/dev/null", accessLogEncoding=self.pick("TEXT", "JSON"), connectTimeout=self.duration, protocolDetectionTimeout="5s",
            h2UpgradePolicy=self.pick("UPGRADE", "DO_NOT_UPGRADE"), pathNormalization={"normalization": self.pick("NONE", "BASE", "MERGE_SLASHES")},
            outboundTrafficPolicy={"mode": self.pick("ALLOW_ANY", "REGISTRY_ONLY")}, localityLbSetting={"enabled": True},
            tcpKeepalive={"time": "10s"}, defaultHttpRetryPolicy={"attempts": 1}, enableTracing=True, dnsRefreshRate="90s",
            defaultConfig=lambda: self.fields(
                gatewayTopology=lambda: self.fields(numTrustedProxies=2, forwardClientCertDetails="SANITIZE_SET", proxyProtocol={}),
                proxyHeaders={"server": {"disabled": True}}, tracing={"sampling": 10})),
            "rootNamespace": "istio-system", "extensionProviders": [
                {"name": "authz-http", "envoyExtAuthzHttp": {"service": "one.test", "port": 80, "headersToUpstreamOnAllow": ["x-a"]}},
                {"name": "authz-grpc", "envoyExtAuthzGrpc": {"service": "a.shop.svc.cluster.local", "port": 80}},
                {"name": "json", "envoyFileAccessLog": {"path": "/dev/null", "logFormat": {"labels": {"a": "%RESPONSE_CODE%"}}}},
                {"name": "otel-log", "envoyOtelAls": {"service": "one.test", "port": 80}},
                {"name": "zipkin", "zipkin": {"service": "one.test", "port": 80}},
                {"name": "otel", "opentelemetry": {"service": "two.test", "port": 443}}]}

    def networks(self):
        return {"networks": {"network1": {"endpoints": [{"fromRegistry": "Kubernetes"}], "gateways": [{"address": "198.51.100.1", "port": 15443}]},
                             "network2": {"endpoints": [{"fromCidr": "10.0.2.0/24"}], "gateways": [{"address": "198.51.100.2", "port": 15443}]}}}

    def objects(self):
        """The objects of one mesh."""
        out = {}
        for make, name, most in [
                (self.gateway, "g", 4), (self.virtual_service, "v", 6), (self.delegate, "d", 2), (self.destination_rule, "r", 6),
                (self.service_entry, "e", 5), (self.workload_entry, "w", 3), (self.workload_group, "wg", 1), (self.service, "s", 3),
                (self.endpoint_slice, "es", 3), (self.pod, "p", 3), (self.node, "n", 1), (self.namespace, "ns", 2), (self.config_map, "cm", 1),
                (self.authorization_policy, "ap", 3), (self.request_authentication, "ra", 2), (self.peer_authentication, "pa", 1),
                (self.telemetry, "t", 2), (self.envoy_filter, "f", 2), (self.sidecar, "sc", 1), (self.proxy_config, "pc", 1),
                (self.wasm_plugin, "wp", 1)]:
            for number in range(self.chance.randint(0, most)):
                made = make(f"{name}{number}")
                out[made["kind"], made["metadata"].get("namespace"), made["metadata"]["name"]] = made
        return list(out.values())
