#!/usr/bin/env python3
"""curl asks for another server's host over an HTTP/2 connection that it has: 421, or 404 where that is switched off.

    misdirected.py BINARY
"""
import pathlib, subprocess, sys, tempfile

from certificates import Certificates
from served import Served, secret

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from ports import free_port

GATEWAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: edge}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: https, protocol: HTTPS}}
    hosts: ["{name}.example.com"]
    tls: {{mode: SIMPLE, credentialName: wildcard}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: edge}}
spec:
  hosts: ["{name}.example.com"]
  gateways: [{name}]
  http:
  - directResponse: {{status: 200, body: {{string: {name}}}}}
---
"""


def asked(port, authority, authorities):
    """What curl says of requests over one connection for a.example.com, each for an authority: (status, version, connections)."""
    command = ["curl", "-sS", "--http2", "--max-time", "20", "--cacert", authority]
    for name in authorities:
        command += ["--next"] * (name != authorities[0]) + [
            "--http2", "--cacert", authority, "--resolve", f"a.example.com:{port}:127.0.0.1", "-H", f"Host: {name}", "-o", "/dev/null",
            "-w", "%{http_code} %{http_version} %{num_connects}\n", f"https://a.example.com:{port}/"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def main():
    for flags, expected in ((), "421"), (["--misdirected-requests", "off"], "404"), (["--misdirected-requests", "on"], "421"):
        with tempfile.TemporaryDirectory(prefix="fairlead-misdirected-") as folder:
            folder, port = pathlib.Path(folder), free_port()
            certificates, config = Certificates(folder), folder / "config"
            config.mkdir()
            certificate = certificates.file("wildcard", ("DNS:*.example.com",))
            (config / "gateways.yaml").write_text("".join(GATEWAY.format(name=name, port=port) for name in "ab"))
            (config / "secret.json").write_text(secret("wildcard", certificate, certificates.key))
            with Served(sys.argv[1], config, folder, flags) as served:
                served.port(port)
                seen = asked(port, certificates.authority, ["a.example.com", "b.example.com", "nobody.example.com"])
            if seen != ["200 2 1", f"{expected} 2 0", "404 2 0"]:
                raise SystemExit(f"with {flags}: {seen}")


if __name__ == "__main__":
    main()
