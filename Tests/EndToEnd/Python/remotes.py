"""Scenarios of kubernetes.py with more than one API server: remote secrets, and clusters that come, fail and go."""
import base64, json, random, time

import yaml
from envoy.config.endpoint.v3 import endpoint_pb2

from clusters import METADATA, Serving, created, from_files, until, world


ENDPOINTS = endpoint_pb2.ClusterLoadAssignment
# As long as the own cluster's name, and behind it: only the name tells its endpoints from the own one's.
WEST = "Lubernetes"


def thing(kind, name, api="v1", labels=None, **rest):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop", "labels": labels or {}}} | rest


def service(name):
    return thing("Service", name, spec={"clusterIP": "10.0.0.1", "ports": [{"name": "http", "port": 80, "targetPort": 8080}]})


def pod(name, ip):
    return thing("Pod", name, labels={"app": name}, spec={"serviceAccountName": "app", "nodeName": "machine"},
                 status={"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}]})


def node(region):
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "machine", "labels": {
        "topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": region + "-a"}}}


def slice_of(service, name, ip, pod=None):
    target = {"targetRef": {"kind": "Pod", "name": pod, "namespace": "shop"}} if pod else {}
    return thing("EndpointSlice", name, "discovery.k8s.io/v1", {"kubernetes.io/service-name": service}, addressType="IPv4",
                 endpoints=[{"addresses": [ip], "conditions": {"ready": True}} | target], ports=[{"name": "http", "port": 8080}])


def gateway():
    return [
        thing("Gateway", "edge", "networking.istio.io/v1", spec={
            "selector": {"istio": "ingressgateway"}, "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}]}),
        thing("VirtualService", "all", "networking.istio.io/v1", spec={"hosts": ["*"], "gateways": ["edge"], "http": [
            {"match": [{"uri": {"prefix": "/" + name}}], "route": [{"destination": {"host": f"{name}.shop.svc.cluster.local"}}]}
            for name in ("cart", "far")]})]


def own():
    return created(gateway() + [service("cart"), slice_of("cart", "cart-1", "10.1.0.1", "p"), pod("p", "10.1.0.1"), node("here")])


def west():
    """With a pod and a node of the names that the own cluster has."""
    return created([service("cart"), slice_of("cart", "cart-2", "10.2.0.1", "q"), pod("q", "10.2.0.1"), service("far"),
                    slice_of("far", "far-1", "10.2.0.2", "p"), pod("p", "10.2.0.2"), node("away")])


def merged():
    """One cluster that has it all, as far as one can."""
    things = west()
    for t in things:
        if t["kind"] == "Pod":
            t["spec"]["nodeName"] = "other"
        if t["kind"] == "Pod" and t["metadata"]["name"] == "p":
            t["metadata"]["name"] = "r"
            # The workload is named after its pod unless a label says otherwise.
            t["metadata"]["labels"] |= {"service.istio.io/workload-name": "p"}
        if t["kind"] == "Node":
            t["metadata"]["name"] = "other"
        for endpoint in t.get("endpoints", []):
            if endpoint["targetRef"]["name"] == "p":
                endpoint["targetRef"]["name"] = "r"
    return own() + [t for t in things if (t["kind"], t["metadata"]["name"]) != ("Service", "cart")]


def secret(name, cluster, token="first-token", user=None, **clusters):
    """A remote secret, as istioctl makes them."""
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {
            "server": cluster.url, "certificate-authority-data": base64.b64encode((cluster.folder / "server.crt").read_bytes()).decode()}}],
        "users": [{"name": "u", "user": user or {"token": token}}]}
    data = {WEST: yaml.safe_dump(config)} | clusters
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {
        "name": name, "namespace": "istio-system", "labels": {"istio/multiCluster": "true"}, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "type": "Opaque", "data": {k: base64.b64encode(v.encode()).decode() for k, v in data.items()}}


def plain(resources):
    """Without the name that tells one cluster's endpoints from another's."""
    def renamed(body):
        return base64.b64encode(base64.b64decode(body).replace(WEST.encode(), b"Kubernetes")).decode()
    return {kind: {name: renamed(body) for name, body in entries.items()} for kind, entries in resources.items()}


def serves(serving, text):
    return any(text.encode() in base64.b64decode(body) for body in serving.resources()["endpoints"].values())


