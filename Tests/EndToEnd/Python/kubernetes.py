"""`fairlead serve --kubeconfig` against API servers: kubernetes.py BINARY SCENARIO…, without one all of them.

Each scenario fails by an assertion. The other side is apiserver.py over TLS, and kmock where the scenario says so; what
is served is asked for by gRPC's own client (ads.py). `kubernetes.py BINARY corpus FOLDER` compares a folder of meshes.
"""
import base64, copy, json, os, pathlib, random, re, sys, time

import yaml

import apiserver, clusters, contents, kinds, remotes, kubectl
from clusters import ROOT, Serving, created, documents, example, folder, from_files, kmock_server, kubeconfig, openssl, until, world


def as_from_files():
    """The example's objects are served as from a directory, and so is each change of one."""
    things = example()
    with world(things) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        assert [serving.resources()] == from_files(things)
        route = next(t for t in things if t["kind"] == "VirtualService")
        route["spec"]["http"] = [{"directResponse": {"status": 503}}]
        before = serving.resources()
        cluster.put(route)
        until("the change is served", lambda: serving.resources() != before)
        assert [serving.resources()] == from_files(things)
        pushes = json.loads(serving.page("/debug/pushes?o=json&object=VirtualService")[1])["pushes"]
        told = [o for push in pushes for o in push["objects"] if o["name"] == route["metadata"]["name"]]
        assert told and ("generation" in told[0] or "resourceVersion" in told[0]) and "reference" not in told[0], pushes
        things.remove(route)
        cluster.delete(route)
        wanted = from_files(things)
        until("the removal is served", lambda: [serving.resources()] == wanted)
        status, text = serving.page("/ready")
        assert status == 200 and "up to date" in text, text
        metrics = serving.page("/metrics")[1]
        assert 'fairlead_kubernetes_age_seconds{cluster="Kubernetes",resource="virtualservices.networking.istio.io"} 0' in metrics, metrics
        watches = {k: n for k, n in cluster.open_watches.items() if n > 1}
        assert not watches, f"watched twice: {watches}"
        assert "first-token" not in serving.stop()


def pages_and_too_old_ones():
    """A list of many pages; one whose pages go while it is read is read in one piece."""
    services = created([{"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"s{n}", "namespace": "shop"},
                         "spec": {"clusterIP": f"10.0.{n // 250}.{n % 250 + 1}", "ports": [{"name": "http", "port": 80}]}}
                        for n in range(1200)])
    with world(services) as cluster:
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert serving.kinds()["services"]["objects"] == 1200
        pages = [q for _, path, q in cluster.requests if path == "/api/v1/services" and "watch" not in q]
        assert [q.get("limit") for q in pages] == ["500"] * 3, pages
        cluster.requests.clear()
        cluster.faults.next = lambda *among: "gone" if among == ("gone",) else None
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert serving.kinds()["services"]["objects"] == 1200
        pages = [q for _, path, q in cluster.requests if path == "/api/v1/services" and "watch" not in q]
        assert [q.get("limit") for q in pages] == ["500", "500", None], pages


def too_old_to_watch():
    """410: listed anew; what went meanwhile is gone, and what stayed was never missing."""
    things = example()
    with world(things) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        route = next(t for t in things if t["kind"] == "VirtualService")
        wanted = from_files([t for t in things if t is not route])
        with cluster.lock:
            del cluster.objects[cluster.key(route)]
            cluster.version += 1
            cluster.forget()
        names = set()

        def seen():
            now = serving.resources()
            names.add(tuple(sorted(now["clusters"])))
            return [now] == wanted
        until("what was missed is made up for", seen)
        assert all(set(wanted[0]["clusters"]) <= set(n) for n in names)


def tokens_rotate():
    """A token that is no longer accepted is read again."""
    with world(example()) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        cluster.tokens = {"second-token"}
        (cluster.folder / "token").write_text("second-token")
        cluster.hang_up()
        cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "later"}})
        until("the object is known", lambda: serving.kinds()["namespaces"]["objects"] == 1)
        log = serving.stop()
        assert "second-token" not in log and "first-token" not in log


