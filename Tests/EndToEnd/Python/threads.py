#!/usr/bin/env python3
"""Many of gRPC's own clients at a Fairlead with several I/O threads, over TCP and over a Unix socket.

    threads.py BINARY EXAMPLE tcp|unix

All are sent the same, before an edit and after it; the threads have as many clients each; a thousand
that come and go leave no descriptor and no thread behind; SIGTERM ends all streams.
"""
import contextlib
import http.client
import pathlib
import shutil
import sys
import threading
import time

import grpc
from envoy.config.core.v3 import base_pb2
from google.protobuf import json_format

from ads import Stream, dump
from ports import ADDRESS
from stage import Stage, expect, get, wait_for

THREADS, CLIENTS, LEAVERS, TOGETHER = 3, 12, 1000, 50

ADDED = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: added, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 8999, name: http-added, protocol: HTTP}
    hosts: ["*"]
"""


def node(pod, app):
    """Two apps are two classes of proxies, which are sent different gateways."""
    metadata = {"NAMESPACE": "istio-system", "SERVICE_ACCOUNT": app, "LABELS": {"istio": app, "app": app}}
    return base_pb2.Node(
        id=f"router~127.16.{pod // 250}.{pod % 250}~{app}-{pod}.istio-system~istio-system.svc.cluster.local",
        metadata=json_format.ParseDict(metadata, base_pb2.Node().metadata))


class World:
    def __init__(self, stage, example, kind):
        self.stage, self.kind = stage, kind
        self.unix = stage.folder / "xds.sock"
        for file in pathlib.Path(example).glob("*.yaml"):
            shutil.copy(file, stage.config)
        stage.fairlead = stage.start(
            stage.binary, "serve", "--config", stage.config, "--http-address", f"{ADDRESS}:{stage.web}",
            "--io-threads", THREADS, "--xds-address",
            f"unix:{self.unix}" if self.kind == "unix" else f"{ADDRESS}:{stage.xds}")
        wait_for("readiness", lambda: get(stage.web, "/ready")[0] == 200)
        self.process = pathlib.Path("/proc") / str(stage.fairlead.pid)

    def channel(self):
        """A connection of its own."""
        target = f"unix:{self.unix}" if self.kind == "unix" else f"{ADDRESS}:{self.stage.xds}"
        return grpc.insecure_channel(target, options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)])

    def held(self):
        return len(list((self.process / "fd").iterdir())), len(list((self.process / "task").iterdir()))

    def held_at_most(self, before):
        return all(now <= then for now, then in zip(self.held(), before))

    def clients(self):
        return self.stage.metric("pilot_xds")

    def loads(self):
        return [self.stage.metric(f'fairlead_io_thread_clients{{thread="{n}"}}') for n in range(THREADS)]


def come_and_go(world):
    for start in range(0, LEAVERS, TOGETHER):
        channels = [world.channel() for _ in range(TOGETHER)]
        streams = [Stream(channel, node(start + i, "ingressgateway")) for i, channel in enumerate(channels)]
        for stream in streams:
            stream.ask("clusters")
        for channel in channels:
            channel.close()


def run(world):
    wait_for("nobody", lambda: world.clients() == 0)
    before = world.held()
    channels = [world.channel() for _ in range(CLIENTS)]
    apps = ["ingressgateway", "other"]
    first = [dump(channel, node(pod, apps[pod % 2]), with_secrets=False) for pod, channel in enumerate(channels)]
    streams = [Stream(channel, node(pod, "ingressgateway")) for pod, channel in enumerate(channels)]
    listeners = [len(stream.ask("listeners")) for stream in streams]
    for pod, found in enumerate(first):
        expect(f"what client {pod} is sent", found, first[pod % 2])
    expect("two classes differ", first[0] == first[1], False)
    wait_for("as many on each thread", lambda: world.loads() == [CLIENTS // THREADS] * THREADS)
    admitted = world.stage.metric('fairlead_admission_admitted_total{rank="cold_gateway"}')
    expect("admitted", admitted, 2 * CLIENTS)
    world.stage.write("added.yaml", ADDED)
    for stream, count in zip(streams, listeners):
        expect("listeners after the edit", len(next(stream.responses).resources), count + 1)
    syncz = get(world.stage.web, "/debug/syncz")[1]
    for pod in range(CLIENTS):
        expect(f"client {pod} in /debug/syncz", f"ingressgateway-{pod}.istio-system" in syncz, True)
    dumped, _ = get(world.stage.web, f"/debug/config_dump?proxy=ingressgateway-{CLIENTS - 1}.")
    expect("a dump of the last client", dumped, 200)
    for channel in channels:
        channel.close()
    wait_for("all to have gone", lambda: world.clients() == 0)
    come_and_go(world)
    wait_for("all to have gone", lambda: world.clients() == 0)
    # What a client's last words are read from closes when the client has.
    wait_for(f"{before} descriptors and threads, not {world.held()}", lambda: world.held_at_most(before))
    end(world)


def scrape(world):
    """Asks for pages of all threads until nobody answers."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            get(world.stage.web, "/metrics")


def end(world):
    channels = [world.channel() for _ in range(CLIENTS)]
    streams = [Stream(channel, node(pod, "ingressgateway")) for pod, channel in enumerate(channels)]
    for stream in streams:
        stream.ask("clusters")
    scrapers = [threading.Thread(target=scrape, args=(world,)) for _ in range(4)]
    for scraper in scrapers:
        scraper.start()
    begin = time.monotonic()
    expect("status after SIGTERM", world.stage.stop_fairlead(), 0)
    expect("ends within 5 s, whoever asks for pages", time.monotonic() - begin < 5, True)
    for scraper in scrapers:
        scraper.join()
    for stream in streams:
        try:
            for _ in stream.responses:
                pass
            raise SystemExit("a stream ended without a status")
        except grpc.RpcError as error:
            expect("how a stream ends", error.code(), grpc.StatusCode.UNAVAILABLE)


def main():
    binary, example, kind = sys.argv[1:]
    with Stage.open(binary, "") as stage:
        run(World(stage, example, kind))


if __name__ == "__main__":
    main()
