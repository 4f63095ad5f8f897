"""Replicas that have the same send the same, and say so: roots.py BINARY SCENARIO…, without one all of them.

Two processes follow API servers that were given the same objects in different orders and that fail by seed. Each
scenario fails by an assertion.
"""
import contextlib, copy, json, random, time

import grpc
from envoy.config.core.v3 import base_pb2
from google.protobuf import json_format

import ads, clusters
from clusters import GATEWAY, METADATA, Serving, example, until, world


@contextlib.contextmanager
def connected(*servings):
    """A gateway at each of them, for as long as the block takes."""
    node = base_pb2.Node(id=GATEWAY)
    json_format.ParseDict(METADATA, node.metadata)
    with contextlib.ExitStack() as stack:
        streams = [ads.Stream(stack.enter_context(grpc.insecure_channel(serving.xds)), node, timeout=300) for serving in servings]
        for stream in streams:
            stream.ask("clusters")
        yield streams


def roots(serving):
    status, text = serving.page("/debug/root")
    assert status == 200, text
    return json.loads(text)


def metric(serving, start):
    return sorted(line for line in serving.page("/metrics")[1].splitlines() if line.startswith(start))


def different(a, b):
    """The kinds, and the types of resources, in which two differ."""
    kinds = {name for name in a["kinds"] | b["kinds"] if a["kinds"].get(name) != b["kinds"].get(name)}
    types = {name for x, y in zip(a["classes"], b["classes"]) for name in x["types"] if x["types"][name] != y["types"][name]}
    return kinds, types


def equal_whatever_the_order_and_the_faults(seed=5, seconds=6):
    """The same changes in different orders, through different faults; in the end both have and send the same."""
    dice = random.Random(seed)
    things = example()
    other_order = copy.deepcopy(things)
    dice.shuffle(other_order)
    with world(things, seed=seed, memory=40) as left, world(other_order, seed=seed + 1, memory=40, minor="34") as right, \
            Serving("--kubeconfig", left.kubeconfig) as one, Serving("--kubeconfig", right.kubeconfig) as two, \
            contextlib.ExitStack() as stack:
        for serving in (one, two):
            serving.wait()
        stack.enter_context(connected(one, two))
        sent = [serving.resources() for serving in (one, two)]
        assert sent[0] == sent[1]
        until("equal from the start", lambda: roots(one) == roots(two) and roots(one)["classes"])
        assert roots(one)["classes"][0]["types"]["cds"]["resources"] > 0, roots(one)
        assert metric(one, "fairlead_root") == metric(two, "fairlead_root") != []
        assert metric(one, "fairlead_kind_root") == metric(two, "fairlead_kind_root")
        assert metric(one, "fairlead_sent_root") == metric(two, "fairlead_sent_root") != []
        first = roots(one)
        alive = {i: t for i, t in enumerate(things)}
        for cluster in (left, right):
            cluster.faults.rate = 0.3
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            number = dice.choice([n for n, t in enumerate(things) if t["kind"] not in ("Secret", "ConfigMap")])
            thing = things[number]
            steps = []
            if dice.random() < 0.4 and number in alive:
                del alive[number]
                steps.append(lambda c, t=copy.deepcopy(thing): c.delete(t))
            else:
                if thing["kind"] == "VirtualService":
                    thing["spec"]["http"] = [{"directResponse": {"status": dice.randint(400, 599)}}]
                alive[number] = thing
                steps.append(lambda c, t=copy.deepcopy(thing): c.put(t))
            # One of them sees something in between that the other does not.
            if dice.random() < 0.3 and number in alive:
                passing = copy.deepcopy(thing)
                passing["metadata"].setdefault("labels", {})["passing"] = "by"
                right.put(passing)
            for cluster in dice.sample([left, right], 2):
                for step in steps:
                    step(cluster)
            if dice.random() < 0.05:
                left.forget()
            time.sleep(dice.random() * 0.02)
        for cluster in (left, right):
            cluster.faults.rate = 0.0
        until(f"seed {seed}: equal in the end", lambda: roots(one)["root"] == roots(two)["root"])
        sent = [serving.resources() for serving in (one, two)]
        assert sent[0] == sent[1], f"seed {seed}: equal roots, and not equal bytes"
        until(f"seed {seed}: equal as sent", lambda: roots(one) == roots(two))
        assert roots(one)["root"] != first["root"]


def a_difference_is_narrowed_down():
    """One object that is another: its kind says so, and the types that it changes."""
    things = example()
    route = next(t for t in things if t["kind"] == "VirtualService")
    with world(things) as left, world(things) as right, \
            Serving("--kubeconfig", left.kubeconfig) as one, Serving("--kubeconfig", right.kubeconfig) as two, \
            contextlib.ExitStack() as stack:
        for serving in (one, two):
            serving.wait()
        stack.enter_context(connected(one, two))
        assert one.resources() == two.resources()
        until("equal", lambda: roots(one) == roots(two) and roots(one)["classes"])
        before = copy.deepcopy(route)
        route["spec"]["http"] = [{"directResponse": {"status": 503}}]
        right.put(route)
        until("the kind is told", lambda: different(roots(one), roots(two))[0] == {"VirtualService"})
        until("the types are told", lambda: "rds" in different(roots(one), roots(two))[1])
        assert "lds" not in different(roots(one), roots(two))[1]
        right.put(before)
        until("equal again", lambda: roots(one) == roots(two))
        text = one.page("/debug/root")[1]
        for thing in things:
            for value in (thing.get("data") or {}).values():
                assert value not in text
        secret = copy.deepcopy(next(t for t in things if t["kind"] == "Secret"))
        secret["data"] = json.loads(json.dumps(next(t for t in things if t["kind"] == "Secret" and t["metadata"] != secret["metadata"])["data"]))
        right.put(secret)
        until("the kind is told", lambda: different(roots(one), roots(two))[0] == {"Secret"})
        until("the type is told", lambda: different(roots(one), roots(two))[1] == {"sds"})


def what_is_kept_of_old_is_told():
    """A replica that keeps the last good version of what is refused now is not equal to one that never had it."""
    things = example()
    route = next(t for t in things if t["kind"] == "VirtualService")
    with world(things) as left, Serving("--kubeconfig", left.kubeconfig) as one:
        one.wait()
        good = roots(one)
        route["spec"]["hosts"] = []
        left.put(route)
        until("it is refused", lambda: route["metadata"]["name"] in one.page("/debug/rejected")[1])
        assert roots(one)["root"] == good["root"]
        with Serving("--kubeconfig", left.kubeconfig) as two:
            two.wait()
            assert different(roots(one), roots(two))[0] == {"VirtualService"}


SCENARIOS = [equal_whatever_the_order_and_the_faults, a_difference_is_narrowed_down, what_is_kept_of_old_is_told]


if __name__ == "__main__":
    clusters.play(SCENARIOS)
