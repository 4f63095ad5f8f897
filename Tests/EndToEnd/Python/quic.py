#!/usr/bin/env python3
"""HTTP/3 through a real Envoy, asked by aioquic: the host that clients learn of over TCP answers over UDP.

    quic.py BINARY ENVOY
"""
import asyncio
import base64
import http.client
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration

BINARY, ENVOY = sys.argv[1:]
ADDRESS, HOST = "127.0.0.1", "shop.example.com"
PATIENCE = 300  # tries, a tenth of a second apart

MESH = """
apiVersion: v1
kind: Service
metadata: {{name: gateway, namespace: istio-system}}
spec:
  selector: {{istio: ingressgateway}}
  ports:
  - {{name: https, port: {port}}}
  - {{name: https-quic, port: {port}, protocol: UDP}}
---
apiVersion: v1
kind: Secret
metadata: {{name: shop, namespace: istio-system}}
type: kubernetes.io/tls
data: {{tls.crt: {certificate}, tls.key: {key}}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: gateway, namespace: istio-system}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: https, protocol: HTTPS}}
    hosts: [{host}]
    tls: {{mode: SIMPLE, credentialName: shop}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: shop, namespace: istio-system}}
spec:
  hosts: [{host}]
  gateways: [gateway]
  http:
  - directResponse: {{status: 200, body: {{string: "from the shop"}}}}
"""


def free_port():
    """A port that is free for TCP and for UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((ADDRESS, 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


def certificate(folder):
    """A certificate of the host's own, and its key, as base64."""
    files = [folder / "certificate.pem", folder / "key.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "1", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return [base64.b64encode(file.read_bytes()).decode() for file in files]


def over_tcp(port, authorities):
    """Status, alt-svc and body of an HTTPS request."""
    with socket.create_connection((ADDRESS, port), 5) as plain:
        context = ssl.create_default_context(cafile=authorities)
        with context.wrap_socket(plain, server_hostname=HOST) as tls:
            tls.sendall(f"GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            return answer.status, answer.getheader("alt-svc"), answer.read().decode()


class Client(QuicConnectionProtocol):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.http, self.headers, self.body = H3Connection(self._quic), {}, b""
        self.is_answered = self._loop.create_future()

    def ask(self):
        stream = self._quic.get_next_available_stream_id()
        fields = {":method": "GET", ":scheme": "https", ":authority": HOST, ":path": "/"}
        self.http.send_headers(
            stream, [(name.encode(), value.encode()) for name, value in fields.items()], end_stream=True)
        self.transmit()
        return self.is_answered

    def quic_event_received(self, event):
        for part in self.http.handle_event(event):
            if isinstance(part, HeadersReceived):
                self.headers = {name.decode(): value.decode() for name, value in part.headers}
            elif isinstance(part, DataReceived):
                self.body += part.data
            if part.stream_ended:
                self.is_answered.set_result(None)


async def over_udp(port, authorities):
    """Status and body of an HTTP/3 request."""
    settings = QuicConfiguration(alpn_protocols=H3_ALPN, server_name=HOST, cafile=authorities)
    async with connect(ADDRESS, port, configuration=settings, create_protocol=Client) as client:
        await asyncio.wait_for(client.ask(), 10)
        return client.headers[":status"], client.body.decode()


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


def expect(found, wanted):
    if found != wanted:
        raise SystemExit(f"found {found}, not {wanted}")


def run(folder, log, programs):
    gateway, xds, web, admin = (free_port() for _ in range(4))
    config, authorities = folder / "mesh.yaml", str(folder / "certificate.pem")
    crt, key = certificate(folder)
    config.write_text(MESH.format(port=gateway, host=HOST, certificate=crt, key=key))
    programs.append(subprocess.Popen(
        [BINARY, "serve", "--config", config, "--quic-listeners", "--xds-address", f"{ADDRESS}:{xds}",
         "--http-address", f"{ADDRESS}:{web}"], stdout=log, stderr=log))
    bootstrap = folder / "envoy.yaml"
    bootstrap.write_bytes(subprocess.check_output(
        [BINARY, "bootstrap", "--namespace", "istio-system", "--labels", "istio=ingressgateway",
         "--xds-address", f"{ADDRESS}:{xds}", "--admin-address", f"{ADDRESS}:{admin}"]))
    programs.append(subprocess.Popen(
        [ENVOY, "-c", bootstrap, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"],
        stdout=log, stderr=log))
    wait_for("an answer over TCP", lambda: over_tcp(gateway, authorities)[0] == 200)
    expect(over_tcp(gateway, authorities), (200, f'h3=":{gateway}"; ma=86400', "from the shop"))
    expect(asyncio.run(over_udp(gateway, authorities)), ("200", "from the shop"))


def main():
    # A test runner's threads block signals, which Envoy would inherit and not hear SIGTERM.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    with tempfile.TemporaryDirectory() as name:
        folder, programs = pathlib.Path(name), []
        with open(folder / "log", "wb") as log:
            try:
                run(folder, log, programs)
            except SystemExit:
                print((folder / "log").read_text(errors="replace")[-4000:])
                raise
            finally:
                for program in reversed(programs):
                    program.terminate()
                    program.wait()


if __name__ == "__main__":
    main()
