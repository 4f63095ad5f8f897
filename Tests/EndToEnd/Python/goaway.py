#!/usr/bin/env python3
"""Connections that Fairlead asks to come again: no request of a real Envoy notices.

    goaway.py BINARY ENVOY delta|sotw|share

Every few seconds the connection has had its time, amid edits and without; each request must be answered
200. Back again, an Envoy that has all there is is sent nothing, and nothing is compiled for it. `share`:
of gRPC's own clients as many as are too many are asked to go, the oldest, and the others hear nothing.
"""
import re

import grpc

from ads import Stream
from ports import ADDRESS
from stage import Stage, expect, get, wait_for
from threads import node
from traffic import BINARY, ENVOY, MODE, World, under_load

CLIENTS, SHARE = 6, 3


def left(world, what):
    return world.stage.metric(f'fairlead_connections_total{{what="{what}"}}')


def came_again(world, times):
    """Waits until the connection has been asked so often more, and the client is back."""
    wanted = left(world, "aged") + times
    wait_for("a connection's time", lambda: left(world, "aged") >= wanted and world.stage.metric("pilot_xds") == 1)


def computed(world):
    page = get(world.stage.web, "/metrics")[1]
    found = re.findall(r'^fairlead_values_computed_total\{function="(?!analysis)[^"]*"\} (\d+)', page, re.M)
    return sum(map(int, found))


def run(world):
    world.write(0)
    world.stage.start_fairlead("--max-connection-age", "3s", "--io-threads", 2)
    world.stage.start_envoy("--ads", MODE)
    wait_for("the first answer", lambda: get(world.stage.gateway)[0] == 200)
    with under_load(world):
        for edition in range(1, 13):
            world.write(edition)
            world.wait_for_edition(edition)
            if edition % 4 == 0:
                came_again(world, 1)
        sent = {kind: world.stage.sent(kind) for kind in ("cds", "eds", "lds", "rds")}
        before, times = computed(world), left(world, "aged")
        came_again(world, 2)
        times = left(world, "aged") - times
        if MODE == "delta":
            # A wildcard is answered, with nothing in it but type, version and nonce.
            for kind, count in sent.items():
                expect(f"{kind} for a client that has all", world.stage.sent(kind) - count <= 100 * times, True)
        # Which class a node is of is all there is to compute.
        expect("values for a client that came again", computed(world) - before < 20, True)
        expect("clusters", world.clusters(), {"edition12"})
    expect("rejected", world.stage.rejections(), [])


def share(world):
    world.write(0)
    world.stage.start_fairlead(
        "--connection-share", SHARE, "--io-threads", 1, "--max-connection-age", "60s")
    wait_for("readiness", lambda: get(world.stage.web, "/ready")[0] == 200)
    channels = [grpc.insecure_channel(f"{ADDRESS}:{world.stage.xds}", options=[
        ("grpc.use_local_subchannel_pool", 1)]) for _ in range(CLIENTS)]
    streams = []
    for pod, channel in enumerate(channels):
        # One after the other is served: begun together, a later one's connection may be the older.
        streams.append(Stream(channel, node(pod, "ingressgateway"), timeout=60))
        streams[-1].ask("listeners")
    asked = CLIENTS - SHARE
    for number, stream in enumerate(streams[:asked]):
        try:
            next(stream.responses)
            raise SystemExit(f"client {number} is sent something, and not asked to go")
        except grpc.RpcError as error:
            expect(f"client {number}", (error.code(), error.details()), (
                grpc.StatusCode.UNAVAILABLE, "the connection has had its time; another one will do"))
    wait_for("those who are within the share", lambda: world.stage.metric("pilot_xds") == SHARE)
    expect("asked", left(world, "shed"), asked)
    world.write(1)
    for stream in streams[asked:]:
        stream.ask("clusters")


def main():
    with Stage.open(BINARY, ENVOY) as stage:
        (share if MODE == "share" else run)(World(stage))


if __name__ == "__main__":
    main()
