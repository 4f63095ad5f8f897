"""Kubernetes' own client against the API servers that Fairlead follows: scenarios of kubernetes.py.

What kubectl writes, Fairlead serves; what kubectl reads back is what Fairlead was told.
"""
import copy, http.server, json, os, subprocess, urllib.parse

import apiserver, clusters
from clusters import Serving, created, example, folder, from_files, kmock_server, kubeconfig, openssl, until


def kubectl(config, *words, text=None):
    """What it says; the words name no file but `-`, which is the text."""
    run = subprocess.run(
        ["kubectl", "--kubeconfig", str(config), "--cache-dir", str(config) + "-cache", *words], input=text, text=True,
        capture_output=True, timeout=60, env=os.environ | {"HOME": str(config.parent)})
    assert run.returncode == 0, (words, run.stdout, run.stderr)
    return run.stdout


def merged(value, patch):
    """A merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    value = dict(value) if isinstance(value, dict) else {}
    for name, part in patch.items():
        if part is None:
            value.pop(name, None)
        else:
            value[name] = merged(value.get(name), part)
    return value


class Handler(apiserver.Handler):
    """The server with what kubectl asks besides: which kinds there are, and whole objects written in every way it has."""

    KINDS = {"": {"v1": ["Service", "Pod", "Secret", "ConfigMap", "Node", "Namespace"]},
             "discovery.k8s.io": {"v1": ["EndpointSlice"]},
             "networking.istio.io": {"v1": ["VirtualService", "DestinationRule", "Gateway", "ServiceEntry"]}}

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path.rstrip("/")
        if path == "/version":
            return self.answer(200, {"major": "1", "minor": self.cluster.minor, "gitVersion": f"v1.{self.cluster.minor}.0"})
        if path == "/api":
            return self.answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        if path == "/apis":
            groups = [{"name": g, "versions": [{"groupVersion": f"{g}/{v}", "version": v} for v in versions],
                       "preferredVersion": {"groupVersion": f"{g}/{v}", "version": v}}
                      for g, versions in self.KINDS.items() if g for v in list(versions)[:1]]
            return self.answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        for group, versions in self.KINDS.items():
            for version, kinds in versions.items():
                if path == (f"/apis/{group}/{version}" if group else f"/api/{version}"):
                    return self.answer(200, {
                        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}".lstrip("/"),
                        "resources": [{"name": apiserver.plural(kind), "singularName": kind.lower(), "kind": kind,
                                       "namespaced": kind not in apiserver.CLUSTER_WIDE,
                                       "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]} for kind in kinds]})
        if path.startswith("/openapi"):
            return self.answer(404, b"404 page not found\n")
        return super().do_GET()

    def written(self, verb, change):
        """Stores what `change` makes of the object; nothing where that is none."""
        group, version, namespace, name, object, _, _ = self.parts()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.may(group, name, namespace, verb):
            return
        cluster, key = self.cluster, (group, name, namespace, object)
        with cluster.lock:
            before = cluster.objects.get(key)
            after = change(copy.deepcopy(before), json.loads(body) if body else {})
        if after is None:
            cluster.delete(before)
            return self.answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})
        if before != after:
            cluster.put(after)
        with cluster.lock:
            self.answer(200, cluster.objects[key])

    def do_DELETE(self):
        self.written("delete", lambda before, body: None)

    def do_PUT(self):
        self.written("update", lambda before, body: body)

    def do_PATCH(self):
        kind = self.headers["Content-Type"]
        assert kind in ("application/merge-patch+json", "application/apply-patch+yaml"), kind
        self.written("patch", lambda before, body: merged(before, body))


def session(config, serving, things, apply):
    """Creates, applies, patches and deletes; Fairlead serves each as it would from files."""
    route = next(t for t in things if t["kind"] == "VirtualService")
    name, namespace = route["metadata"]["name"], route["metadata"]["namespace"]

    def served(what):
        wanted = from_files(things)
        until(f"{what} is served", lambda: [serving.resources()] == wanted)

    def read_back():
        got = json.loads(kubectl(config, "get", "virtualservices.networking.istio.io", name, "-n", namespace, "-o", "json"))
        assert got["spec"] == route["spec"], got

    served("what there is")
    listed = json.loads(kubectl(config, "get", "services", "-A", "-o", "json"))["items"]
    assert len(listed) == serving.kinds()["services"]["objects"]
    if apply:
        for number, way in enumerate((["--server-side", "--force-conflicts"], [], [])):
            route["spec"]["http"] = [{"directResponse": {"status": 503 + number}}]
            kubectl(config, "apply", "--validate=false", *way, "-f", "-", text=json.dumps(route))
            served(f"what was applied, {way}")
            read_back()
    route["spec"]["http"] = [{"directResponse": {"status": 418}}]
    kubectl(config, "patch", "virtualservice", name, "-n", namespace, "--type", "merge", "-p", json.dumps({"spec": route["spec"]}))
    served("what was patched")
    read_back()
    things.remove(route)
    kubectl(config, "delete", "virtualservice", name, "-n", namespace, "--wait=false")
    served("that it was deleted")
    left = json.loads(kubectl(config, "get", "virtualservices", "-A", "-o", "json"))["items"]
    assert name not in [t["metadata"]["name"] for t in left]
    # Created anew: the youngest of all, as a server would have it.
    things.append(route)
    kubectl(config, "create", "--validate=false", "-f", "-", text=json.dumps(route))
    served("what was created")
    read_back()


def as_kubectl_has_it():
    """Over TLS, with every way to write that kubectl has."""
    things = example()
    with folder() as place:
        certificate, key = openssl(place, "server")
        cluster = apiserver.Cluster()
        for thing in things:
            cluster.put(thing)
        server = apiserver.serve(cluster, certificate, key, handler=Handler)
        config = kubeconfig(place / "config", f"https://127.0.0.1:{server.server_address[1]}", {"certificate-authority": "server.crt"}, {"token": "first-token"})
        with Serving("--kubeconfig", config) as serving:
            serving.wait()
            session(config, serving, things, apply=True)
        server.shutdown()


SCENARIOS = [as_kubectl_has_it]
