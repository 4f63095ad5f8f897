"""gRPC's own xDS client (`xds:///…`) against the discovery stream on the other side of stdin and stdout.

The gRPC server that it talks to is here and knows nothing of xDS: it hands each message over in a
line and sends what lines come back. `open`, `message HEX`, `set TYPE NAME HEX`, `remove TYPE NAME`,
`commit` and `status SERVICE` are answered with any number of `send HEX` or other lines and `done`.
"""
import concurrent.futures
import json
import os
import queue
import sys
import threading
import traceback

import grpc
from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.endpoint.v3 import endpoint_pb2
from envoy.config.listener.v3 import listener_pb2
from envoy.config.route.v3 import route_pb2
from envoy.extensions.filters.http.router.v3 import router_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
LOCK = threading.Lock()
PATIENCE = 100  # tries, a tenth of a second apart


class Discovery:
    """The stream of the client that is connected, if one is."""

    def __init__(self):
        self.outgoing = queue.Queue()

    def tell(self, line):
        """Answers the lines said back that are not to be sent."""
        with LOCK:
            print(line, flush=True)
            said = []
            for answer in iter(sys.stdin.readline, "done\n"):
                if answer.startswith("send "):
                    self.outgoing.put(bytes.fromhex(answer.split()[1]))
                else:
                    said.append(answer.strip())
            return said

    def serve(self, requests, context):
        self.outgoing = outgoing = queue.Queue()
        self.tell("open")

        def receive():
            try:
                for message in requests:
                    self.tell(f"message {message.hex()}")
            except grpc.RpcError:
                pass
            outgoing.put(None)

        threading.Thread(target=receive, daemon=True).start()
        yield from iter(outgoing.get, None)

    def break_off(self):
        self.outgoing.put(None)

    def set(self, kind, name, message):
        self.tell(f"set {kind} {name} {message.SerializeToString().hex()}")

    def remove(self, kind, name):
        self.tell(f"remove {kind} {name}")

    def commit(self):
        self.tell("commit")


def server(handlers):
    made = grpc.server(concurrent.futures.ThreadPoolExecutor(8), handlers=[handlers])
    port = made.add_insecure_port("127.0.0.1:0")
    made.start()
    return made, port


def backend(word):
    class Handlers(grpc.GenericRpcHandler):
        def service(self, call):
            return grpc.unary_unary_rpc_method_handler(lambda request, context: word.encode())

    return server(Handlers())


def listener(route, is_bad=False):
    manager = http_connection_manager_pb2.HttpConnectionManager()
    manager.rds.route_config_name = route
    manager.rds.config_source.ads.SetInParent()
    router = manager.http_filters.add(name="router")
    if not is_bad:  # a filter without configuration is refused
        router.typed_config.Pack(router_pb2.Router())
    made = listener_pb2.Listener(name="greeter")
    made.api_listener.api_listener.Pack(manager)
    return made


def routes(cluster):
    made = route_pb2.RouteConfiguration(name="routes")
    host = made.virtual_hosts.add(name="all", domains=["*"])
    route = host.routes.add()
    route.match.prefix = ""
    route.route.cluster = cluster
    return made


def cluster(name):
    made = cluster_pb2.Cluster(name=name, type=cluster_pb2.Cluster.EDS)
    made.eds_cluster_config.eds_config.ads.SetInParent()
    return made


def endpoints(name, port):
    made = endpoint_pb2.ClusterLoadAssignment(cluster_name=name)
    locality = made.endpoints.add()
    locality.load_balancing_weight.value = 1
    locality.locality.region = "here"
    address = locality.lb_endpoints.add().endpoint.address.socket_address
    address.address, address.port_value = "127.0.0.1", port
    return made


def wait_for(what, condition):
    pause = threading.Event()
    for _ in range(PATIENCE):
        if condition():
            return
        pause.wait(0.1)
    raise SystemExit(f"{what}: waited for in vain")


def main():
    discovery = Discovery()

    class Handlers(grpc.GenericRpcHandler):
        def service(self, call):
            if call.method == METHOD:
                return grpc.stream_stream_rpc_method_handler(discovery.serve)

    kept = [server(Handlers()), backend("one"), backend("two")]
    xds, one, two = (port for _, port in kept)
    os.environ["GRPC_XDS_BOOTSTRAP_CONFIG"] = json.dumps({
        "xds_servers": [{"server_uri": f"127.0.0.1:{xds}", "server_features": ["xds_v3"],
                         "channel_creds": [{"type": "insecure"}]}],
        "node": {"id": "greeter-client", "metadata": {"A": {"B": [1, True, None]}}}})

    discovery.set("LDS", "greeter", listener("routes"))
    discovery.set("RDS", "routes", routes("first"))
    discovery.set("CDS", "first", cluster("first"))
    discovery.set("EDS", "first", endpoints("first", one))
    discovery.commit()

    channel = grpc.insecure_channel("xds:///greeter")
    call = channel.unary_unary("/test.Greeter/Greet")
    ask = lambda: call(b"", timeout=10, wait_for_ready=True).decode()
    says = lambda word: lambda: ask() == word
    state = lambda kind: discovery.tell(f"status {kind}")[0]
    assert ask() == "one"

    # Another cluster takes the place of the first in one step; no call fails meanwhile.
    discovery.set("CDS", "second", cluster("second"))
    discovery.set("EDS", "second", endpoints("second", two))
    discovery.set("RDS", "routes", routes("second"))
    discovery.remove("CDS", "first")
    discovery.remove("EDS", "first")
    discovery.commit()
    wait_for("the second cluster", says("two"))

    # Endpoints alone.
    discovery.set("EDS", "second", endpoints("second", one))
    discovery.commit()
    wait_for("the second cluster's other endpoint", says("one"))

    # A listener that is refused changes nothing, and what comes after it is taken.
    discovery.set("LDS", "greeter", listener("routes", is_bad=True))
    discovery.set("EDS", "second", endpoints("second", two))
    discovery.commit()
    wait_for("a rejection", lambda: state("LDS").startswith("ERROR"))
    wait_for("endpoints after a rejection", says("two"))
    discovery.set("LDS", "greeter", listener("routes"))
    discovery.commit()
    wait_for("a listener that is accepted", lambda: state("LDS").startswith("SYNCED"))

    # A new stream.
    discovery.break_off()
    discovery.set("EDS", "second", endpoints("second", one))
    discovery.commit()
    wait_for("endpoints over a new stream", says("one"))

    # Nothing there any more, which the client is told and need not guess from silence.
    discovery.remove("RDS", "routes")
    discovery.remove("LDS", "greeter")
    discovery.commit()

    def fails():
        try:
            return not call(b"", timeout=10)
        except grpc.RpcError as error:
            return error.code() == grpc.StatusCode.UNAVAILABLE

    wait_for("calls without a listener", fails)
    with LOCK:
        print("end", flush=True)
        os._exit(0)


try:
    main()
except BaseException:
    traceback.print_exc()
    with LOCK:
        os._exit(1)
