"""Scenarios of kubernetes.py about Secrets and ConfigMaps, of which only those are read that something refers to."""
import base64, copy, json

from clusters import Serving, created, example, folder, from_files, openssl, until, world

# A Gateway's credential is in the namespace of the proxy that asks, which may be any.
OWN = {"secrets/istio-system/bookinfo-secret", "secrets/istio-system/ecommerce-tls-secret", "secrets/elsewhere/bookinfo-secret"}


def others():
    """What nothing refers to, but for one by a name that a Gateway has."""
    blob = base64.b64encode(b"nobody's business").decode()
    secrets = [{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": f"s{n}", "namespace": "shop"},
                "data": {"password": blob}} for n in range(300)]
    secrets.append(copy.deepcopy(secrets[0]) | {"metadata": {"name": "bookinfo-secret", "namespace": "elsewhere"}})
    return secrets + [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{n}", "namespace": "shop"},
                       "data": {"text": "nobody's business"}} for n in range(300)]


def pair(name):
    with folder() as place:
        crt, key = openssl(place, name)
        return {"tls.crt": base64.b64encode(crt.read_bytes()).decode(), "tls.key": base64.b64encode(key.read_bytes()).decode()}


def gateway(name, credential):
    return {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": name, "namespace": "istio-system"}, "spec": {
        "selector": {"istio": "ingressgateway"}, "servers": [{"port": {"number": 9443, "name": "https", "protocol": "HTTPS"},
                                                              "hosts": [f"{name}.example.com"], "tls": {"mode": "SIMPLE", "credentialName": credential}}]}}


def contents_on_demand(minor="31", knows_metadata=True):
    """Only what is referred to is read, again when it changes, and forgotten with the last reference."""
    things = example()
    more = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "more", "namespace": "istio-system"},
            "data": pair("more")}
    things = created(things + [more])
    with world(things + created(others()), minor=minor) as cluster:
        cluster.knows_metadata = knows_metadata
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()

            def state():
                kinds = serving.kinds()
                return [kinds["secrets"]["objects"], kinds["secrets"]["read"], kinds["configmaps"]["objects"], kinds["configmaps"]["read"]]

            def read():
                return {f"{kind}/{name}" for kind, name in cluster.read}
            assert [serving.resources()] == from_files(things)
            assert state() == [304, 3, 300, 0] and read() == OWN and len(cluster.read) == 3, (state(), cluster.read)
            changed = next(t for t in things if t["metadata"]["name"] == "bookinfo-secret")
            changed["data"] = pair("changed")
            wanted = from_files(things)
            cluster.put(changed)
            until("the new certificate is served", lambda: [serving.resources()] == wanted)
            # A reference makes it be read.
            edge = gateway("late", "more")
            cluster.put(edge)
            wanted = from_files(created(things + [edge]))
            until("another certificate is served", lambda: [serving.resources()] == wanted)
            assert read() == OWN | {"secrets/istio-system/more"}, cluster.read
            until("pages say so", lambda: state()[1] == 4)
            cluster.delete(edge)
            wanted = from_files(things)
            until("it is forgotten", lambda: state()[1] == 3)
            assert [serving.resources()] == wanted
            # One that goes is gone, and one that comes back is read.
            cluster.delete(changed)
            until("it is gone", lambda: state()[:2] == [303, 2])
            until("its certificate is gone", lambda: serving.resources() != wanted)
            cluster.put(changed)
            until("it is back", lambda: [serving.resources()] == wanted)
            # What cannot be read has no certificate, and findings know that it is there all the same.
            cluster.put(gateway("bad", "s1"))
            # A replica that nobody asks knows no less.
            with Serving("--kubeconfig", cluster.kubeconfig) as other:
                other.wait()

                def objects(replica):
                    return json.loads(replica.page("/debug/root")[1])["kinds"]
                until("the roots are equal", lambda: objects(serving) == objects(other))
            until("what is missing is told", lambda: serving.said("credentialName s1") or serving.said("s1"))


def contents_of_streams():
    contents_on_demand(minor="34")


def contents_of_old_servers():
    """A server that has never heard of lists of metadata answers with all there is; nothing else is different."""
    contents_on_demand(knows_metadata=False)


def contents_that_are_refused():
    """Who may list Secrets and not get them does without, and is told."""
    things = example()
    with world(things) as cluster:
        cluster.forbidden = {("secrets", "get")}
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert [serving.resources(with_secrets=False)] == [
                {k: v for k, v in r.items() if k != "secrets"} for r in from_files(things)]
            assert serving.said("secrets/istio-system/bookinfo-secret") and serving.said("the server does not let us read it")
            kinds = json.loads(serving.page("/debug/kubernetes")[1])["kinds"]
            assert kinds["secrets"]["objects"] == 2 and kinds["secrets"]["read"] == 0, kinds["secrets"]


SCENARIOS = [contents_on_demand, contents_of_streams, contents_of_old_servers, contents_that_are_refused]
