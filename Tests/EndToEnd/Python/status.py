"""Status written back by replicas of `fairlead serve`: status.py BINARY SCENARIO…, without one all of them.

Each scenario fails by an assertion. The other side is apiserver.py over TLS, which keeps who wrote what when.
"""
import contextlib, json, os, random, signal, time

import apiserver, clusters
from clusters import Serving, created, example, until, world

ADDRESSES = ("--write-status", "addresses")


def entry(name, *hosts, **spec):
    return {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": name, "namespace": "shop", "generation": 1},
            "spec": {"hosts": list(hosts or [f"{name}.example.com"]), "resolution": "DNS", "ports": [{"name": "http", "number": 80, "protocol": "HTTP"}]} | spec}


def replica(cluster, name, *arguments):
    token = f"{name}-token"
    cluster.tokens.add(token)
    (cluster.folder / token).write_text(token)
    config = clusters.kubeconfig(cluster.folder / name, cluster.url, {"certificate-authority": "server.crt"}, {"tokenFile": token})
    return Serving("--kubeconfig", config, *(arguments or ADDRESSES), environment={"POD_NAME": name})


def lease(serving):
    return json.loads(serving.page("/debug/kubernetes")[1]).get("status", {})


def nobody_wrote_out_of_turn(cluster):
    wrong = [(token, holder) for token, holder in cluster.writers if (holder or "").split("_")[0] != token.removesuffix("-token")]
    assert cluster.writers and not wrong, wrong


def addresses(cluster):
    with cluster.lock:
        return {key[3]: [(a["host"], a["value"]) for a in thing.get("status", {}).get("addresses", [])]
                for key, thing in cluster.objects.items() if key[1] == "serviceentries"}


def metric(serving, name):
    return next((int(line.split()[-1]) for line in serving.page("/metrics")[1].splitlines() if line.startswith(f"{name} ")), None)


def one_writes_and_another_takes_over_when_it_ends():
    """Two replicas, one writes. It ends: the other writes at once. What is said already is written by nobody."""
    with world(created([entry("a"), entry("b", "b.example.com", "c.example.com")])) as cluster:
        with replica(cluster, "one") as one:
            one.wait()
            until("addresses are given", lambda: all(addresses(cluster).values()))
            assert addresses(cluster) == {
                "a": [("a.example.com", "240.240.0.1"), ("a.example.com", "2001:2::1")],
                "b": [("b.example.com", "240.240.0.2"), ("b.example.com", "2001:2::2"),
                      ("c.example.com", "240.240.0.3"), ("c.example.com", "2001:2::3")]}, addresses(cluster)
            with replica(cluster, "two") as two:
                two.wait()
                until("both know who writes", lambda: (lease(two).get("holder") or "").startswith("one_"))
                assert metric(one, "fairlead_status_lease_held") == 1 and metric(two, "fairlead_status_lease_held") == 0
                assert json.loads(one.page("/debug/status")[1])["ServiceEntry/shop/a"]["addresses"][0]["value"] == "240.240.0.1"
                assert lease(one)["isHeldHere"] and not lease(two)["isHeldHere"]
                log = one.stop()
                began = time.monotonic()
                assert "this replica writes status" in log and "one-token" not in log
                until("the other takes over", lambda: lease(two)["isHeldHere"], 10)
                assert time.monotonic() - began < 8, "a Lease that was released is not waited for"
                before = len(cluster.writes)
                cluster.put(entry("d"))
                until("it writes", lambda: addresses(cluster)["d"])
                assert addresses(cluster)["d"][0] == ("d.example.com", "240.240.0.4")
                until("all is written", lambda: metric(two, "fairlead_status_writes_pending") == 0)
                assert len(cluster.writes) == before + 1, cluster.writes
        assert len(cluster.writes) == 3, cluster.writes
        nobody_wrote_out_of_turn(cluster)
        assert [h for _, h in cluster.holders if h][0].startswith("one_") and [h for _, h in cluster.holders if h][1].startswith("two_")


