"""What kubernetes.py's scenarios are played with: a served mesh, API servers, kubeconfigs, the objects of the example."""
import asyncio, base64, contextlib, copy, functools, json, os, pathlib, re, signal, subprocess, sys, tempfile, threading, time
import urllib.error, urllib.request

import grpc, yaml
from envoy.config.core.v3 import base_pb2
from google.protobuf import json_format

import ads, apiserver

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "deploy/examples/bookinfo"
GATEWAY = "router~127.16.0.1~istio-ingressgateway-1.istio-system~istio-system.svc.cluster.local"
METADATA = {"NAMESPACE": "istio-system", "SERVICE_ACCOUNT": "istio-ingressgateway",
            "LABELS": {"istio": "ingressgateway", "app": "istio-ingressgateway"}}
BINARY = None


def play(scenarios):
    """What each script does with its words: the binary, and the scenarios to play, all where none is named."""
    global BINARY
    BINARY, wanted = sys.argv[1], sys.argv[2:]
    for scenario in scenarios:
        if not wanted or scenario.__name__ in wanted:
            began = time.monotonic()
            scenario()
            print(f"{scenario.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    # Threads of gRPC's that are left would run into an interpreter that is being taken down.
    sys.stderr.flush()
    os._exit(0)


def until(what, question, seconds=60):
    """What the question answers once that is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"after {seconds} s: {what}")


class Serving:
    def __init__(self, *arguments, environment=None):
        self.lines, self.ready = [], threading.Event()
        self.process = subprocess.Popen(
            [BINARY, "serve", "--xds-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", *map(str, arguments)],
            stderr=subprocess.PIPE, text=True, env=os.environ | (environment or {}))
        threading.Thread(target=self.read, daemon=True).start()
        line = until("it listens", lambda: next((l for l in list(self.lines) if "listening xds=" in l), None))
        self.xds, self.http = re.search(r"xds=(\S+) http=(\S+)", line).groups()

    def read(self):
        for line in self.process.stderr:
            self.lines.append(line)

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait(self, seconds=60):
        until(f"/ready: {self.page('/ready')}", lambda: self.page("/ready")[0] == 200, seconds)
        return self

    def kinds(self):
        return json.loads(self.page("/debug/kubernetes")[1])["kinds"]

    def resources(self, node_id=GATEWAY, metadata=METADATA, with_secrets=True):
        node = base_pb2.Node(id=node_id)
        json_format.ParseDict(metadata, node.metadata)
        with grpc.insecure_channel(self.xds, options=[("grpc.max_receive_message_length", -1)]) as channel:
            return ads.dump(channel, node, with_secrets)

    def said(self, text):
        return any(text in line for line in list(self.lines))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        assert status == 0, f"ended with {status}: {''.join(self.lines[-20:])}"
        return "".join(self.lines)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self.process.poll() is None:
            if failure[0]:
                self.process.kill()
                print("".join(self.lines[-40:]), file=sys.stderr)
            else:
                self.stop()


def openssl(folder, name, host="127.0.0.1"):
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "30", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:127.0.0.1,DNS:{host}", "-keyout", f"{name}.key",
                    "-out", f"{name}.crt"], cwd=folder, check=True, capture_output=True)
    return folder / f"{name}.crt", folder / f"{name}.key"


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield pathlib.Path(name)


def kubeconfig(path, server, cluster=None, user=None):
    """A kubeconfig of one context."""
    path.write_text(yaml.safe_dump({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "one", "user": "me"}}],
        "clusters": [{"name": "one", "cluster": {"server": server} | (cluster or {})}],
        "users": [{"name": "me", "user": user or {}}]}))
    return path


@contextlib.contextmanager
def world(things=(), seed=0, memory=10_000, minor="31", **cluster_settings):
    """An API server over TLS that holds the things, and a kubeconfig that leads there."""
    with folder() as place:
        certificate, key = openssl(place, "server")
        cluster = apiserver.Cluster(memory=memory, seed=seed)
        cluster.minor = minor
        for thing in things:
            cluster.put(thing)
        cluster.tokens = {"first-token"}
        server = apiserver.serve(cluster, certificate, key)
        cluster.url = f"https://127.0.0.1:{server.server_address[1]}"
        cluster.folder = place
        (place / "token").write_text("first-token\n")
        cluster.kubeconfig = kubeconfig(place / "config", cluster.url, {"certificate-authority": "server.crt"} | cluster_settings,
                                        {"tokenFile": "token"})
        yield cluster
        server.shutdown()


def documents(path):
    files = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    return [thing for file in files for thing in yaml.load_all(file.read_text(), yaml.CSafeLoader)
            if isinstance(thing, dict) and thing.get("kind")]


def created(things):
    """With a creation time each, in order: what an API server gives, and what settles conflicts."""
    things = copy.deepcopy(things)
    for number, thing in enumerate(things):
        thing["metadata"]["creationTimestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + number))
    return things


@functools.cache
def secrets():
    """The credentials that the example's Gateway names."""
    with folder() as place:
        pairs = {name: openssl(place, name) for name in ("bookinfo-secret", "ecommerce-tls-secret")}
        return json.dumps([{
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": name, "namespace": "istio-system"},
            "data": {"tls.crt": base64.b64encode(crt.read_bytes()).decode(), "tls.key": base64.b64encode(key.read_bytes()).decode()}}
            for name, (crt, key) in pairs.items()])


def example():
    return created(documents(EXAMPLE) + json.loads(secrets()))


def from_files(things, *arguments, proxies=((GATEWAY, METADATA),)):
    """What is served of the same objects in a directory."""
    with folder() as place:
        (place / "all.yaml").write_text(yaml.dump_all(things, Dumper=yaml.CSafeDumper))
        with Serving("--config", place, *arguments) as serving:
            serving.wait()
            return [serving.resources(*proxy) for proxy in proxies]


@contextlib.contextmanager
def kmock_server(things):
    """kmock's API server with the things created over its API, and a function that changes one."""
    import kmock
    from kmock._internal import parsing
    # kmock 0.8 trips over the list of namespaces: here it knows none, as of any kind it was not told of.
    real = parsing.parse_path
    parsing.parse_path = lambda path: real("/api/v1/nodes" if path == "/api/v1/namespaces" else path)
    loop, began, leave = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    address = []

    async def main():
        emulator = kmock.KubernetesEmulator()
        for thing in things:
            group, _, version = thing["apiVersion"].rpartition("/")
            emulator.resources[f"{group}/{version}/{apiserver.plural(thing['kind'])}" if group else
                               f"{version}/{apiserver.plural(thing['kind'])}"] = {"kind": thing["kind"]}
        async with emulator, kmock.Server(emulator) as server:
            address.append(str(server.url).rstrip("/"))
            began.set()
            await leave.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    assert began.wait(10), "kmock starts"

    def send(method, thing):
        group, _, version = thing["apiVersion"].rpartition("/")
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        meta = thing["metadata"]
        namespace = "" if thing["kind"] in apiserver.CLUSTER_WIDE else f"/namespaces/{meta.setdefault('namespace', 'default')}"
        name = "" if method == "POST" else f"/{meta['name']}"
        request = urllib.request.Request(
            f"{address[0]}{root}{namespace}/{apiserver.plural(thing['kind'])}{name}", method=method,
            data=json.dumps(thing).encode(), headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).read()

    for thing in things:
        send("POST", thing)
    try:
        yield address[0], send
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join(10)