def mesh_settings_are_followed():
    """The ConfigMap istio, and a change of it."""
    things = example()
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"},
                "data": {"mesh": "accessLogFile: /dev/stdout\n"}}
    with world(things + [settings]) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        first = serving.resources()
        with folder() as place:
            (place / "mesh.yaml").write_text(settings["data"]["mesh"])
            assert [first] == from_files(things, "--mesh-config", place / "mesh.yaml")
        settings["data"]["mesh"] = "accessLogFile: /dev/stderr\n"
        cluster.put(settings)
        until("the change is served", lambda: serving.resources() != first)
        # Broken text keeps what was read last.
        before = serving.resources()
        settings["data"]["mesh"] = "accessLogFile: [\n"
        cluster.put(settings)
        until("the mistake is told", lambda: serving.said("configmaps/istio-system/istio/mesh"))
        assert serving.resources() == before


def revisions():
    """Objects of another revision are not ours; one that comes to be ours counts from then on."""
    things = example()
    route = next(t for t in things if t["kind"] == "VirtualService")
    rest = [t for t in things if t is not route]
    route["metadata"].setdefault("labels", {})["istio.io/rev"] = "canary"
    with world(things) as cluster:
        with Serving("--kubeconfig", cluster.kubeconfig) as serving:
            serving.wait()
            assert [serving.resources()] == from_files(rest)
            route["metadata"]["labels"]["istio.io/rev"] = "default"
            cluster.put(route)
            wanted = from_files(things)
            until("it is ours", lambda: [serving.resources()] == wanted)
            route["metadata"]["labels"]["istio.io/rev"] = "canary"
            cluster.put(route)
            wanted = from_files(rest)
            until("it is another's", lambda: [serving.resources()] == wanted)
        with Serving("--kubeconfig", cluster.kubeconfig, "--revision", "canary") as serving:
            serving.wait()
            assert [serving.resources()] == from_files(things)


def namespaces_are_discovered():
    """discoverySelectors: objects of other namespaces count for nothing, until their namespace is labelled."""
    things = example()
    names = sorted({t["metadata"]["namespace"] for t in things if "namespace" in t["metadata"]})
    spaces = {name: {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"mesh": "yes"}}} for name in names}
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"},
                "data": {"mesh": "discoverySelectors: [{matchLabels: {mesh: 'yes'}}]\n"}}
    other = next(n for n in names if n != "istio-system")

    def wanted(*left_out):
        return from_files([t for t in things if t["metadata"].get("namespace") not in left_out] + list(spaces.values()))
    spaces[other]["metadata"]["labels"] = {}
    with world(things + [settings, *spaces.values()]) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        assert wanted() != wanted(other)
        assert [serving.resources()] == wanted(other)
        spaces[other]["metadata"]["labels"] = {"mesh": "yes"}
        cluster.put(spaces[other])
        until("the namespace counts", lambda: [serving.resources()] == wanted())
        spaces[other]["metadata"]["labels"] = {"mesh": "no"}
        cluster.put(spaces[other])
        until("it no longer counts", lambda: [serving.resources()] == wanted(other))
        settings["data"]["mesh"] = "discoverySelectors: [{matchExpressions: [{key: mesh, operator: Exists}]}]\n"
        cluster.put(settings)
        until("the selectors are followed", lambda: [serving.resources()] == wanted())