def one_that_is_stopped_is_followed_and_writes_nothing_after():
    """SIGSTOP for longer than the Lease: the other takes over, and whoever wakes up finds out before it writes."""
    with world(created([entry("a")])) as cluster, replica(cluster, "one") as one:
        one.wait()
        until("it writes", lambda: addresses(cluster)["a"])
        with replica(cluster, "two") as two:
            two.wait()
            until("both know who writes", lambda: (lease(two).get("holder") or "").startswith("one_"))
            one.process.send_signal(signal.SIGSTOP)
            stopped = time.monotonic()
            cluster.put(entry("b"))
            until("the other takes over", lambda: lease(two)["isHeldHere"], 40)
            assert time.monotonic() - stopped > 10, "not before the Lease has run out"
            until("the other writes", lambda: addresses(cluster)["b"])
            written = len(cluster.writes)
            # It wakes up with work to do that it has not seen: an entry that is gone, one that is done, one that is new.
            cluster.put(entry("c"))
            until("the other writes on", lambda: addresses(cluster)["c"])
            one.process.send_signal(signal.SIGCONT)
            until("it has found out", lambda: (lease(one).get("holder") or "").startswith("two_") and not lease(one)["isHeldHere"])
            cluster.put(entry("d"))
            until("the holder writes", lambda: addresses(cluster)["d"])
            until("both are done", lambda: all(metric(s, "fairlead_status_writes_pending") == 0 for s in (one, two)))
            assert len(cluster.writes) == written + 2, cluster.writes
            nobody_wrote_out_of_turn(cluster)
            assert metric(one, "fairlead_status_writes_total{result=\"done\"}") == 1
            assert one.said("this replica does not write status any more")


def killed_in_the_middle_of_a_storm():
    """Writes fail in every way, replicas are killed, stopped and started: never do two write in turns, and in the end all is said."""
    dice = random.Random(3)
    things = created([entry(f"e{n}") for n in range(60)])
    with world(things) as cluster, contextlib.ExitStack() as stack:
        cluster.write_faults.rate = 0.4
        replicas = [stack.enter_context(replica(cluster, name)) for name in ("one", "two")]
        for serving in replicas:
            serving.wait()
        until("someone writes", lambda: len(cluster.writes) > 10)
        writer = next(s for s in replicas if lease(s).get("isHeldHere"))
        writer.process.kill()
        writer.process.wait()
        for number in range(60):
            thing = dice.choice(things)
            if dice.random() < 0.3:
                cluster.delete(thing)
            else:
                thing["spec"]["hosts"] = [f"{thing['metadata']['name']}-{dice.randint(0, 3)}.example.com"]
                with cluster.lock:
                    old = cluster.objects.get(cluster.key(thing), {})
                cluster.put(thing | ({"status": old["status"]} if "status" in old else {}))
            time.sleep(0.05)
        other = next(s for s in replicas if s is not writer)
        until("the other takes over", lambda: lease(other).get("isHeldHere"), 60)
        cluster.write_faults.rate = 0.0

        def settled():
            now = addresses(cluster)
            given = [value for pairs in now.values() for _, value in pairs]
            with cluster.lock:
                hosts = {key[3]: set(t["spec"]["hosts"]) for key, t in cluster.objects.items() if key[1] == "serviceentries"}
            return len(given) == len(set(given)) and all({h for h, _ in now[n]} == hosts[n] for n in now)
        until("all is said", settled, 90)
        until("nothing is left to write", lambda: metric(other, "fairlead_status_writes_pending") == 0)
        nobody_wrote_out_of_turn(cluster)
        holders = [h.split("_")[0] for _, h in cluster.holders if h]
        assert len(holders) == 2, cluster.holders
        idle = len(cluster.writes)
        time.sleep(3)
        assert len(cluster.writes) == idle, "what is said is not written again"
        print(f"{len(cluster.writes)} writes, faults {cluster.write_faults.told}, holders {holders}")


def what_is_refused_holds_nothing_up():
    """403 on writing: said, tried again now and then, and everything is served meanwhile. The Lease refused: the same."""
    things = example() + created([entry("a")])
    with world(things) as cluster:
        cluster.forbidden = {"serviceentries/status"}
        with replica(cluster, "one") as one:
            one.wait()
            until("it is said", lambda: "serviceentries.networking.istio.io" in lease(one).get("forbidden", {}))
            assert one.said("the server does not let us write their status")
            assert one.resources()["listeners" if "listeners" in one.resources() else next(iter(one.resources()))]
            assert not cluster.writes
        cluster.forbidden = {("leases", "get")}
        with replica(cluster, "two") as two:
            two.wait()
            until("it is said", lambda: "cannot get" in lease(two).get("problem", ""))
            assert not cluster.writes and not lease(two)["isHeldHere"]


