#!/usr/bin/env python3
"""Why clients were sent what they were sent: /debug/pushes and the metrics, by a client that answers as it is told.

    pushes.py BINARY

An edit of a file shows with its object, bytes and answer, a rejection with its cause; a client that stops reading shows
as slow until it reads again.
"""
import contextlib
import json
import queue
import re
import sys

import grpc
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf import json_format
from google.rpc import status_pb2

from stage import ADDRESS, Stage, expect, get, wait_for

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
METADATA = {"NAMESPACE": "istio-system", "SERVICE_ACCOUNT": "gateway", "LABELS": {"istio": "ingressgateway"}}
# Larger than what the two sockets and the client's window hold by themselves.
LARGE = 24 << 20

GATEWAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]
"""
ROUTE = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: istio-system}}
spec:
  hosts: [{name}.example.com]
  gateways: [gw]
  http: [{{directResponse: {{status: 200, body: {{string: "{text}"}}}}}}]
"""


class Client:
    """A delta stream that reads a response when it is told to."""

    def __init__(self, stage, name):
        self.requests = queue.Queue()
        self.node = base_pb2.Node(id=f"router~10.0.0.1~{name}.istio-system~istio-system.svc.cluster.local")
        json_format.ParseDict(METADATA, self.node.metadata)
        self.channel = grpc.insecure_channel(f"{ADDRESS}:{stage.xds}", options=[
            ("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)])
        self.responses = self.channel.stream_stream(
            METHOD, request_serializer=discovery_pb2.DeltaDiscoveryRequest.SerializeToString,
            response_deserializer=discovery_pb2.DeltaDiscoveryResponse.FromString)(iter(self.requests.get, None), timeout=120)

    def ask(self, url, *names):
        self.requests.put(discovery_pb2.DeltaDiscoveryRequest(node=self.node, type_url=url, resource_names_subscribe=names))

    def read(self):
        return next(self.responses)

    def answer(self, response, complaint=None):
        error = status_pb2.Status(code=3, message=complaint) if complaint else None
        self.requests.put(discovery_pb2.DeltaDiscoveryRequest(
            type_url=response.type_url, response_nonce=response.nonce, error_detail=error))

    def close(self):
        self.requests.put(None)
        self.channel.close()


def pushes(stage, **parameters):
    query = "&".join(f"{key}={value}" for key, value in parameters.items())
    status, body = get(stage.web, f"/debug/pushes?o=json&{query}")
    expect("status of /debug/pushes", status, 200)
    return json.loads(body)["pushes"]


def row(stage, text, after=0):
    """The newest push that an object caused, once it is another than that one and its response is answered."""
    found = []

    def is_answered():
        found[:] = pushes(stage, object=text, limit=1)
        return found and found[0]["push"] > after and found[0]["responses"] and found[0]["responses"][0]["state"] != "sent"
    wait_for(f"a push of {text}", is_answered)
    return found[0]


def edits(stage, client):
    client.ask(ROUTES, "http.8080")
    client.answer(client.read())
    stage.write("cart.yaml", "# One line\n" + ROUTE.format(name="cart", text="two"))
    response = client.read()
    client.answer(response)
    push = row(stage, "VirtualService/istio-system/cart")
    expect("the object", push["objects"], [
        {"kind": "VirtualService", "namespace": "istio-system", "name": "cart", "reference": f"{stage.config}/cart.yaml:3"}])
    expect("objects", push["objectCount"], 1)
    expect("what sent it", push["trigger"], "config")
    if not 0 < push["computedCount"] == sum(push["computed"].values()) < 50:
        raise SystemExit(f"values computed: {push['computed']}")
    routes, sent = push["types"]["RDS"], push["responses"][0]
    expect("bytes", [routes["sentBytes"], sent["bytes"]], [response.ByteSize()] * 2)
    expect("answers", [routes["accepted"], routes["rejected"], sent["state"]], [1, 0, "accepted"])
    if not 0 < push["compiledMilliseconds"] <= sent["sentMilliseconds"] < sent["answeredMilliseconds"]:
        raise SystemExit(f"times: {push}")
    for name in "fairlead_push_compiled_seconds", "pilot_xds_push_time", "fairlead_push_acked_seconds":
        expect(name, stage.metric(f'{name}_count{{type="rds"}}') >= 1, True)
    expect("converged", stage.metric("pilot_proxy_convergence_time_count") >= 1, True)
    expect("triggers", stage.metric('pilot_push_triggers{type="config"}'), 1)
    text = get(stage.web, "/debug/pushes?object=shop/none")[1]
    expect("pushes of an object that does not exist", text, "no push to show\n")

    stage.write("cart.yaml", ROUTE.format(name="cart", text="three"))
    client.answer(client.read(), "no such\nthing")
    push = row(stage, "VirtualService/istio-system/cart", after=push["push"])
    expect("the rejection", [push["responses"][0][k] for k in ("state", "reason")], ["rejected", "no such thing"])
    expect("rejections", stage.metric('fairlead_rejected_responses_total{type="rds"}'), 1)
    wait_for("its cause in the log", lambda: re.search(
        r"rejects RDS: no such thing\n +It was sent for push \d+, VirtualService istio-system/cart \(.*cart.yaml:2\)",
        stage.log.read_text()))
    expect("the rejection on the page", "REJECTED" in get(stage.web, "/debug/pushes?type=rds&limit=1")[1], True)


def slow(stage, client):
    """Two large responses: the first fills what there is between the two, the second is never asked for."""
    def behind():
        clients = json.loads(get(stage.web, "/debug/syncz")[1])
        return next((c.get("behind") for c in clients if c["proxy"].startswith("slow")), None)

    client.ask(ROUTES, "http.8080")
    client.answer(client.read())
    stage.write("large.yaml", "---".join(ROUTE.format(name=f"large{i}", text="x" * 100_000) for i in range(LARGE // 100_000)))
    wait_for("a response that does not get through", lambda: (behind() or {}).get("queuedBytes", 0) > 0)
    stage.write("cart.yaml", ROUTE.format(name="cart", text="while it sleeps"))
    wait_for("a push that waits for the client", lambda: behind()["unsent"] == ["RDS"])
    expect("waits", stage.metric('fairlead_pending_pushes{state="unsent"}'), 1)
    wait_for("a slow client", lambda: stage.metric("fairlead_slow_clients") == 1)
    expect("slow clients so far", stage.metric("fairlead_slow_clients_total"), 1)
    expect("its age", stage.metric("fairlead_pending_push_age_milliseconds") >= 5000, True)
    expect("its queue", behind()["queuedBytes"] > 0 and behind()["milliseconds"] >= 5000, True)
    wait_for("the log", lambda: re.search(
        r"slow.* have not taken or not answered for \d+ s what they are sent, since push \d+, VirtualService .*large0 "
        r".* and \d+ more", stage.log.read_text()))
    for _ in range(2):
        client.answer(client.read())
    wait_for("a client that has caught up", lambda: behind() is None)
    wait_for("none that is slow", lambda: stage.metric("fairlead_slow_clients") == 0)


def main():
    with Stage.open(sys.argv[1], None) as stage, contextlib.ExitStack() as clients:
        stage.write("gateway.yaml", GATEWAY)
        stage.write("cart.yaml", ROUTE.format(name="cart", text="one"))
        stage.start_fairlead("--audit-interval", "1s")
        wait_for("ready", lambda: get(stage.web, "/ready")[0] == 200)
        for name, scenario in ("quick", edits), ("slow", slow):
            client = Client(stage, name)
            scenario(stage, client)
            client.close()
        wait_for("audits", lambda: stage.metric("fairlead_audit_rounds_total") >= 2)
        expect("values that were audited", stage.metric("fairlead_audit_values_total") > 100, True)
        expect("values that were wrong", stage.metric("fairlead_audit_differences_total"), 0)


if __name__ == "__main__":
    main()