def with_plugin_and_certificates():
    """A client certificate, inline; an exec plugin; a server that is believed blindly, which is warned of."""
    things = example()
    with folder() as place:
        server_crt, server_key = openssl(place, "server", "kube.example")
        client_crt, client_key = openssl(place, "client")
        cluster = apiserver.Cluster()
        for thing in things:
            cluster.put(thing)
        server = apiserver.serve(cluster, server_crt, server_key, client_crt)
        url = f"https://127.0.0.1:{server.server_address[1]}"
        encoded = {name: base64.b64encode(file.read_bytes()).decode()
                   for name, file in (("ca", server_crt), ("crt", client_crt), ("key", client_key))}
        config = kubeconfig(place / "inline", url, {"certificate-authority-data": encoded["ca"], "tls-server-name": "kube.example"},
                            {"client-certificate-data": encoded["crt"], "client-key-data": encoded["key"]})
        with Serving("--kubeconfig", config, "--context", "here") as serving:
            serving.wait()
            wanted = serving.resources()
        answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {
            "clientCertificateData": client_crt.read_text(), "clientKeyData": client_key.read_text()}}
        (place / "answer.json").write_text(json.dumps(answer))
        (place / "plugin.sh").write_text('#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" > "$SEEN"\ncat answer.json\n'.replace("cat answer", f"cat {place}/answer"))
        (place / "plugin.sh").chmod(0o755)
        config = kubeconfig(place / "plugin", url, {"insecure-skip-tls-verify": True}, {"exec": {
            "apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin.sh", "interactiveMode": "Never",
            "provideClusterInfo": True, "env": [{"name": "SEEN", "value": str(place / "seen")}]}})
        with Serving("--kubeconfig", config) as serving:
            serving.wait()
            assert serving.resources() == wanted
            assert serving.said("is believed without a look at its certificate")
            assert "PRIVATE" not in serving.stop()
        # One that hangs keeps nobody from ending in time.
        (place / "plugin.sh").write_text(f"#!/bin/sh\ntouch {place}/begun\nexec sleep 25\n")
        with Serving("--kubeconfig", config) as serving:
            until("the plugin runs", (place / "begun").exists)
            began = time.monotonic()
            serving.stop()
            assert time.monotonic() - began < 5
        asked = json.loads((place / "seen").read_text())
        assert asked["spec"]["cluster"]["server"] == url, asked
        server.shutdown()