def a_server_that_takes_no_writes_delays_no_push():
    """Writes hang: what is read is served as ever, and the process ends in time."""
    things = example() + created([entry("a")])
    route = next(t for t in things if t["kind"] == "VirtualService")
    with world(things) as cluster, replica(cluster, "one") as one:
        one.wait()
        until("it writes", lambda: addresses(cluster)["a"])
        cluster.writes_may_go_on.clear()
        try:
            for number in range(20):
                cluster.put(entry(f"b{number}"))
            for code in (501, 502, 503):
                before, began = one.resources(), time.monotonic()
                route["spec"]["http"] = [{"directResponse": {"status": code}}]
                cluster.put(route)
                until("the change is served", lambda: one.resources() != before)
                assert time.monotonic() - began < 2
            until("it is told", lambda: "Timeout" in lease(one).get("problem", "") or "timed out" in lease(one).get("problem", ""))
            assert metric(one, "fairlead_status_writes_pending") == 20
            began = time.monotonic()
            one.stop()
            assert time.monotonic() - began < 5
        finally:
            cluster.writes_may_go_on.set()


def a_lease_that_is_taken_away_stops_writing_at_once():
    """Somebody writes another holder into the Lease: from the next renewal on nothing is written."""
    with world(created([entry("a")])) as cluster, replica(cluster, "one") as one:
        one.wait()
        until("it writes", lambda: addresses(cluster)["a"])
        with cluster.lock:
            taken = json.loads(json.dumps(cluster.objects["coordination.k8s.io", "leases", "istio-system", "fairlead-status"]))
        taken["spec"] |= {"holderIdentity": "someone_else", "leaseDurationSeconds": 600}
        cluster.put(taken)
        until("it has found out", lambda: lease(one)["holder"] == "someone_else" and not lease(one)["isHeldHere"], 5)
        cluster.put(entry("b"))
        until("it knows what it would write", lambda: metric(one, "fairlead_status_writes_pending") == 1)
        time.sleep(3)
        assert not addresses(cluster)["b"] and len(cluster.writes) == 1, cluster.writes
        assert one.said("it has lost the Lease")


def two_who_write_the_same_do_not_fight_for_ever():
    """Somebody else writes over it again and again: it gives way, later and later."""
    with world(created([entry("a")])) as cluster, replica(cluster, "one") as one:
        one.wait()
        until("it writes", lambda: addresses(cluster)["a"])
        end = time.monotonic() + 8
        while time.monotonic() < end:
            thing = entry("a")
            thing["status"] = {"addresses": []}
            cluster.put(thing)
            time.sleep(0.1)
        assert len(cluster.writes) <= 7, len(cluster.writes)
        assert metric(one, "fairlead_status_overwritten_total") >= 2
        assert one.page("/ready")[0] == 200


def what_analysis_finds_is_written():
    """--write-status analysis: codes in validationMessages, taken back when there is nothing to say; others' fields stay."""
    route = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "r", "namespace": "shop", "generation": 4},
             "spec": {"hosts": ["r.example.com"], "gateways": ["shop/missing"], "http": [{"route": [{"destination": {"host": "a.example.com"}}]}]},
             "status": {"conditions": [{"type": "Reconciled", "status": "True"}]}}
    with world(created([entry("a"), route])) as cluster, replica(cluster, "one", "--write-status", "analysis", *ADDRESSES) as one:
        one.wait()
        status = lambda: cluster.objects["networking.istio.io", "virtualservices", "shop", "r"].get("status", {})
        until("it is written", lambda: status().get("validationMessages"))
        assert status() == {
            "conditions": [{"type": "Reconciled", "status": "True"}], "observedGeneration": 4,
            "validationMessages": [{"documentationUrl": f"https://istio.io/latest/docs/reference/config/analysis/{code.lower()}/",
                                    "level": level, "type": {"code": code}} for code, level in (("IST0101", "ERROR"), ("IST0132", "WARNING"))]}, status()
        route["metadata"]["generation"], route["spec"]["gateways"] = 5, ["mesh"]
        cluster.put(route | {"status": status()})
        until("it is taken back", lambda: not status().get("validationMessages"))
        assert status()["conditions"] and status()["observedGeneration"] == 5, status()
        until("addresses are given, too", lambda: addresses(cluster)["a"])


def none_is_written_unless_told():
    with world(created([entry("a")])) as cluster, Serving("--kubeconfig", cluster.kubeconfig) as one:
        one.wait()
        time.sleep(2)
        assert not cluster.writes and not cluster.holders and not lease(one)


SCENARIOS = [one_writes_and_another_takes_over_when_it_ends, one_that_is_stopped_is_followed_and_writes_nothing_after,
             killed_in_the_middle_of_a_storm, what_is_refused_holds_nothing_up, a_server_that_takes_no_writes_delays_no_push,
             a_lease_that_is_taken_away_stops_writing_at_once, two_who_write_the_same_do_not_fight_for_ever,
             what_analysis_finds_is_written, none_is_written_unless_told]


if __name__ == "__main__":
    clusters.play(SCENARIOS)
