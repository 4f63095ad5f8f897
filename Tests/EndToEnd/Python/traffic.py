#!/usr/bin/env python3
"""Requests through a real Envoy while what serves them is replaced: each must be answered 200.

    traffic.py BINARY ENVOY delta|sotw

A route goes to a service that exists only as long as the route goes there: every edit adds a service,
moves the route and removes the old service, all in one file. Some edits follow each other at once.
Then Fairlead is restarted, with an edit while it is away and without one.
"""
import collections
import http.client
import http.server
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

BINARY, ENVOY, MODE = sys.argv[1:]
HOST = "127.0.0.1"
PATIENCE = 600  # tries, a tenth of a second apart

GATEWAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: gateway, namespace: istio-system}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: http, protocol: HTTP}}
    hosts: ["*"]
"""

ROUTE = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: edition{edition}, namespace: istio-system}}
spec:
  hosts: [edition{edition}.example.com]
  resolution: STATIC
  location: MESH_EXTERNAL
  ports: [{{number: 80, name: http, protocol: HTTP}}]
  endpoints: [{{address: 127.0.0.1, ports: {{http: {upstream}}}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: route, namespace: istio-system}}
spec:
  hosts: ["*"]
  gateways: [gateway]
  http:
  - route: [{{destination: {{host: edition{edition}.example.com, port: {{number: 80}}}}}}]
"""


def free_port():
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def get(port, path="/"):
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
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


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class World:
    def __init__(self, folder):
        self.folder, self.config = folder, folder / "config"
        self.config.mkdir()
        self.gateway, self.xds, self.web, self.admin = (free_port() for _ in range(4))
        server = http.server.ThreadingHTTPServer((HOST, 0), Upstream)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.upstream = server.server_address[1]
        self.log = open(folder / "log", "wb")
        (self.config / "gateway.yaml").write_text(GATEWAY.format(port=self.gateway))
        self.answers, self.is_over, self.programs = collections.Counter(), False, []

    def write(self, edition):
        text = ROUTE.format(edition=edition, upstream=self.upstream)
        (self.folder / "next").write_text(text)
        os.rename(self.folder / "next", self.config / "route.yaml")

    def start(self, *command):
        program = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        self.programs.append(program)
        return program

    def start_fairlead(self):
        self.fairlead = self.start(
            BINARY, "serve", "--config", str(self.config), "--xds-address", f"{HOST}:{self.xds}",
            "--http-address", f"{HOST}:{self.web}")

    def restart_fairlead(self, edition=None):
        self.fairlead.terminate()
        self.fairlead.wait()
        if edition is not None:
            self.write(edition)
        self.start_fairlead()
        wait_for("a client", lambda: "pilot_xds 1" in get(self.web, "/metrics")[1].split("\n"))

    def start_envoy(self):
        bootstrap = subprocess.check_output([
            BINARY, "bootstrap", "--namespace", "istio-system", "--labels", "istio=ingressgateway",
            "--xds-address", f"{HOST}:{self.xds}", "--admin-address", f"{HOST}:{self.admin}",
            "--ads", MODE])
        (self.folder / "envoy.yaml").write_bytes(bootstrap)
        self.start(ENVOY, "-c", str(self.folder / "envoy.yaml"), "--concurrency", "1",
                   "--use-dynamic-base-id", "--log-level", "warning")

    def clusters(self):
        return set(re.findall(r"^outbound\|80\|\|(\w+)", get(self.admin, "/clusters")[1], re.M))

    def wait_for_edition(self, edition):
        wait_for(f"edition {edition}", lambda: self.clusters() == {f"edition{edition}"})

    def ask_on_and_on(self):
        connection = None
        while not self.is_over:
            try:
                connection = connection or http.client.HTTPConnection(
                    HOST, self.gateway, timeout=10)
                connection.request("GET", "/")
                answer = connection.getresponse()
                self.answers[answer.status, answer.read()] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[repr(error), b""] += 1
                connection = None

    def metric(self, name, kind):
        found = re.search(rf'^{name}{{type="{kind}"}} (\d+)', get(self.web, "/metrics")[1], re.M)
        return int(found[1]) if found else 0


def expect(condition, *what):
    if not condition:
        raise SystemExit(" ".join(map(str, what)))


def run(world):
    world.write(0)
    world.start_fairlead()
    world.start_envoy()
    wait_for("the first answer", lambda: get(world.gateway)[0] == 200)
    asking = [threading.Thread(target=world.ask_on_and_on) for _ in range(2)]
    for thread in asking:
        thread.start()
    for edition in range(1, 16):
        world.write(edition)
        if edition % 3 == 0:
            world.wait_for_edition(edition)
    if MODE == "delta":
        # A state-of-the-world client does not say which clusters it has, so that none it still needs
        # can be kept for it over a restart.
        world.restart_fairlead(edition=16)
        world.wait_for_edition(16)
    world.restart_fairlead()
    wait_for("listeners", lambda: world.metric("pilot_xds_pushes", "lds") == 1)
    world.write(17)
    world.wait_for_edition(17)
    if MODE == "delta":
        # Back after the restart it had all there is. This edit alone was a cluster, its endpoints
        # and a route.
        expect(world.metric("fairlead_xds_sent_bytes_total", "lds") < 150, "listeners sent again")
        expect(world.metric("pilot_xds_pushes", "rds") == 1, "routes sent again")
    world.is_over = True
    for thread in asking:
        thread.join()
    expect(set(world.answers) == {(200, b"ok")}, "answers:", dict(world.answers))
    rejected = re.findall(r"^.*update_rejected: [1-9].*$", get(world.admin, "/stats")[1], re.M)
    expect(not rejected, "rejected:", rejected)


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
            world.is_over = True
            for program in reversed(world.programs):
                program.terminate()
                program.wait()


if __name__ == "__main__":
    main()
