#!/usr/bin/env python3
"""Keys fetched from servers of every kind, by what a real Envoy makes of tokens.

    keys.py BINARY ENVOY

Servers that answer late, redirect, hang, answer too much, or something else, and one over TLS; then policies whose keys
move while requests go on.
"""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import subprocess
import sys
import threading
import urllib.parse

from stage import ADDRESS, Stage, expect, get, wait_for

BINARY, ENVOY = sys.argv[1:]
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


class World:
    def __init__(self, stage):
        self.stage = stage
        server = QuietServer((ADDRESS, 0), KeyServer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.secure = self.secure_server()
        self.keys = f"http://{ADDRESS}:{server.server_address[1]}"
        stage.write("gateway.yaml", GATEWAY.format(port=stage.gateway))

    def secure_server(self):
        """A server with a certificate of its own, which Fairlead is told of."""
        self.authority, key = self.stage.folder / "ca.pem", self.stage.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", self.authority,
             "-days", "1", "-subj", "/CN=keys", "-addext", f"subjectAltName=IP:{ADDRESS}"],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, key)
        server = QuietServer((ADDRESS, 0), KeyServer)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]

    def write(self, name, *rules):
        self.stage.write(f"{name}.json", policy(name, *rules))

    def start_all(self):
        self.stage.start_fairlead("--jwks-ca", self.authority)
        self.stage.start_envoy()
        wait_for("the gateway", lambda: get(self.stage.gateway)[0] == 200)

    def status(self, name, issuer):
        return get(self.stage.gateway, headers={f"x-{name}": token(issuer)})[0]


def of_all_kinds(world):
    """The first answer that Envoy gets knows the keys that can be had; the others verify nothing."""
    good = {"good": "/good?good", "late": "/late", "moved": "/moved"}
    bad = {n: f"/{n}" for n in ["hang", "loop", "large", "endless", "garbage", "keyless", "error"]}
    for name, path in {**good, **bad}.items():
        world.write(name, {"issuer": name, "jwksUri": world.keys + path})
    world.write("again", {"issuer": "again", "jwksUri": world.keys + "/good?good"})
    world.write("discovered", {"issuer": world.keys + "/tenant/"})
    world.write("secure", {"issuer": "secure", "jwksUri": f"https://{ADDRESS}:{world.secure}/good?secure"})
    # Its certificate has another name.
    world.write("impostor", {"issuer": "impostor", "jwksUri": f"https://localhost:{world.secure}/good?impostor"})
    world.write("metadata", {"issuer": "metadata", "jwksUri": "http://169.254.169.254/jwks"})
    world.start_all()
    for name in [*good, "again", "secure"]:
        expect(name, world.status(name, name), 200)
    expect("discovered", world.status("discovered", world.keys + "/tenant/"), 200)
    for name in [*bad, "metadata", "impostor"]:
        expect(name, world.status(name, name), 401)
    expect("fetches of one place", KeyServer.hits["/good?good"], 1)
    expect("fetches of the configuration", KeyServer.hits["/tenant/.well-known/openid-configuration"], 1)
    wait_for("further tries", lambda: KeyServer.hits["/error"] > 2)
    said = [line for line in world.stage.log.read_text().split("\n") if "keys cannot be fetched" in line]
    expect("warnings", len(said), len(bad) + 2)
    expect("fetches from the impostor", KeyServer.hits.get("/good?impostor"), None)
    for words in ["169.254.169.254", "timed out", "redirects", "larger than", "not JSON", "none of which", "status 500"]:
        expect(f"a warning of {words}", any(words in line for line in said), True)
    if world.stage.metric("pilot_jwks_resolver_network_fetch_success_total") != 5:
        raise SystemExit("not five successes")
    if world.stage.metric("pilot_jwks_resolver_network_fetch_fail_total") < len(bad):
        raise SystemExit("failures are not counted")


def on_the_move(world):
    """A policy's keys move to a server that is slow, and no token is refused meanwhile."""
    world.write("good", {"issuer": "good", "jwksUri": world.keys + "/slow?moving"})
    while not KeyServer.hits.get("/slow?moving"):
        expect("while nothing is known", world.status("good", "good"), 200)
    for _ in range(100):
        expect("while keys are fetched", world.status("good", "good"), 200)
    wait_for("the new place", lambda: world.stage.metric("pilot_jwks_resolver_network_fetch_success_total") == 6)
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
    with Stage.open(BINARY, ENVOY) as stage:
        world = World(stage)
        try:
            of_all_kinds(world)
            on_the_move(world)
            in_crowds(world)
            expect("the end", stage.stop_fairlead(), 0)
        finally:
            KeyServer.over.set()


if __name__ == "__main__":
    main()
