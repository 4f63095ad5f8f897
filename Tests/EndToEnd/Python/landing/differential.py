#!/usr/bin/env python3
"""Whether requests land where istiod's do: two real Envoys, one fed what istiod sent, one what Fairlead sends.

    differential.py --binary .build/debug/fairlead --corpus ../shared/corpus --oracle ../shared/oracle
                    [--only PATTERNS] [--skip PATTERNS] [--seed N] [--requests N]

Each router proxy of each case (CASE/proxies.yaml) is asked the same generated requests on both sides; status, cluster,
route and what else the client can tell must be the same. Exit status 1 where anything differs.
"""
import argparse, collections, fnmatch, hashlib, itertools, json, pathlib, subprocess, sys, tempfile

import yaml

import asking, gateway
from asking import Asker
from certificates import Certificates
from envoys import Envoy, Refused
from guessing import Guesser

class Repeatable(gateway.Gateway):
    """A gateway that decides alike whenever it is asked alike: nothing is left to chance and nothing takes time."""

    def label(self, secret):
        # Another content under the same name is another certificate.
        return f"{secret} {hashlib.sha256(self.secrets.get(secret, 'absent').encode()).hexdigest()[:8]}"

    def _tcp_proxy(self, proxy):
        super()._tcp_proxy(proxy)
        # A tunnel through an upstream that is none ends this Envoy; the cluster is chosen all the same.
        proxy.ClearField("tunneling_config")
        if proxy.HasField("weighted_clusters"):
            # Connections have nothing that chance could follow.
            proxy.cluster = max(proxy.weighted_clusters.clusters, key=lambda c: c.weight).name

    def _weights(self, weighted):
        weighted.header_name = asking.CHANCE

    def _route_action(self, action):
        action.timeout.FromSeconds(10)
        for field in ("idle_timeout", "max_stream_duration", "retry_policy", "hedge_policy"):
            action.ClearField(field)

    def _share(self, percent):
        whole = {percent.HUNDRED: 100, percent.TEN_THOUSAND: 10_000, percent.MILLION: 1_000_000}[percent.denominator]
        percent.numerator = whole if percent.numerator * 2 >= whole else 0

    def _delay(self, delay):
        if delay.HasField("fixed_delay"):
            delay.fixed_delay.FromMilliseconds(1)

    changes = {
        **gateway.Gateway.changes,
        "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy": _tcp_proxy,
        "envoy.config.route.v3.WeightedCluster": _weights,
        "envoy.config.route.v3.RouteAction": _route_action,
        "envoy.type.v3.FractionalPercent": _share,
        "envoy.extensions.filters.common.fault.v3.FaultDelay": _delay,
    }


COMPARED = ["seen", "status", "certificate", "cluster", "route", "chain", "details", "path", "host"]
HEADERS = ["location"]


def cases(arguments):
    for folder in sorted(arguments.corpus.iterdir()):
        if not (folder / "config.yaml").exists() or not any(fnmatch.fnmatch(folder.name, p) for p in arguments.only.split(",")) \
                or any(fnmatch.fnmatch(folder.name, p) for p in arguments.skip.split(",")):
            continue
        for proxy in yaml.safe_load((folder / "proxies.yaml").read_text()):
            if proxy["type"] == "router":
                yield folder, proxy


def rendered(binary, folder, proxy, scratch, is_stock):
    """What Fairlead sends the proxy, as a dump."""
    if is_stock:
        proxy["metadata"].pop("ISTIO_VERSION", None)
    file = scratch / "proxy.yaml"
    file.write_text(yaml.safe_dump([proxy]))
    command = [binary, "render", "--config", folder / "config.yaml", "--proxy", file, "-o", "dump"]
    for name, flag in (("mesh.yaml", "--mesh-config"), ("networks.yaml", "--networks-config")):
        if (folder / name).exists():
            command += [flag, folder / name]
    run = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{folder.name}: render ended with status {run.returncode}: {run.stderr[-500:]}")
    return json.loads(run.stdout)


