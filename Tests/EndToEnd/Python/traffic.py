#!/usr/bin/env python3
"""Requests through a real Envoy while what serves them is replaced: each must be answered 200.

    traffic.py BINARY ENVOY delta|sotw

A route goes to a service that exists only as long as the route goes there: every edit adds a service,
moves the route and removes the old service, all in one file. Some edits follow each other at once.
Then Fairlead is restarted, with an edit while it is away and without one.
"""
import collections
import contextlib
import http.client
import http.server
import re
import sys
import threading

from stage import ADDRESS, Stage, expect, get, wait_for

BINARY, ENVOY, MODE = sys.argv[1:]

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
    def __init__(self, stage):
        self.stage = stage
        server = http.server.ThreadingHTTPServer((ADDRESS, 0), Upstream)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.upstream = server.server_address[1]
        stage.write("gateway.yaml", GATEWAY.format(port=stage.gateway))
        self.answers, self.is_over = collections.Counter(), False

    def write(self, edition):
        self.stage.write("route.yaml", ROUTE.format(edition=edition, upstream=self.upstream))

    def restart_fairlead(self, edition=None):
        self.stage.stop_fairlead()
        if edition is not None:
            self.write(edition)
        self.stage.start_fairlead()
        wait_for("a client", lambda: self.stage.metric("pilot_xds") == 1)

    def clusters(self):
        return set(re.findall(r"^outbound\|80\|\|(\w+)", get(self.stage.admin, "/clusters")[1], re.M))

    def wait_for_edition(self, edition):
        wait_for(f"edition {edition}", lambda: self.clusters() == {f"edition{edition}"})

    def ask_on_and_on(self):
        connection = None
        while not self.is_over:
            try:
                connection = connection or http.client.HTTPConnection(
                    ADDRESS, self.stage.gateway, timeout=10)
                connection.request("GET", "/")
                answer = connection.getresponse()
                self.answers[answer.status, answer.read()] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[repr(error), b""] += 1
                connection = None


@contextlib.contextmanager
def under_load(world):
    """Requests without a pause, as long as the block takes: all must be answered."""
    asking = [threading.Thread(target=world.ask_on_and_on) for _ in range(2)]
    for thread in asking:
        thread.start()
    try:
        yield
    finally:
        world.is_over = True
        for thread in asking:
            thread.join()
    expect("answers", set(world.answers), {(200, b"ok")})


def run(world):
    world.write(0)
    world.stage.start_fairlead()
    world.stage.start_envoy("--ads", MODE)
    wait_for("the first answer", lambda: get(world.stage.gateway)[0] == 200)
    with under_load(world):
        edit(world)
    expect("rejected", world.stage.rejections(), [])


def edit(world):
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
    # A state-of-the-world client is believed that it has the listeners, and sent its routes once more.
    again = "lds" if MODE == "delta" else "rds"
    wait_for(again, lambda: world.stage.metric(f'pilot_xds_pushes{{type="{again}"}}') == 1)
    world.write(17)
    world.wait_for_edition(17)
    if MODE == "delta":
        # Back after the restart it had all there is. This edit alone was a cluster, its endpoints
        # and a route.
        expect("listeners sent again", world.stage.sent("lds") >= 150, False)
        expect("responses of routes", world.stage.metric('pilot_xds_pushes{type="rds"}'), 1)


def main():
    with Stage.open(BINARY, ENVOY) as stage:
        run(World(stage))


if __name__ == "__main__":
    main()
