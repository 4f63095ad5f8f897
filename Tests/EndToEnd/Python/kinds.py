"""Scenarios of kubernetes.py about what is not to be had: kinds that are refused, missing or not served yet, and servers."""
import time

from clusters import Serving, created, example, from_files, until, world


def kinds_that_are_refused_or_missing():
    """403 and 404 are one kind's: all else goes on. A kind's other versions are tried; secrets of our own namespace do."""
    things = example()
    with world(things) as cluster:
        cluster.forbidden = {"pods", ("secrets", "")}
        cluster.missing = {("telemetry.istio.io", "telemetries"), ("networking.istio.io", "v1", "gateways")}
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            kinds = serving.kinds()
            assert kinds["pods"]["condition"] == "forbidden" and 'cannot list resource "pods"' in kinds["pods"]["reason"], kinds
            assert kinds["telemetries.telemetry.istio.io"]["condition"] == "absent", kinds
            assert kinds["gateways.networking.istio.io"]["condition"] == "current", kinds
            assert kinds["secrets"]["condition"] == "current", kinds
            assert any(path == "/api/v1/namespaces/istio-system/secrets" for _, path, _ in cluster.requests)
            assert serving.said("pods: error") or serving.said("the server does not let us read them")
            wanted = from_files([t for t in things if t["kind"] not in ("Pod",)])
            assert [serving.resources()] == wanted


def kinds_that_are_not_served_yet():
    """Ingress and the Gateway API's: which objects there are is followed, and said to have no effect, once a kind."""
    things = example()
    others = created([
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": name, "namespace": "shop"},
         "spec": {"hostnames": ["not.read.example.com"]}} for name in ("one", "two")] + [
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web", "namespace": "shop"},
         "spec": {"ingressClassName": "istio"}}])
    with world(things + others) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        count = lambda kind: (serving.kinds()[kind]["condition"], serving.kinds()[kind]["objects"])
        assert count("httproutes.gateway.networking.k8s.io") == ("current", 2), serving.kinds()
        assert count("ingresses.networking.k8s.io") == ("current", 1), serving.kinds()
        said = lambda text: [line for line in list(serving.lines) if text in line]
        until("both kinds are said to be of no effect", lambda: said("HTTPRoute (gateway.networking.k8s.io/v1) are not served yet")
              and said("Ingress (networking.k8s.io/v1) are not served yet"))
        assert len(said("HTTPRoute (")) == 1, serving.lines
        asked = cluster.accepted["/apis/gateway.networking.k8s.io/v1/httproutes"]
        assert asked and all("PartialObjectMetadata" in accepted for accepted in asked), asked
        assert [serving.resources()] == from_files(things)
        cluster.delete(others[0])
        until("one is gone", lambda: count("httproutes.gateway.networking.k8s.io") == ("current", 1))


def kinds_that_come_and_go():
    """A kind that is installed later is served from then on, not from the next time it is asked for; and it goes with its definition."""
    things = example()
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                  "metadata": {"name": "virtualservices.networking.istio.io"}, "spec": {"group": "networking.istio.io"}}
    rest = from_files([t for t in things if t["kind"] != "VirtualService"])
    absent = {("networking.istio.io", "virtualservices")}
    asked = lambda: sum(path.endswith("/virtualservices") for _, path, _ in cluster.requests)
    with world(things) as cluster:
        cluster.missing = absent
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert [serving.resources()] == rest and serving.kinds()["virtualservices.networking.istio.io"]["condition"] == "absent"
            before = asked()
            cluster.put(definition)
            # A server takes a moment until it serves what was defined.
            until("it is asked for at once, and again", lambda: asked() > before + 3, 10)
            cluster.missing = set()
            wanted = from_files(things)
            until("it is served", lambda: [serving.resources()] == wanted, 10)
            cluster.missing = absent
            cluster.delete(definition)
            until("it is gone", lambda: [serving.resources()] == rest, 10)
        # Who may not read definitions asks from time to time.
        cluster.forbidden = {"customresourcedefinitions"}
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert [serving.resources()] == rest
            until("it is said", lambda: serving.said("A kind that is not installed is asked for from time to time"))


def a_server_that_is_away():
    """Not ready before the first answer, and why; serving on, and saying how old it is, after the last."""
    things = example()
    with world(things) as cluster:
        cluster.tokens = set()
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            until("the reason is told", lambda: "Unauthorized" in serving.page("/ready")[1])
            assert serving.page("/ready")[0] == 503
            cluster.tokens = {"first-token"}
            serving.wait()
            before = serving.resources()
            cluster.tokens = set()
            cluster.hang_up()
            until("the age is told", lambda: "as of" in serving.page("/ready")[1])
            assert serving.page("/ready")[0] == 200 and serving.resources() == before


def a_server_without_roles_yet():
    """An API server that has just started refuses all: neither nothing is served nor is it long until all is."""
    things = example()
    all_kinds = lambda: {("", "services"), ("discovery.k8s.io", "endpointslices"), ("networking.istio.io", "virtualservices")} & cluster.refused
    with world(things) as cluster:
        cluster.allowed = set()
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            until("all is refused", lambda: len(all_kinds()) == 3)
            assert serving.page("/ready")[0] == 503
            cluster.allowed = None
            serving.wait()
            wanted = from_files(things)
            assert [serving.resources()] == wanted
            cluster.allowed, cluster.refused = set(), set()
            cluster.hang_up()
            until("all is refused again", lambda: len(all_kinds()) == 3)
            assert "as of" in serving.page("/ready")[1] and [serving.resources()] == wanted
            fewer = [t for t in things if t["kind"] != "VirtualService"]
            for thing in things:
                if thing not in fewer:
                    cluster.delete(thing)
            less = from_files(fewer)
            cluster.allowed = None
            until("it is up to date", lambda: [serving.resources()] == less, 10)


SCENARIOS = [kinds_that_are_refused_or_missing, kinds_that_are_not_served_yet, kinds_that_come_and_go, a_server_that_is_away,
             a_server_without_roles_yet]
