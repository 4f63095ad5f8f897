#!/usr/bin/env python3
"""Virtual hosts one by one (VHDS) with a real Envoy: what is new, changed, moved or gone is right at once.

    virtual_hosts.py BINARY ENVOY

Hosts answer with texts of their own. Each edit is followed until Envoy answers by it; nothing it does not touch may
answer otherwise meanwhile, Envoy must reject nothing, and an edit of one host of hundreds must cost a few kilobytes.
"""
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

BINARY, ENVOY = sys.argv[1:]
ADDRESS = "127.0.0.1"
PATIENCE = 300  # tries, a tenth of a second apart
COUNT = 400

GATEWAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: istio-system}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: http, protocol: HTTP}}
    hosts: ["*"]
"""

HOST = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: istio-system}}
spec:
  hosts: {hosts}
  gateways: {gateways}
  http:
  - directResponse: {{status: 200, body: {{string: "{text}"}}}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind((ADDRESS, 0))
        return listener.getsockname()[1]


def get(port, host, path="/"):
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(what, condition):
    pause = threading.Event()
    for _ in range(PATIENCE):
        try:
            if condition():
                return
        except OSError:
            pass
        pause.wait(0.1)
    raise SystemExit(f"{what}: waited for in vain")


def expect(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: found {found}, not {wanted}")


class World:
    def __init__(self, folder):
        self.folder, self.config = folder, folder / "config"
        self.config.mkdir()
        self.first, self.second, self.xds, self.web, self.admin = (free_port() for _ in range(5))
        self.log, self.programs = open(folder / "log", "wb"), []

    def write(self, name, text):
        (self.folder / "next").write_text(text)
        os.rename(self.folder / "next", self.config / f"{name}.yaml")

    def host(self, name, hosts, text, gateways="[one]"):
        self.write(name, HOST.format(name=name, hosts=hosts, text=text, gateways=gateways))

    def start(self, *command):
        program = subprocess.Popen([str(word) for word in command], stdout=self.log, stderr=self.log)
        self.programs.append(program)
        return program

    def start_fairlead(self):
        self.fairlead = self.start(
            BINARY, "serve", "--config", self.config, "--virtual-hosts", "--xds-address", f"{ADDRESS}:{self.xds}",
            "--http-address", f"{ADDRESS}:{self.web}")

    def start_envoy(self):
        file = self.folder / "envoy.yaml"
        file.write_bytes(subprocess.check_output([
            BINARY, "bootstrap", "--namespace", "istio-system", "--labels", "istio=ingressgateway",
            "--xds-address", f"{ADDRESS}:{self.xds}", "--admin-address", f"{ADDRESS}:{self.admin}"]))
        self.start(ENVOY, "-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning")

    def sent(self, kind):
        found = re.search(rf'^fairlead_xds_sent_bytes_total{{type="{kind}"}} (\d+)', get(self.web, "", "/metrics")[1], re.M)
        return int(found[1]) if found else 0

    def answers(self, port, **texts):
        """Waits until the hosts answer so, None for 404."""
        for name, text in texts.items():
            wanted = (404, "") if text is None else (200, text)
            wait_for(f"{name}: {text}", lambda: get(port, f"{name}.example.com") == wanted)


def run(world):
    world.write("one", GATEWAY.format(name="one", port=world.first))
    for number in range(COUNT):
        world.host(f"h{number}", f"[h{number}.example.com]", f"text {number}")
    world.start_fairlead()
    world.start_envoy()
    world.answers(world.first, h0="text 0", **{f"h{COUNT - 1}": f"text {COUNT - 1}"}, nobody=None)
    routes, hosts = world.sent("rds"), world.sent("vhds")

    world.host("h7", "[h7.example.com]", "seven")
    world.answers(world.first, h7="seven", h8="text 8")
    expect(world.sent("rds"), routes, "bytes of route configurations after an edit of one host")
    if not 0 < world.sent("vhds") - hosts < 5000:
        raise SystemExit(f"an edit of one host sent {world.sent('vhds') - hosts} bytes of virtual hosts")

    # New ones, one of them a wildcard, and gone ones.
    world.write("new", HOST.format(name="new", hosts="[new.example.com]", text="new", gateways="[one]") + "---"
                + HOST.format(name="wild", hosts="['*.example.com']", text="wild", gateways="[one]"))
    world.answers(world.first, new="new", nobody="wild", h8="text 8")
    (world.config / "new.yaml").unlink()
    world.answers(world.first, new=None, nobody=None, h8="text 8")

    # A host moves to another VirtualService's virtual host, and back, each in one edit of two files.
    world.write("h8", HOST.format(name="h8", hosts="[other.example.com]", text="text 8", gateways="[one]") + "---"
                + HOST.format(name="h8b", hosts="[h8.example.com, h9b.example.com]", text="moved", gateways="[one]"))
    world.answers(world.first, h8="moved", other="text 8", h9b="moved")
    world.host("h8", "[h8.example.com]", "text 8")
    world.answers(world.first, h8="text 8", other=None, h9b=None)

    # Another port is opened later; its hosts were known before Envoy had its route configuration.
    world.host("h9", "[h9.example.com]", "text 9", gateways="[one, two]")
    world.write("two", GATEWAY.format(name="two", port=world.second))
    world.answers(world.second, h9="text 9", h8=None)
    world.host("h9", "[h9.example.com]", "nine", gateways="[one, two]")
    world.answers(world.second, h9="nine")
    world.answers(world.first, h9="nine")

    # Back after a restart Envoy has all there is; an edit while nobody served is made up for alone.
    world.fairlead.terminate()
    world.fairlead.wait()
    world.host("h1", "[h1.example.com]", "one")
    world.start_fairlead()
    world.answers(world.first, h1="one", h2="text 2")
    if world.sent("vhds") > 5000:
        raise SystemExit(f"after a restart {world.sent('vhds')} bytes of virtual hosts were sent")
    rejected = re.findall(r"^.*update_rejected: [1-9].*$", get(world.admin, "", "/stats")[1], re.M)
    expect(rejected, [], "rejected")


def main():
    # A test runner's threads block signals, which Envoy would inherit and not hear SIGTERM.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    with tempfile.TemporaryDirectory() as folder:
        world = World(pathlib.Path(folder))
        try:
            run(world)
        except SystemExit:
            print((world.folder / "log").read_text(errors="replace")[-4000:])
            raise
        finally:
            for program in reversed(world.programs):
                program.terminate()
                program.wait()


if __name__ == "__main__":
    main()
