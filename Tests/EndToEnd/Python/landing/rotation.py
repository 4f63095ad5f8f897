#!/usr/bin/env python3
"""A certificate is replaced while a request is under way: no listener changes, and nobody's connection ends.

    rotation.py BINARY
"""
import http.client, http.server, pathlib, socket, ssl, sys, tempfile, threading

from certificates import Certificates
from served import Served, secret, until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from ports import free_port

CONFIG = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: gateway, namespace: edge}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: https, protocol: HTTPS}}
    hosts: [a.example.com]
    tls: {{mode: SIMPLE, credentialName: credential}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: slow, namespace: edge}}
spec:
  hosts: [slow.example.com]
  resolution: STATIC
  ports: [{{number: 80, name: http, protocol: HTTP}}]
  endpoints: [{{address: 127.0.0.1, ports: {{http: {upstream}}}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: slow, namespace: edge}}
spec:
  hosts: [a.example.com]
  gateways: [gateway]
  http:
  - route: [{{destination: {{host: slow.example.com}}}}]
"""


class Slow(http.server.BaseHTTPRequestHandler):
    """Answers half, and the other half when it is told to."""
    protocol_version = "HTTP/1.1"
    goes_on = threading.Event()

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "8")
        self.end_headers()
        self.wfile.write(b"half")
        self.wfile.flush()
        self.goes_on.wait(60)
        self.wfile.write(b"rest")

    def log_message(self, *_):
        pass


class Client:
    """One connection to the gateway."""

    def __init__(self, port, certificates):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.connection = http.client.HTTPConnection("gateway")
        self.connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), timeout=20), server_hostname="a.example.com")
        self.connection.auto_open = 0
        self.certificate = certificates.label(self.connection.sock.getpeercert(binary_form=True))

    def ask(self):
        self.connection.putrequest("GET", "/", skip_host=True)
        self.connection.putheader("host", "a.example.com")
        self.connection.endheaders()
        return self.connection.getresponse()


def presented(port, certificates):
    client = Client(port, certificates)
    client.connection.close()
    return client.certificate


def holds(what, condition, seen):
    if not condition:
        raise SystemExit(f"NOT SO: {what}; seen: {seen}")


def run(folder, binary, upstream):
    certificates, config = Certificates(folder), folder / "config"
    first, second = (certificates.file(name, ("DNS:a.example.com",)) for name in ("first", "second"))
    other = folder / "other.pem"
    certificates.make_key(other)
    config.mkdir()
    port = free_port()
    (config / "mesh.yaml").write_text(CONFIG.format(port=port, upstream=upstream))

    def put(certificate, key):
        (folder / "new").write_text(secret("credential", certificate, key))
        (folder / "new").rename(config / "credential.json")

    put(first, certificates.key)
    with Served(binary, config, folder) as served:
        served.port(port)
        client = Client(port, certificates)
        holds("the first certificate is presented", client.certificate == "first", client.certificate)
        answer = client.ask()
        holds("a request is under way", answer.read(4) == b"half", answer.status)
        counters = ["lds.update_success", "listener_modified", "listener_in_place_updated", "listener_added", "downstream_cx_drain_close"]
        before = {name: served.stat(name) for name in counters}

        put(second, certificates.key)
        until("the second certificate", lambda: presented(port, certificates) == "second")
        put(first, other)
        until("a report of a key that is another's", lambda: "credential" in served.log.read_text())
        holds("a pair that does not fit is not taken", presented(port, certificates) == "second", presented(port, certificates))

        Slow.goes_on.set()
        holds("the request ends well", answer.read() == b"rest", answer)
        holds("its connection serves another", client.ask().read() == b"halfrest", "")
        after = {name: served.stat(name) for name in counters}
        holds("no listener was touched and no connection drained", before == after, (before, after))
        holds("Envoy refused nothing", served.stat("update_rejected") == 0, served.stat("update_rejected"))


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="fairlead-rotation-") as folder:
        run(pathlib.Path(folder), sys.argv[1], server.server_port)


if __name__ == "__main__":
    main()
