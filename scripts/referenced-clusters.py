#!/usr/bin/env python3
"""Whether gateways are sent the clusters they can reach and no others, over a folder of meshes.

    referenced-clusters.py --binary .build/release/fairlead MESHES

MESHES has a folder a mesh: config.yaml, proxies.yaml, and mesh.yaml and networks.yaml where there are any. For each
router `fairlead render` prints what it is sent with --gateway-clusters all and with referenced; a cluster that a
listener, a route or an extension names must be among the latter if it is among the former, and one that nothing names
must not.
"""
import argparse
import base64
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml


def rendered(binary, mesh, proxies, clusters):
    """Type -> name -> bytes."""
    command = [binary, "render", "--config", mesh / "config.yaml", "--proxy", proxies, "-o", "dump",
               "--gateway-clusters", clusters]
    for file, flag in (("mesh.yaml", "--mesh-config"), ("networks.yaml", "--networks-config")):
        command += [flag, mesh / file] if (mesh / file).exists() else []
    dump = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {kind: {name: base64.b64decode(body["b64"]) for name, body in resources.items()}
            for kind, resources in dump.items()}


def as_field(text):
    """A text as protobuf writes it: its length, then its bytes."""
    data, length = text.encode(), b""
    count = len(data)
    while count > 127:
        length, count = length + bytes([count & 127 | 128]), count >> 7
    return length + bytes([count]) + data


def compared(binary, mesh, proxies):
    every, some = (rendered(binary, mesh, proxies, choice) for choice in ("all", "referenced"))
    users = b"\0".join(body for kind in ("listeners", "routes", "extensions") for body in every.get(kind, {}).values())
    names = {name for name in every["clusters"] if name.startswith("outbound")}
    sent = set(some["clusters"]) & names
    missing = {name for name in names - sent if as_field(name) in users}
    needless = {name for name in sent if name.encode() not in users}
    unlike = {name for name in sent if some["clusters"][name] != every["clusters"][name]}
    return len(names), len(sent), missing, needless, unlike


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("meshes", type=pathlib.Path)
    arguments = parser.parse_args()
    total, kept, routers, is_right = 0, 0, 0, True
    with tempfile.TemporaryDirectory() as folder:
        for mesh in sorted(path.parent for path in arguments.meshes.glob("*/proxies.yaml")):
            for proxy in yaml.safe_load((mesh / "proxies.yaml").read_text()):
                if proxy["type"] != "router":
                    continue
                file = pathlib.Path(folder) / "proxy.yaml"
                file.write_text(yaml.safe_dump([proxy]))
                every, sent, *wrong = compared(arguments.binary, mesh, file)
                total, kept, routers = total + every, kept + sent, routers + 1
                for what, names in zip(("missing", "named by nobody", "another with all"), wrong):
                    for name in sorted(names):
                        is_right = False
                        print(f"{mesh.name}/{proxy['name']}: {what}: {name}")
    if not routers:
        sys.exit(f"no router in {arguments.meshes}")
    print(f"{routers} routers: {kept} of {total} clusters sent")
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