class Side:
    """The gateways of all cases, in as few Envoys as take them."""

    def __init__(self, name, folder, certificates):
        self.certificates, self.folder = certificates, folder / name
        self.folder.mkdir()
        self.gateways, self.envoys, self.refused, self.ports = {}, [], {}, {}
        self.numbers = itertools.count()

    def start(self, listeners=None):
        """Starts an Envoy; one that refuses is replaced by one for each half, down to the listener that it refuses."""
        if listeners is None:
            listeners = [l for g in self.gateways.values() for l in g.listeners.values()]
        socket = self.folder / f"upstream{len(self.envoys)}"
        names = sorted({c for g in {l.name.split("|")[0] for l in listeners} for c in self.gateways[g].clusters})
        try:
            envoy = Envoy(gateway.bootstrap(
                [gateway.upstream("upstream", socket, self.certificates), *listeners], [gateway.stand_in(n, socket) for n in names]),
                self.folder / f"envoy{next(self.numbers)}")
        except Refused as refusal:
            if len(listeners) == 1:
                self.refused[listeners[0].name] = str(refusal)
                return
            half = len(listeners) // 2
            self.start(listeners[:half])
            self.start(listeners[half:])
            return
        self.envoys.append(envoy)
        self.ports.update(envoy.ports())

    def end(self):
        for envoy in self.envoys:
            envoy.end()

    def fallen(self):
        """What Envoys that ended by themselves said."""
        return [e.output.read_text()[-500:] for e in self.envoys if e.process.poll() is not None]

    def answers(self, questions):
        answers = Asker(self.ports, self.certificates, self.folder, itertools.count()).ask(questions)
        for question, answer in zip(questions, answers):
            known = self.gateways[question.listener.split("|")[0]].clusters
            if answer.get("cluster") and answer["cluster"] not in known:
                # Another gateway's cluster in the same Envoy; its own has none by that name.
                answer["cluster"] = None
                if question.tcp:
                    answer.update(seen="no answer", details=None)
                elif answer["details"] == "via_upstream":
                    answer.update(status=503, details="cluster_not_found")
            if answer.get("details") == "cluster_not_found":
                # What the route would have rewritten is not.
                answer["path"] = answer["host"] = None
        return answers


def comparable(answer):
    return {**{k: answer.get(k) for k in COMPARED}, **{h: answer.get("headers", {}).get(h) for h in HEADERS}}


def compare(arguments, folder):
    certificates = Certificates(folder)
    theirs, ours = Side("istiod", folder, certificates), Side("fairlead", folder, certificates)
    for case, proxy in cases(arguments):
        name = f"{case.name}/{proxy['name']}"
        dump = json.loads((arguments.oracle / case.name / f"{proxy['name']}.json").read_text())
        theirs.gateways[name] = Repeatable(name, dump, certificates, theirs.folder)
        ours.gateways[name] = Repeatable(name, rendered(arguments.binary, case, proxy, folder, arguments.stock), certificates, ours.folder)
    if not ours.gateways:
        raise SystemExit("no case matches")
    differences = []
    try:
        theirs.start()
        ours.start()
        questions = []
        for name in sorted(theirs.refused.keys() | ours.refused.keys()):
            if name in theirs.refused and name in ours.refused:
                print(f"{name}: Envoy refuses what istiod sends, and ours: {theirs.refused[name].splitlines()[-1]}")
            else:
                differences.append((name, f"{name}: Envoy refuses one: {theirs.refused.get(name)} | {ours.refused.get(name)}"))
        for name in ours.gateways:
            pair = [theirs.gateways[name], ours.gateways[name]]
            if set(pair[0].listeners) != set(pair[1].listeners):
                differences.append((name, f"{name}: listeners {sorted(pair[0].listeners)} | {sorted(pair[1].listeners)}"))
            elif pair[0].complaints != pair[1].complaints:
                differences.append((name, f"{name}: {pair[0].complaints} | {pair[1].complaints}"))
            else:
                questions += Guesser(pair, arguments.seed, theirs.refused.keys() | ours.refused.keys()).questions(arguments.requests)
        kinds = collections.Counter()
        for question, a, b in zip(questions, theirs.answers(questions), ours.answers(questions)):
            a, b = comparable(a), comparable(b)
            kinds[a["status"] or ("to a cluster" if a["cluster"] else a["seen"])] += 1
            if arguments.stock and (a["status"], b["status"]) == (404, 421):
                continue
            if a != b:
                said = "".join(f"    {k}: istiod {a[k]!r}, ours {b[k]!r}\n" for k in a if a[k] != b[k])
                differences.append((question.listener.split("|")[0], f"{question}\n{said}"))
        differences += [("Envoy", f"an Envoy ended by itself: {text}") for text in theirs.fallen() + ours.fallen()]
    finally:
        theirs.end()
        ours.end()
    return len(ours.gateways), len(questions), kinds, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("binary", "corpus", "oracle"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="*", help="case names, a shell pattern; several with commas")
    parser.add_argument("--skip", default="", help="case names to leave out, likewise")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--stock", action="store_true", help="ours is what a stock Envoy is sent; it may differ by 421 for 404")
    parser.add_argument("--requests", type=int, default=150, help="how many to each proxy")
    with tempfile.TemporaryDirectory(prefix="fairlead-landing-") as folder:
        gateways, requests, kinds, differences = compare(parser.parse_args(), pathlib.Path(folder))
    shown = collections.Counter()
    for gateway, difference in differences:
        shown[gateway] += 1
        if shown[gateway] <= 3:
            print(difference)
    for gateway, count in shown.items():
        print(f"{gateway}: {count} differences")
    print(f"{gateways} gateways, {requests} requests, {len(differences)} differences; "
          + ", ".join(f"{n} × {k}" for k, n in kinds.most_common()))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
