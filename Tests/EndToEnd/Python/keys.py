#!/usr/bin/env python3
"""Keys fetched from servers of every kind, by what a real Envoy makes of tokens.

    keys.py BINARY ENVOY

Servers that answer late, redirect, hang, answer too much, or something else; then policies whose keys move while requests
go on.
"""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

BINARY, ENVOY = sys.argv[1:]
HOST = "127.0.0.1"
PATIENCE = 600  # tries, a tenth of a second apart
SECRET = b"a key of this test"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


KEYS = json.dumps({"keys": [{"kty": "oct", "k": base64url(SECRET)}]}).encode()


def token(issuer):
    parts = [{"alg": "HS256"}, {"iss": issuer, "sub": "ann"}]
    text = ".".join(base64url(json.dumps(p).encode()) for p in parts)
    return f"{text}.{base64url(hmac.new(SECRET, text.encode(), hashlib.sha256).digest())}"


class KeyServer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock, hits, busy, busiest = threading.Lock(), {}, 0, 0
    over = threading.Event()

    def do_GET(self):
        with self.lock:
            self.hits[self.path] = self.hits.get(self.path, 0) + 1
            KeyServer.busy += "crowd" in self.path
            KeyServer.busiest = max(self.busiest, self.busy)
        try:
            name = urllib.parse.urlsplit(self.path).path.rsplit("/", 1)[1].replace("-", "_")
            getattr(self, name)()
        except OSError:
            pass  # whoever asked has gone
        finally:
            with self.lock:
                KeyServer.busy -= "crowd" in self.path

    def reply(self, body, status=200, headers=()):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def good(self):
        self.reply(KEYS)

    def late(self):
        self.over.wait(0.5)
        self.reply(KEYS)

    def slow(self):
        self.over.wait(2)
        self.reply(KEYS)

    def moved(self):
        self.reply(b"", 302, [("location", "/good?moved")])

    def openid_configuration(self):
        self.reply(json.dumps({"jwks_uri": f"http://{self.headers['host']}/good?discovered"}).encode())

    def hang(self):
        self.over.wait(60)

    def loop(self):
        self.reply(b"", 302, [("location", "/loop")])

    def large(self):
        self.send_response(200)
        self.send_header("content-length", str(1 << 30))
        self.end_headers()
        for _ in range(1 << 14):
            self.wfile.write(b" " * (1 << 16))

    def endless(self):
        self.send_response(200)
        self.send_header("connection", "close")
        self.end_headers()
        for _ in range(1 << 14):
            self.wfile.write(b" " * (1 << 16))

    def garbage(self):
        self.reply(b"<html>")

    def keyless(self):
        self.reply(b'{"keys": []}')

    def error(self):
        self.reply(b"", 500)

    def log_message(self, *_):
        pass


class QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a connection that was cut off


GATEWAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: gateway, namespace: istio-system}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: http, protocol: HTTP}}
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: route, namespace: istio-system}}
spec:
  hosts: ["*"]
  gateways: [gateway]
  http: [{{directResponse: {{status: 200}}}}]