def several_clusters():
    """Services of two clusters are one, their endpoints are told apart; a cluster that fails keeps what it had."""
    with world(own()) as cluster, world(west()) as other, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        alone = from_files(own())
        assert [serving.resources()] == alone
        cluster.put(secret("west", other, Kubernetes="ignored"))
        wanted = from_files(merged())
        until("both clusters are served as one", lambda: [plain(serving.resources())] == wanted)
        assert [serving.resources()] != wanted, "the endpoints say which cluster they are in"
        until("the own cluster's name is refused", lambda: serving.said("names cluster Kubernetes, which is this one"))

        def state():
            return json.loads(serving.page("/debug/kubernetes")[1])["remoteClusters"]
        assert state()[WEST]["complete"] and state()[WEST]["secret"] == "istio-system/west", state()
        assert set(state()[WEST]["kinds"]) == {"services", "endpointslices.discovery.k8s.io", "pods", "nodes", "namespaces"}
        metrics = serving.page("/metrics")[1]
        assert f'fairlead_kubernetes_objects{{cluster="{WEST}",resource="pods"}} 2' in metrics, metrics
        assert 'fairlead_kubernetes_objects{cluster="Kubernetes",resource="pods"} 1' in metrics, metrics
        # Its changes are followed; one that the same Secret names once more, by a younger one, is not.
        other.put(slice_of("far", "far-1", "10.2.0.9"))
        until("the change is served", lambda: serves(serving, "10.2.0.9"))
        cluster.put(secret("younger", other) | {"metadata": secret("younger", other)["metadata"] | {"creationTimestamp": "2026-02-01T00:00:00Z"}})
        until("the second is told", lambda: serving.said("as secrets/istio-system/west does"))
        before = serving.resources()
        other.tokens = set()
        other.hang_up()
        until("the age is told", lambda: state()[WEST]["kinds"]["pods"]["condition"] == "behind")
        assert serving.resources() == before and f"cluster {WEST}: " in serving.page("/ready")[1]
        # A kubeconfig that would run a program is refused, and the last good one stays.
        cluster.put(secret("west", other, user={"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/true"}}))
        cluster.delete(secret("younger", other))
        until("the program is refused", lambda: serving.said("users[0].user.exec names a program"))
        assert serving.resources() == before
        other.put(slice_of("far", "far-1", "10.2.0.2", "p"))
        other.tokens = {"second-token"}
        cluster.put(secret("west", other, "second-token"))
        until("the new credentials are used", lambda: [plain(serving.resources())] == wanted)
        cluster.delete(secret("west", other))
        until("the cluster is gone", lambda: [serving.resources()] == alone)
        assert "remoteClusters" not in json.loads(serving.page("/debug/kubernetes")[1])
        log = serving.stop()
        assert "second-token" not in log and "first-token" not in log


def clusters_at_the_start():
    """The first answer has what all clusters have; one that cannot be asked is waited for, and said to be."""
    with world(west()) as other, world(own() + [secret("west", other)]) as cluster:
        wanted = from_files(merged())
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert [plain(serving.resources())] == wanted
        other.tokens = set()
        with Serving("--kubeconfig", cluster.kubeconfig, "--remote-cluster-timeout", "2s") as serving:
            serving.wait()
            assert serving.said(f"cluster {WEST} is not waited for any more")
            assert [serving.resources()] == from_files(own())
            other.tokens = {"first-token"}
            until("it is served when it comes", lambda: [plain(serving.resources())] == wanted)
        other.tokens = set()
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            until("the reason is told", lambda: f"cluster {WEST}: " in serving.page("/ready")[1])
            assert serving.page("/ready")[0] == 503
            other.tokens = {"first-token"}
            serving.wait()
            assert [plain(serving.resources())] == wanted


def networks_of_clusters():
    """A cluster's network is its root namespace's label, and its east-west gateway the way there."""
    def system(network):
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system", "labels": {"topology.istio.io/network": network}}}
    door = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "door", "namespace": "istio-system", "labels": {
        "topology.istio.io/network": "second"}}, "spec": {"type": "LoadBalancer", "ports": [{"name": "tls", "port": 15443}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}}
    there = west()
    for t in there:
        if t["kind"] == "Pod":
            t["metadata"]["labels"]["security.istio.io/tlsMode"] = "istio"
    metadata = METADATA | {"NETWORK": "first"}
    with world(created([*there, system("second"), door])) as other, world(created([*own(), system("first"), secret("west", other)])) as cluster:
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()

            def addresses(service):
                name = f"outbound|80||{service}.shop.svc.cluster.local"
                body = ENDPOINTS.FromString(base64.b64decode(serving.resources(metadata=metadata)["endpoints"][name]))
                return sorted(f"{e.endpoint.address.socket_address.address}:{e.endpoint.address.socket_address.port_value}"
                              for group in body.endpoints for e in group.lb_endpoints)
            assert addresses("far") == ["192.0.2.7:15443"], addresses("far")
            assert addresses("cart") == ["10.1.0.1:8080", "192.0.2.7:15443"], addresses("cart")
            other.put(system("first"))
            until("the label is followed", lambda: addresses("far") == ["10.2.0.2:8080"])


def storm_of_clusters(seed=11, seconds=6):
    """Changes and faults of two servers by seed, and of the Secret between them; then what a fresh start serves."""
    dice = random.Random(seed)
    with world(west(), seed=seed) as other, world([*own(), secret("west", other)], seed=seed + 1) as cluster:
        cluster.bookmark_seconds = other.bookmark_seconds = 0.1
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            cluster.faults.rate = other.faults.rate = 0.2
            end, steps, named = time.monotonic() + seconds, 0, True
            while time.monotonic() < end:
                steps += 1
                number = dice.randrange(4)
                side, things = (cluster, own()) if dice.random() < 0.5 else (other, west())
                which = dice.choice(things)
                if dice.random() < 0.1:
                    named = not named
                    cluster.put(secret("west", other)) if named else cluster.delete(secret("west", other))
                elif dice.random() < 0.3:
                    side.delete(which)
                elif which["kind"] == "EndpointSlice":
                    side.put(slice_of(which["metadata"]["labels"]["kubernetes.io/service-name"], which["metadata"]["name"], f"10.9.0.{number}"))
                else:
                    side.put(which)
                if dice.random() < 0.1:
                    side.hang_up()
                if dice.random() < 0.05:
                    side.forget()
                time.sleep(dice.random() * 0.03)
            cluster.faults.rate = other.faults.rate = 0.0
            with Serving("--kubeconfig", cluster.kubeconfig) as fresh:
                fresh.wait()
                wanted = fresh.resources()
                until(f"seed {seed}, step {steps}: equal to a fresh start", lambda: serving.resources() == wanted)
            print(f"storm of clusters {seed}: {steps} changes, {cluster.faults.told} and {other.faults.told}")


SCENARIOS = [several_clusters, clusters_at_the_start, networks_of_clusters, storm_of_clusters]
