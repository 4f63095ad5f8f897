#!/usr/bin/env python3
"""HTTP/3 through a real Envoy, asked by aioquic: the host that clients learn of over TCP answers over UDP.

    quic.py BINARY ENVOY
"""
import asyncio
import base64
import http.client
import socket
import ssl
import subprocess
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration

from stage import ADDRESS, Stage, expect, wait_for

BINARY, ENVOY = sys.argv[1:]
HOST = "shop.example.com"

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


def run(stage):
    crt, key = certificate(stage.folder)
    authorities = str(stage.folder / "certificate.pem")
    stage.write("mesh.yaml", MESH.format(port=stage.gateway, host=HOST, certificate=crt, key=key))
    stage.start_fairlead("--quic-listeners")
    stage.start_envoy()
    wait_for("an answer over TCP", lambda: over_tcp(stage.gateway, authorities)[0] == 200)
    alternative = f'h3=":{stage.gateway}"; ma=86400'
    expect("over TCP", over_tcp(stage.gateway, authorities), (200, alternative, "from the shop"))
    expect("over UDP", asyncio.run(over_udp(stage.gateway, authorities)), ("200", "from the shop"))


if __name__ == "__main__":
    with Stage.open(BINARY, ENVOY) as stage:
        run(stage)
