#!/usr/bin/env python3
"""A gateway that has nothing connects last of a crowd that comes back: it is served before most of it.

    admission.py BINARY EXAMPLE

Fairlead is stopped while they all connect and say who they are, so that it finds all of them at once.
Frames are made by hand: libraries wait for the server before they say anything.
"""
import pathlib
import re
import shutil
import signal
import socket
import struct
import sys

from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2

from ports import ADDRESS
from stage import Stage, expect, get, wait_for

CROWD, RESOURCES = 400, 400
CLUSTERS = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"


def frame(kind, payload, stream=0, flags=0):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A header field without compression (RFC 7541 §6.2.2)."""
    return bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def opening(request):
    """All a client says before it has heard from the server, within the window it has then."""
    message = request.SerializeToString()
    data = b"\0" + struct.pack(">I", len(message)) + message
    assert len(data) <= 65535, len(data)
    headers = b"".join(literal(*field) for field in [
        (":method", "POST"), (":scheme", "http"), (":authority", "fairlead"), (":path", PATH),
        ("content-type", "application/grpc"), ("te", "trailers")])
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, b"") + frame(1, headers, 1, 4) + b"".join(
        frame(0, data[start:start + 16384], 1) for start in range(0, len(data), 16384))


def connect(port, kind, name, versions):
    node = base_pb2.Node(id=f"{kind}~127.0.0.1~{name}.istio-system~istio-system.svc.cluster.local")
    node.metadata["NAMESPACE"] = "istio-system"
    client = socket.create_connection((ADDRESS, port))
    client.sendall(opening(discovery_pb2.DeltaDiscoveryRequest(
        type_url=CLUSTERS, node=node, initial_resource_versions=versions)))
    return client


def main():
    binary, example = sys.argv[1:]
    with Stage.open(binary, "") as stage:
        for file in pathlib.Path(example).glob("*.yaml"):
            shutil.copy(file, stage.config)
        stage.start_fairlead("--io-threads", 1)
        wait_for("readiness", lambda: get(stage.web, "/ready")[0] == 200)
        had = {f"outbound|80||service-{number}.of-yesterday.svc.cluster.local": f"{number:032x}" for number in range(RESOURCES)}
        stage.fairlead.send_signal(signal.SIGSTOP)
        try:
            clients = [connect(stage.xds, "sidecar", f"back-{number}", had) for number in range(CROWD)]
            clients.append(connect(stage.xds, "router", "cold", {}))
        finally:
            stage.fairlead.send_signal(signal.SIGCONT)
        wait_for("all to be served", lambda: sum(
            stage.metric(f'fairlead_admission_admitted_total{{rank="{rank}"}}')
            for rank in ("cold_gateway", "warm_sidecar")) == CROWD + 1)
        wait_for("their names in the log", lambda: stage.log.read_text().count(" connected\n") == CROWD + 1)
        order = re.findall(r"info (\S+)\.istio-system connected", stage.log.read_text())
        before = order.index("cold")
        expect(f"before the gateway that came last of {CROWD}, not {before}", before < CROWD * 3 // 4, True)
        # Those of equal rank are served in the order they came.
        back = [int(name.removeprefix("back-")) for name in order if name != "cold"]
        expect("in order", back, sorted(back))
        expect("waiting", stage.metric('fairlead_admission_waiting{rank="warm_sidecar"}'), 0)
        waited = stage.metric('fairlead_admission_waited_milliseconds_total{rank="warm_sidecar"}')
        expect("some waited", waited > 0, True)
        for client in clients:
            client.close()


if __name__ == "__main__":
    main()