"""


def policy(name, *rules):
    rules = [{**rule, "fromHeaders": [{"name": f"x-{name}"}]} for rule in rules]
    return json.dumps({"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication",
                       "metadata": {"name": name, "namespace": "istio-system"}, "spec": {"jwtRules": rules}})


def free_port():
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def get(port, path="/", headers={}):
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
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


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: {found}, and not {expected}")


class World:
    def __init__(self, folder):
        self.folder, self.config = folder, folder / "config"
        self.config.mkdir()
        self.gateway, self.xds, self.web, self.admin = (free_port() for _ in range(4))
        self.server = QuietServer((HOST, 0), KeyServer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.keys = f"http://{HOST}:{self.server.server_address[1]}"
        self.log = folder / "log"
        self.programs = []
        (self.config / "gateway.yaml").write_text(GATEWAY.format(port=self.gateway))

    def write(self, name, *rules):
        (self.folder / "next").write_text(policy(name, *rules))
        os.rename(self.folder / "next", self.config / f"{name}.json")

    def start(self, *command):
        with open(self.log, "ab") as log:
            self.programs.append(subprocess.Popen(command, stdout=log, stderr=log))
        return self.programs[-1]

    def start_all(self):
        self.fairlead = self.start(
            BINARY, "serve", "--config", str(self.config), "--xds-address", f"{HOST}:{self.xds}",
            "--http-address", f"{HOST}:{self.web}")
        bootstrap = subprocess.check_output([
            BINARY, "bootstrap", "--namespace", "istio-system", "--labels", "istio=ingressgateway",
            "--xds-address", f"{HOST}:{self.xds}", "--admin-address", f"{HOST}:{self.admin}"])
        (self.folder / "envoy.yaml").write_bytes(bootstrap)
        self.start(ENVOY, "-c", str(self.folder / "envoy.yaml"), "--concurrency", "1",
                   "--use-dynamic-base-id", "--log-level", "warning")
        wait_for("the gateway", lambda: get(self.gateway)[0] == 200)

    def status(self, name, issuer):
        return get(self.gateway, headers={f"x-{name}": token(issuer)})[0]

    def metric(self, name):
        lines = get(self.web, "/metrics")[1].split("\n")
        return next(int(line.split(" ")[1]) for line in lines if line.startswith(name))


def of_all_kinds(world):
    """The first answer that Envoy gets knows the keys that can be had; the others verify nothing."""
    good = {"good": "/good?good", "late": "/late", "moved": "/moved"}
    bad = {n: f"/{n}" for n in ["hang", "loop", "large", "endless", "garbage", "keyless", "error"]}
    for name, path in {**good, **bad}.items():
        world.write(name, {"issuer": name, "jwksUri": world.keys + path})
    world.write("again", {"issuer": "again", "jwksUri": world.keys + "/good?good"})
    world.write("discovered", {"issuer": world.keys + "/tenant/"})
    world.write("metadata", {"issuer": "metadata", "jwksUri": "http://169.254.169.254/jwks"})
    world.start_all()
    for name in [*good, "again"]:
        expect(name, world.status(name, name), 200)
    expect("discovered", world.status("discovered", world.keys + "/tenant/"), 200)
    for name in [*bad, "metadata"]:
        expect(name, world.status(name, name), 401)
    expect("fetches of one place", KeyServer.hits["/good?good"], 1)
    expect("fetches of the configuration", KeyServer.hits["/tenant/.well-known/openid-configuration"], 1)
    wait_for("further tries", lambda: KeyServer.hits["/error"] > 2)
    said = [line for line in world.log.read_text().split("\n") if "keys cannot be fetched" in line]
    expect("warnings", len(said), len(bad) + 1)
    for words in ["169.254.169.254", "timed out", "redirects", "larger than", "not JSON", "none of which", "status 500"]:
        expect(f"a warning of {words}", any(words in line for line in said), True)
    if world.metric("pilot_jwks_resolver_network_fetch_success_total") != 4:
        raise SystemExit("not four successes")
    if world.metric("pilot_jwks_resolver_network_fetch_fail_total") < len(bad):
        raise SystemExit("failures are not counted")


def on_the_move(world):
    """A policy's keys move to a server that is slow, and no token is refused meanwhile."""
    world.write("good", {"issuer": "good", "jwksUri": world.keys + "/slow?moving"})
    while not KeyServer.hits.get("/slow?moving"):
        expect("while nothing is known", world.status("good", "good"), 200)
    for _ in range(100):
        expect("while keys are fetched", world.status("good", "good"), 200)
    wait_for("the new place", lambda: world.metric("pilot_jwks_resolver_network_fetch_success_total") == 5)
    for _ in range(100):
        expect("when they are there", world.status("good", "good"), 200)
    world.write("good", {"issuer": "good", "jwksUri": world.keys + "/hang?moving"})
    wait_for("the end of patience", lambda: world.status("good", "good") == 401)
    world.write("good", {"issuer": "good", "jwksUri": world.keys + "/good?back"})
    wait_for("the way back", lambda: world.status("good", "good") == 200)


def in_crowds(world):
    """Of many places only some are asked at once, and all in the end."""
    places = [f"/slow?crowd{n}" for n in range(40)]
    world.write("crowd", *({"issuer": place, "jwksUri": world.keys + place} for place in places))
    wait_for("all of them", lambda: all(KeyServer.hits.get(place) for place in places))
    if KeyServer.busiest > 16:
        raise SystemExit(f"{KeyServer.busiest} fetches at once")


def main():
    with tempfile.TemporaryDirectory(prefix="fairlead-keys-") as folder:
        world = World(pathlib.Path(folder))
        try:
            of_all_kinds(world)
            on_the_move(world)
            in_crowds(world)
            world.fairlead.terminate()
            expect("the end", world.fairlead.wait(), 0)
        except BaseException:
            print(world.log.read_text()[-5000:])
            raise
        finally:
            KeyServer.over.set()
            for program in world.programs:
                program.kill()
                program.wait()


if __name__ == "__main__":
    main()