def a_thousand_reconnects():
    """Watches that end again and again leave no descriptor, thread or memory behind."""
    with world(example()) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        cluster.bookmark_seconds = 0.05
        serving.wait()

        def held():
            status = pathlib.Path(f"/proc/{serving.process.pid}/status").read_text()
            return [len(os.listdir(f"/proc/{serving.process.pid}/fd")), len(os.listdir(f"/proc/{serving.process.pid}/task")),
                    int(re.search(r"VmRSS:\s+(\d+)", status)[1])]

        def reconnect(times):
            for number in range(times):
                # A bookmark of this tells each watch that it has come on: the next begins at once.
                cluster.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "labels": {"n": str(number)}}})
                time.sleep(0.2)
                before = len(cluster.requests)
                cluster.hang_up()
                until("every kind is watched again", lambda: len(cluster.requests) >= before + len(serving.kinds()) - 1)
        reconnect(5)
        before = held()
        reconnect(1000 // len(serving.kinds()) + 1)
        after = held()
        assert len(cluster.requests) > 1000
        assert after[0] <= before[0] + 10 and after[1] <= before[1] + 2 and after[2] <= before[2] + (8 << 10), (before, after)
        doubled = {k: n for k, n in cluster.open_watches.items() if n > 1}
        assert not doubled, f"watched twice: {doubled}"
        print(f"{len(cluster.requests)} requests, descriptors, threads and KiB: {before} to {after}")


def storm(seed=7, seconds=60, minor="31"):
    """Changes and faults by seed; after the faults stop, what is served is what a fresh start serves, from files and from here."""
    dice = random.Random(seed)
    things = example()
    alive = {id(t): t for t in things}
    with world(things, seed=seed, memory=40, minor=minor) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        descriptors = lambda: len(os.listdir(f"/proc/{serving.process.pid}/fd"))
        threads = lambda: len(os.listdir(f"/proc/{serving.process.pid}/task"))
        before = descriptors(), threads()
        cluster.faults.rate = 0.3
        end, step = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            step += 1
            thing = dice.choice([t for t in things if t["kind"] != "Secret"])
            if dice.random() < 0.4 and id(thing) in alive:
                cluster.delete(alive.pop(id(thing)))
            else:
                thing = copy.deepcopy(thing) if dice.random() < 0.2 else thing
                if thing["kind"] == "VirtualService":
                    thing["spec"]["http"] = [{"directResponse": {"status": dice.randint(400, 599)}}]
                if dice.random() < 0.05:
                    cluster.forget()
                original = next(t for t in things if cluster.key(t) == cluster.key(thing))
                original.update(thing)
                alive[id(original)] = original
                cluster.put(original)
            time.sleep(dice.random() * 0.1)
        cluster.faults.rate = 0.0
        wanted = from_files([t for t in things if id(t) in alive])
        until(f"seed {seed}, step {step}: equal to a fresh start", lambda: [serving.resources()] == wanted)
        until("every kind is current", lambda: all(k["condition"] in ("current", "absent") for k in serving.kinds().values()))
        with Serving("--kubeconfig", cluster.kubeconfig) as fresh:
            fresh.wait()
            assert fresh.resources() == wanted[0]
            counts = [{name: kind["objects"] for name, kind in s.kinds().items()} for s in (serving, fresh)]
            assert counts[0] == counts[1], counts
            roots = [json.loads(s.page("/debug/root")[1])["kinds"] for s in (serving, fresh)]
            assert roots[0] == roots[1], roots
        until("the fresh one's watches have ended", lambda: all(n <= 1 for n in cluster.open_watches.values()))
        after = descriptors(), threads()
        assert after[0] <= before[0] + 20 and after[1] <= before[1] + 4, (before, after)
        print(f"storm {seed}: {step} changes, faults {cluster.faults.told}, {len(cluster.requests)} requests")


def storm_of_streams():
    """The same with a server that tells lists as watches."""
    storm(seed=8, seconds=10, minor="34")


def lists_as_watches():
    """A server of 1.34 is asked for no list."""
    things = example()
    with world(things, minor="34") as cluster, Serving("--kubeconfig", cluster.kubeconfig) as serving:
        serving.wait()
        assert [serving.resources()] == from_files(things)
        # Secrets that are referred to are read one by one.
        lists = [path for _, path, query in cluster.requests if path != "/version" and "watch" not in query and "/secrets/" not in path]
        assert not lists, lists


def as_kmock_has_it():
    """An API server that others wrote, and its changes while it is watched."""
    things = example()
    with folder() as place, kmock_server(things) as (url, send):
        with Serving("--kubeconfig", kubeconfig(place / "config", url)) as serving:
            serving.wait()
            assert [serving.resources()] == from_files(things)
            route = next(t for t in things if t["kind"] == "VirtualService")
            route["spec"]["http"] = [{"directResponse": {"status": 503}}]
            wanted = from_files(things)
            # Its lists have no version to watch from: a change counts once the watch is open.
            until("it is watched", lambda: serving.kinds()["virtualservices.networking.istio.io"]["condition"] == "current")
            time.sleep(0.5)
            send("PATCH", route)
            until("the change is served", lambda: [serving.resources()] == wanted)
            things.remove(route)
            send("DELETE", route)
            wanted = from_files(things)
            until("the removal is served", lambda: [serving.resources()] == wanted)


def with_no_more_than_its_role():
    """The role in deploy/ is what is asked for: nothing else is needed, and nothing in it is unused."""
    manifests = [d for d in yaml.safe_load_all((ROOT / "deploy/kubernetes/fairlead.yaml").read_text()) if d]
    rules = [(d["kind"], rule) for d in manifests if d["kind"] in ("ClusterRole", "Role") for rule in d["rules"]]
    reading = {"list", "watch"}
    # Who reads lists and watches; of what is written each verb counts.
    may = {(group, resource if kind == "ClusterRole" else f"istio-system/{resource}",
            *([] if reading <= set(rule["verbs"]) and verb in reading else [verb]))
           for kind, rule in rules for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"]}
    flags = [a for d in manifests if d["kind"] == "Deployment" for c in d["spec"]["template"]["spec"]["containers"]
             for a in c.get("args", []) if a.startswith("--write-status")]
    assert flags, "the manifests write status"
    entry = {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": "e", "namespace": "shop"},
             "spec": {"hosts": ["e.example.com"], "resolution": "DNS", "ports": [{"name": "http", "number": 80, "protocol": "HTTP"}]}}
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"}, "data": {"mesh": ""}}
    with world(example() + created([entry, settings])) as cluster:
        cluster.allowed = may
        with Serving("--kubeconfig", cluster.kubeconfig, *flags) as serving:
            serving.wait()
            until("status is written", lambda: cluster.writes)
            until("the Lease is renewed", lambda: ("coordination.k8s.io", "istio-system/leases", "update") in cluster.used)
            names = {name for _, rule in rules for name in rule.get("resourceNames", [])}
            writer = json.loads(serving.page("/debug/kubernetes")[1])["status"]
            assert {f"istio-system/{name}" for name in names} == {writer["lease"]}, (names, writer)
            assert not writer.get("forbidden") and not writer.get("problem"), writer
            bad = {name: kind for name, kind in serving.kinds().items() if kind["condition"] not in ("current", "absent")}
            assert not bad, bad
        unused = cluster.allowed - cluster.used
        assert not unused, f"in the role and never asked for: {unused}"


def corpus(path):
    """Every mesh of a folder of config.yaml, mesh.yaml, networks.yaml and proxies.yaml: the same bytes as from files.

    Secrets are left out: a proxy of another namespace waits for them in vain. The namespace that Fairlead runs in is none of
    the mesh's: its label would say the cluster's network, where files say none.
    """
    for case in sorted(p.parent for p in pathlib.Path(path).glob("*/config.yaml")):
        things, seen = [], set()
        for thing in documents(case / "config.yaml"):
            namespace = "" if thing["kind"] in apiserver.CLUSTER_WIDE else thing["metadata"].get("namespace", "default")
            key = (thing["apiVersion"].partition("/")[0], thing["kind"], namespace, thing["metadata"]["name"])
            if thing["kind"].endswith("List") or key in seen:
                continue
            seen.add(key)
            things.append(thing)
        things = created(things)
        texts = {"mesh": case / "mesh.yaml", "meshNetworks": case / "networks.yaml"}
        texts = {key: file for key, file in texts.items() if file.exists()}
        flags = [word for key, file in texts.items() for word in ({"mesh": "--mesh-config", "meshNetworks": "--networks-config"}[key], file)]
        settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "fairlead"},
                    "data": {key: file.read_text() for key, file in texts.items()}}
        proxies = [(p["id"], p.get("metadata", {}), False) for p in yaml.safe_load((case / "proxies.yaml").read_text())]
        wanted = from_files(things, *flags, proxies=proxies)
        with world(things + [settings]) as cluster, \
                Serving("--kubeconfig", cluster.kubeconfig, environment={"POD_NAMESPACE": "fairlead"}) as serving:
            serving.wait()
            for proxy, expected in zip(proxies, wanted):
                now = serving.resources(*proxy)
                for kind in expected.keys() | now.keys():
                    a, b = expected.get(kind, {}), now.get(kind, {})
                    wrong = sorted(n for n in a.keys() | b.keys() if a.get(n) != b.get(n))
                    if wrong:
                        print(f"{case.name} {proxy[0]}: {kind} differ: {wrong[:5]}", flush=True)
        print(case.name, len(things), flush=True)


SCENARIOS = [as_from_files, pages_and_too_old_ones, too_old_to_watch, tokens_rotate, mesh_settings_are_followed, revisions, namespaces_are_discovered,
             with_plugin_and_certificates, with_no_more_than_its_role, as_kmock_has_it, lists_as_watches, a_thousand_reconnects, storm, storm_of_streams,
             *kinds.SCENARIOS, *remotes.SCENARIOS, *contents.SCENARIOS, *kubectl.SCENARIOS]


def main():
    if sys.argv[2:3] == ["corpus"]:
        clusters.BINARY = sys.argv[1]
        return corpus(sys.argv[3])
    clusters.play(SCENARIOS)


if __name__ == "__main__":
    main()
