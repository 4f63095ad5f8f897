#!/usr/bin/env python3
"""Asks a real Envoy the requests of case folders (requests.yaml), and compares where they land.

    cases.py --binary .build/debug/fairlead FOLDER…       a case, or a folder of cases

README.md beside this file says what a case is. Exit status 1 where anything lands elsewhere.
"""
import argparse, contextlib, json, pathlib, subprocess, sys, tempfile

import yaml

import authorizer, gateway
from asking import Asker, Question
from certificates import Certificates
from envoys import Envoy, Refused
from upstreams import Upstreams


class CaseError(Exception):
    """What is wrong with a case, or with what came of it."""


def rendered(binary, folder, scratch):
    """What Fairlead sends the case's proxy, were it a stock Envoy."""
    proxy = yaml.safe_load((folder / "proxy.yaml").read_text())
    proxy["metadata"].pop("ISTIO_VERSION", None)
    file = scratch / "proxy.yaml"
    file.write_text(yaml.safe_dump([{"name": "gateway", **proxy}]))
    command = [binary, "render", "--config", folder / "in.yaml", "--proxy", file, "-o", "dump"]
    for name, flag in (("mesh.yaml", "--mesh-config"), ("networks.yaml", "--networks-config")):
        if (folder / name).exists():
            command += [flag, folder / name]
    if (folder / "flags").exists():
        command += (folder / "flags").read_text().split()
    run = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if run.returncode:
        raise CaseError(f"render ended with status {run.returncode}: {run.stderr[-500:]}")
    return json.loads(run.stdout)


class Case:
    def __init__(self, folder, binary, certificates, scratch):
        self.folder, self.certificates, self.scratch = folder, certificates, scratch / folder.name
        self.scratch.mkdir()
        self.steps = yaml.safe_load((folder / "requests.yaml").read_text())
        if not self.steps:
            raise CaseError("requests.yaml asks nothing")
        dump = rendered(binary, folder, self.scratch)
        self.gateway = gateway.Gateway("case", dump, certificates, self.scratch)
        self.upstreams = Upstreams(dump, self.gateway, self.scratch, {str(s["ask"].get("host", "")).partition(":")[0] for s in self.steps})
        if self.gateway.istios or self.gateway.complaints:
            raise CaseError(f"a stock Envoy has no {self.gateway.istios}; {self.gateway.complaints}")

    def question(self, ask, turn):
        ask = dict(ask)
        port, bind = ask.pop("port"), ask.pop("bind", None)
        ends = f"_{port}" if bind is None else f"|{bind}_{port}"
        listeners = [l.name for l in self.gateway.listeners.values() if l.name.endswith(ends) and not l.name.endswith("udp" + ends)]
        if len(listeners) != 1:
            raise CaseError(f"listeners on port {port}: {listeners}, of {sorted(self.gateway.listeners)}")
        if ask.get("client"):
            ask["client"] = ask["client"], tuple(ask.pop("names", ["DNS:*"]))
        question = Question(
            listener=listeners[0], turn=turn, sni=ask.pop("tls", None), client=ask.pop("client", None), alpn=tuple(ask.pop("alpn", ())),
            proxied=ask.pop("proxied", False), method=ask.pop("method", "GET"), host=str(ask.pop("host", "")),
            path=ask.pop("path", "/"), headers=tuple((k, str(v)) for k, v in ask.pop("headers", {}).items()))
        if ask:
            raise CaseError(f"ask has {sorted(ask)}, which mean nothing")
        return question

    def failures(self):
        questions, owners = [], []
        for step in self.steps:
            ask = dict(step["ask"])
            for turn in range(ask.pop("times", 1)):
                questions.append(self.question(ask, turn))
                owners.append(step)
        headers = {h for step in self.steps for h in step["land"].get("upstream", {}).get("headers", {})}
        log = self.scratch / "upstream.log"
        with contextlib.ExitStack() as running:
            asked = self.folder / "authorizer"
            if asked.exists():
                running.enter_context(authorizer.Serving(self.upstreams.taken(asked.read_text().strip())))
            envoy = running.enter_context(Envoy(gateway.bootstrap(
                [*self.gateway.listeners.values(), *self.upstreams.listeners(self.certificates, log, sorted(headers))],
                self.upstreams.clusters), self.scratch))
            answers = Asker(envoy.ports(), self.certificates, self.scratch).ask(questions)
        for step in self.steps:
            own = [dict(a) for a, owner in zip(answers, owners) if owner is step]
            for problem in dict.fromkeys(differences(step["land"], own, self.certificates)):
                yield f"{step['ask']}\n    {problem}"


def differences(land, answers, certificates):
    """What of `land` the answers do not show, a line each."""
    land = dict(land)
    arrived = [u for a in answers for u in a.get("upstream", [])]
    for key, seen in (("at", [u["at"] for u in arrived]), ("cluster", [a.get("cluster") or "" for a in answers])):
        if key in land:
            expected = land.pop(key)
            expected = expected if isinstance(expected, list) else [expected] if expected else []
            if set(filter(None, seen)) != set(expected):
                yield f"{key} should be {expected} and is {sorted(set(seen))}"
    if "tries" in land:
        expected = land.pop("tries")
        if any(len(a.get("upstream", [])) != expected for a in answers):
            yield f"tries should be {expected} and are {[len(a.get('upstream', [])) for a in answers]}"
    if "endpoints" in land:
        expected, seen = land.pop("endpoints"), {u["at"] for u in arrived}
        if len(seen) != expected:
            yield f"endpoints should be {expected} and are {sorted(seen)}"
    upstream = dict(land.pop("upstream", {}))
    if upstream and not arrived:
        yield "nothing arrived upstream"
    for entry in arrived:
        subject = (entry.get("subject") or "").removeprefix("CN=")
        for key, expected in upstream.items():
            if key == "headers":
                for name, value in expected.items():
                    yield from unequal(f"upstream header {name}", value, entry.get(f"header {name}"))
            else:
                yield from unequal(f"upstream {key}", expected, certificates.named(subject) if key == "client" else entry.get(key))
    for answer in answers:
        for name, expected in land.get("headers", {}).items():
            yield from unequal(f"header {name}", expected, answer.get("headers", {}).get(name))
        for key, expected in land.items():
            if key != "headers":
                yield from unequal(key, expected, answer.get(key, "none" if key == "status" else None))


def unequal(what, expected, seen):
    if (expected or None) != (seen or None):
        yield f"{what} should be {expected!r} and is {seen!r}"


def folders(paths):
    found = [f for p in paths for f in ([p] if (p / "requests.yaml").exists() else sorted(p.iterdir())) if (f / "requests.yaml").exists()]
    if not found:
        raise SystemExit("no folder has a requests.yaml")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    failed, asked = 0, 0
    with tempfile.TemporaryDirectory(prefix="fairlead-cases-") as scratch:
        certificates = Certificates(scratch)
        for folder in folders(arguments.folders):
            try:
                case = Case(folder, arguments.binary, certificates, pathlib.Path(scratch))
                failures = list(case.failures())
                asked += len(case.steps)
            except (CaseError, Refused, yaml.YAMLError, KeyError) as problem:
                failures = [f"{type(problem).__name__}: {problem}"]
            for failure in failures:
                failed += 1
                print(f"{folder.name}: {failure}")
    print(f"{asked} requests asked, {failed} landed elsewhere")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
