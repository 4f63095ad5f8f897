#!/usr/bin/env python3
"""Whether a real Envoy takes whatever random meshes come to: one Envoy, one mesh after the other, no update refused.

    accepted.py BINARY [--seeds N] [--first N] [--keep]

Each mesh replaces the one before it in the folder that Fairlead follows, so that each is a change as well. FAIRLEAD_SEEDS says
how many where --seeds does not. --keep leaves the mesh that was refused where it is.
"""
import argparse, json, os, pathlib, re, shutil, sys, tempfile, urllib.request

import yaml

from certificates import Certificates
from meshes import Mesh
from served import Served, secret, until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from ports import free_port


def marker(port, number):
    """What tells that a mesh has arrived: a route with its number."""
    return [
        {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": "marker", "namespace": "edge"}, "spec": {
            "selector": {"istio": "ingressgateway"},
            "servers": [{"port": {"number": port, "name": "http-marker", "protocol": "HTTP"}, "hosts": ["marker.test"]}]}},
        {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "marker", "namespace": "edge"}, "spec": {
            "hosts": ["marker.test"], "gateways": ["edge/marker"],
            "http": [{"directResponse": {"status": 200, "body": {"string": f"mesh {number}"}}}]}}]


def refusals(served):
    """The updates that Envoy refused so far, type by type."""
    stats = json.loads(served.envoy.page("/stats?filter=update_rejected&format=json"))["stats"]
    return {s["name"]: s["value"] for s in stats if s.get("value")}


def states(served):
    return urllib.request.urlopen(f"http://{served.http}/debug/syncz", timeout=5).read().decode()


def settled(served):
    """All that was sent was answered, and what was compiled was sent."""
    text = states(served)
    return '"NOT_' not in text and "STALE" not in text


def complaints(served):
    """What Envoy said of what it refused last, of each type."""
    return "\n".join(re.findall('"lastError": "(.*)"', states(served))) + served.envoy.output.read_text()[-1500:]


def run(arguments, folder):
    certificates, config = Certificates(folder), folder / "config"
    config.mkdir()
    files = [str(certificates.file("file")), str(certificates.key), str(certificates.authority)]
    names = ["cred-a", "cred-b"]
    for name in names:
        (config / f"{name}.json").write_text(secret(name, certificates.file(name), certificates.key))
    ports = [free_port() for _ in range(7)]
    failed, kinds = 0, {}
    mesh = Mesh(arguments.first, ports[1:], files, names)
    for name, content in ("mesh-config", mesh.mesh_config()), ("networks", mesh.networks()):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
    with Served(arguments.binary, config, folder, ["--mesh-config", folder / "mesh-config.yaml", "--networks-config", folder / "networks.yaml"]) as served:
        refused = {}
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            mesh = Mesh(seed, ports[1:], files, names)
            objects = mesh.objects()
            for made in objects:
                kinds[made["kind"]] = kinds.get(made["kind"], 0) + 1
            (folder / "mesh-config.new").write_text(yaml.safe_dump(mesh.mesh_config()))
            (folder / "mesh-config.new").rename(folder / "mesh-config.yaml")
            text = yaml.safe_dump_all(marker(ports[0], seed) + objects)
            (folder / "mesh.new").write_text(text)
            (folder / "mesh.new").rename(config / "mesh.yaml")
            until(f"mesh {seed}", lambda: arrived(seed, served))
            until(f"mesh {seed} settled", lambda: settled(served))
            now = refusals(served)
            if now != refused or served.envoy.process.poll() is not None:
                failed += 1
                print(f"seed {seed}: Envoy refused {now}, before it {refused}; it says:\n{complaints(served)}")
                if arguments.keep:
                    print(shutil.copy(config / "mesh.yaml", f"{tempfile.gettempdir()}/mesh-{seed}.yaml"))
                refused = now
        rejected = sum(1 for line in served.log.read_text().splitlines() if " error " in line)
    return failed, kinds, rejected


def arrived(seed, served):
    """The mesh's marker is there, or Envoy is no more. Asking it would not do: policies answer as well."""
    return served.envoy.process.poll() is not None \
        or f'"mesh {seed}"' in served.envoy.page("/config_dump?resource=dynamic_route_configs").decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, default=int(os.environ.get("FAIRLEAD_SEEDS", 25)))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", action="store_true")
    with tempfile.TemporaryDirectory(prefix="fairlead-accepted-") as folder:
        failed, kinds, rejected = run(parser.parse_args(), pathlib.Path(folder))
    print(f"{failed} meshes refused; objects: {kinds}; {rejected} errors reported")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
