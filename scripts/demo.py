#!/usr/bin/env python3
"""Fairlead, a real Envoy and a few small services on this machine, to try with curl; Ctrl-C ends everything.

    demo.py [--binary .build/release/fairlead] [--ads delta|sotw] [--unix] [--check]

The configuration is a copy of deploy/examples/bookinfo in a temporary folder, with TLS secrets made for this run; edit
it there and watch the answers change. With --check it asks the questions itself, compares the answers, and ends with
status 0 if all were right. Needs Python's own library, openssl and .venv (make setup).
"""
import argparse, base64, collections, contextlib, hashlib, http.client, http.server, json, pathlib, random, re, shutil, signal, socket, ssl
import subprocess, sys, tempfile, threading, time, urllib.error, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "deploy/examples/bookinfo"
SECRETS = {"bookinfo-secret": "bookinfo.example.com", "ecommerce-tls-secret": "shop.mystore.com"}
NETWORK = "127.16.0."  # the pods' addresses in the example
GATEWAY_PORTS = {"http": 10080, "https": 10443}  # the gateway Service's target ports in the example


# What runs

class Upstream(http.server.BaseHTTPRequestHandler):
    """Plays one pod: says who it is and what it was asked."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{self.server.pod}: {self.command} {self.path} for {self.headers['Host']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *_):
        pass


def pods(config):
    """(pod, address, port) of every endpoint of the example's slices."""
    for piece in (config / "services.yaml").read_text().split("---\n"):
        if "kind: EndpointSlice" in piece:
            port = int(re.search(r"port: (\d+)", piece)[1])
            yield from ((pod, address, port) for address, pod in
                        re.findall(r"addresses: \[(.*?)\].*?kind: Pod, name: ([\w-]+)", piece, re.S))


def start_upstreams(config, stack):
    for pod, address, port in pods(config):
        server = http.server.ThreadingHTTPServer((address, port), Upstream)
        server.daemon_threads, server.pod = True, pod
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)


class Program:
    """A child process that is ended with its owner, and whose output is kept in a file."""

    def __init__(self, name, arguments, folder, stack):
        self.name, self.log = name, folder / f"{name}.log"
        with open(self.log, "w") as out:
            self.process = subprocess.Popen([str(a) for a in arguments], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            start_new_session=True)
        stack.callback(self.end)

    def end(self):
        """SIGTERM, and the status it ended with; one that does not end in 10 s is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def until(self, what, condition, seconds=20):
        """Waits for the condition's first true answer; its end or the time's is an error that shows its log."""
        limit = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError, ValueError):
                if answer := condition():
                    return answer
            if self.process.poll() is not None or time.monotonic() > limit:
                ended = self.process.returncode
                raise SystemExit(f"{self.name}: no {what}" + ("" if ended is None else f", ended with status {ended}")
                                 + "; its log ends:\n" + "\n".join(line[:300] for line in self.log.read_text().splitlines()[-20:]))
            time.sleep(0.02)


# The copy of the example

def free(address, port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((address, port))
            return s.getsockname()[1]
        except OSError:
            return None


def free_places(config, own):
    """Addresses and ports nobody uses: the example's own if they are free and `own` allows them."""
    wanted = [(a, p) for _, a, p in pods(config)]
    if own and all(free(a, p) for a, p in wanted) and all(free("0.0.0.0", p) for p in GATEWAY_PORTS.values()):
        return NETWORK, GATEWAY_PORTS
    while True:
        network = f"127.{random.randrange(17, 250)}.{random.randrange(1, 250)}."
        if all(free(a.replace(NETWORK, network), p) for a, p in wanted):
            return network, gateway_ports()


def gateway_ports():
    """Free ones, below those that the kernel gives to clients' sockets between now and their use."""
    while True:
        ports = random.sample(range(10_000, 32_000), len(GATEWAY_PORTS))
        if all(free("0.0.0.0", port) for port in ports):
            return dict(zip(GATEWAY_PORTS, ports))


def prepare(folder, own):
    """Copies the example with places that are free here, and makes its TLS secrets."""
    config = folder / "config"
    shutil.copytree(EXAMPLE, config)
    network, ports = free_places(config, own)
    for file in config.glob("*.yaml"):
        text = file.read_text().replace(NETWORK, network)
        for name, port in GATEWAY_PORTS.items():
            text = text.replace(f"targetPort: {port}", f"targetPort: {ports[name]}")
        file.write_text(text)
    trusted = ""
    for name, host in SECRETS.items():
        key, certificate = make_certificate(folder, host)
        trusted += certificate
        (config / f"{name}.yaml").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": name, "namespace": "istio-system"},
            "data": {"tls.crt": base64.b64encode(certificate.encode()).decode(), "tls.key": base64.b64encode(key.encode()).decode()}}, indent=1))
    (folder / "ca.pem").write_text(trusted)
    return config, network, ports


def make_certificate(folder, host):
    key, certificate = folder / f"{host}.key", folder / f"{host}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return key.read_text(), certificate.read_text()


class Demo:
    def __init__(self, binary, ads, unix, folder, own, stack):
        self.folder, self.ads = folder, ads
        self.config, network, self.ports = prepare(folder, own)
        self.keys = [base64.b64encode((folder / f"{host}.key").read_bytes()).decode() for host in SECRETS.values()]
        start_upstreams(self.config, stack)
        self.fairlead = Program("fairlead", [
            binary, "serve", "--config", self.config, "--xds-address", f"unix:{folder}/xds.sock" if unix else "127.0.0.1:0",
            "--http-address", "127.0.0.1:0"],
            folder, stack)
        line = self.fairlead.until("line of the addresses it listens on",
                                   lambda: re.search(r"listening xds=(\S+) http=(\S+)", self.fairlead.log.read_text()))
        self.xds, self.http = line.groups()
        self.fairlead.until("answer 200 of /ready", lambda: fetch(f"http://{self.http}/ready").status == 200)
        bootstrap = folder / "envoy.yaml"
        bootstrap.write_bytes(subprocess.run([
            binary, "bootstrap", "--type", "router", "--namespace", "istio-system", "--name", "istio-ingressgateway-1",
            "--ip", f"{network}1", "--service-account", "istio-ingressgateway", "--labels", "app=istio-ingressgateway",
            "--labels", "istio=ingressgateway", "--xds-address", self.xds, "--ads", ads, "--admin-address", "127.0.0.1:0"],
            check=True, stdout=subprocess.PIPE).stdout)
        admin = folder / "envoy-admin"
        self.envoy = Program("envoy", [
            next((ROOT / ".venv").glob("lib/python3*/site-packages/envoy/_bin/envoy")), "-c", bootstrap, "--admin-address-path",
            admin, "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning", "--component-log-level", "misc:error"], folder, stack)
        self.admin = self.envoy.until("admin address", lambda: admin.exists() and admin.read_text())
        self.envoy.until("listeners on both ports", self.is_open)

    def is_open(self):
        text = fetch(f"http://{self.admin}/listeners").text
        return fetch(f"http://{self.admin}/ready").status == 200 and all(f":{p}" in text for p in self.ports.values())

    def ask(self, host, path, tls=True, headers={}):
        """What the gateway answers to a request for that host: status, text, headers."""
        port = self.ports["https" if tls else "http"]
        if not tls:
            return fetch(f"http://127.0.0.1:{port}{path}", {"Host": host, **headers})
        return fetch_tls(self.folder / "ca.pem", host, port, path, headers)

    def rejected(self):
        """The updates Envoy refused, by its own count, type by type."""
        stats = fetch(f"http://{self.admin}/stats?filter=update_rejected&format=json").text
        return {s["name"]: s["value"] for s in json.loads(stats)["stats"] if s.get("value")}


Answer = collections.namedtuple("Answer", "status text headers")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def fetch(url, headers={}):
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=10) as r:
            return Answer(r.status, r.read().decode(), r.headers)
    except urllib.error.HTTPError as e:
        return Answer(e.code, e.read().decode(), e.headers)


def fetch_tls(trusted, host, port, path, headers):
    """As curl --cacert --resolve: the certificate must be this host's and signed by what is trusted."""
    context = ssl.create_default_context(cafile=trusted)
    lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname=host) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{lines}Connection: close\r\n\r\n".encode())
        response = http.client.HTTPResponse(s)
        response.begin()
        return Answer(response.status, response.read().decode(), response.headers)


# What is shown and what is checked

def introduce(demo):
    trusted, config, port = demo.folder / "ca.pem", demo.config, demo.ports["https"]
    resolve = f"curl -s --cacert {trusted} --resolve '*:{port}:127.0.0.1'"
    print(f"""
fairlead   xDS on {demo.xds}, pages on http://{demo.http}/, follows {config}
envoy      http {demo.ports['http']}, https {port}, admin http://{demo.admin}/
services   {', '.join(f'{pod} {address}:{p}' for pod, address, p in pods(config))}

Plain:
  curl -s -H 'Host: bookinfo.example.com' http://127.0.0.1:{demo.ports['http']}/productpage
HTTPS:
  {resolve} https://bookinfo.example.com:{port}/productpage
A canary, half of the requests to each version:
  for i in $(seq 20); do {resolve} https://shop.mystore.com:{port}/api/products; done | sort | uniq -c
A rule edited while it runs; reviews go to another version at once:
  sed -i 's/subset: v[13]/subset: v2/' {config}/bookinfo.yaml; {resolve} https://bookinfo.example.com:{port}/reviews/1

Ctrl-C ends everything.""", flush=True)


def check(demo):
    """Asks what `introduce` shows, and more. Each line is printed when it holds; the first that does not ends the check."""
    def holds(what, condition, seen):
        if not condition:
            raise SystemExit(f"NOT SO: {what}; seen: {seen}")
        print(f"ok: {what}", flush=True)

    bookinfo, shop = "bookinfo.example.com", "shop.mystore.com"
    a = demo.ask(bookinfo, "/productpage", tls=False)
    holds("plain HTTP reaches the product page", a.text.startswith("productpage-v1-1: GET /productpage"), a)
    a = demo.ask(bookinfo, "/nothing-here", tls=False)
    holds("a path without a rule is answered 404", a.status == 404, a)
    a = demo.ask("unknown.example.com", "/", tls=False)
    holds("a host without a rule is answered 404", a.status == 404, a)
    a = demo.ask(shop, "/", tls=False)
    holds("the shop's plain port redirects to HTTPS", (a.status, a.headers["location"]) == (301, f"https://{shop}/"), a)
    a = demo.ask(bookinfo, "/productpage")
    holds("HTTPS reaches it too, with the host's certificate", a.text.startswith("productpage-v1-1:"), a)
    a = demo.ask(shop, "/api/orders/7")
    holds("the shop's own certificate and rules serve its host", a.text.startswith("order-service-v1-1:"), a)
    a = demo.ask(shop, "/anything")
    holds("the shop's last rule takes the rest", a.text.startswith("frontend-service-v1-1:"), a)
    a = demo.ask(bookinfo, "/reviews/1", headers={"end-user": "jason"})
    holds("a header chooses reviews v2", a.text.startswith("reviews-v2-1:"), a)

    check_pages(demo, holds)

    seen = collections.Counter(demo.ask(shop, "/api/products").text.split(":")[0] for _ in range(200))
    # 200 fair coins fall outside 60…140 less than once in ten million times.
    holds("weights 50/50 reach both versions alike", set(seen) == {"product-service-v1-1", "product-service-v2-1"}
          and all(60 <= n <= 140 for n in seen.values()), seen)

    rules = demo.config / "bookinfo.yaml"
    text = rules.read_text()
    rules.write_text(text.replace("subset: v1", "subset: v2").replace("subset: v3", "subset: v2"))
    demo.envoy.until("reviews v2 after the rule was edited", lambda: demo.ask(bookinfo, "/reviews/1").text.startswith("reviews-v2-1:"))
    print("ok: an edited rule moves requests while everything runs")

    rules.write_text("kind: VirtualService\n\tnot: yaml\n")
    demo.fairlead.until("report of the broken file", lambda: "bookinfo.yaml:2" in demo.fairlead.log.read_text())
    a = demo.ask(bookinfo, "/reviews/1")
    holds("a broken file is reported and its last good version serves", a.text.startswith("reviews-v2-1:"), a)
    rules.write_text(text)
    demo.envoy.until("reviews v1 after the file was mended",
                     lambda: any(demo.ask(bookinfo, "/reviews/1").text.startswith("reviews-v1-1:") for _ in range(10)))
    print("ok: the mended file serves again")
    holds("Envoy refused no update", not demo.rejected(), demo.rejected())
    status = demo.fairlead.end()
    holds("SIGTERM ends fairlead with status 0", status == 0, status)
    a = demo.ask(bookinfo, "/productpage")
    holds("the gateway goes on without it", a.status == 200, a)


def check_pages(demo, holds):
    """What fairlead says of the gateway, against what the gateway says of itself."""
    def page(path):
        return fetch(f"http://{demo.http}{path}").text

    def versions(dump):
        """(type, name) → version of what is in a config_dump and came by xDS."""
        return {(config["@type"], r.get("name") or named["name"]): body["version_info"] for config in json.loads(dump)["configs"]
                for kind, resources in config.items() if kind.startswith("dynamic_") for r in resources
                for body in [r.get("active_state", r)] for named in [next((v for v in body.values() if isinstance(v, dict)), {})]}

    demo.fairlead.until("every type synced", lambda: '"state": "SYNCED"' in page("/debug/syncz") and '"NOT_' not in page("/debug/syncz"))
    sent, held = page("/debug/config_dump?proxy=istio-ingressgateway-1"), fetch(f"http://{demo.admin}/config_dump").text
    # In the state-of-the-world variant Envoy knows one version a type and not each resource's.
    ours, theirs = (versions(dump) if demo.ads == "delta" else set(versions(dump)) for dump in (sent, held))
    if demo.ads == "delta":
        # A secret's version is a hash over its key: what is shown of it is one-way.
        theirs = {(kind, name): hashlib.sha256(version.encode()).hexdigest()[:32] if "Secrets" in kind else version
                  for (kind, name), version in theirs.items()}
    holds("/debug/config_dump is what Envoy's own says", ours == theirs and len(ours) > 10, (ours, theirs))
    holds("keys are redacted there", "[redacted]" in sent and not any(k in sent for k in demo.keys), "a private key")
    odd = [line for line in page("/metrics").splitlines()
           if not re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{\w+=\"[^\"]*\"(,\w+=\"[^\"]*\")*\})? [-+\d.e]+", line)]
    holds("/metrics is Prometheus text", not odd, odd)
    holds("nothing is refused", page("/debug/rejected").strip() == "{}", page("/debug/rejected"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=ROOT / ".build/release/fairlead", type=pathlib.Path)
    arguments.add_argument("--ads", default="delta", choices=["delta", "sotw"])
    arguments.add_argument("--unix", action="store_true", help="a Unix socket between the two")
    arguments.add_argument("--check", action="store_true", help="ask and compare, then end")
    a = arguments.parse_args()
    # Ctrl-C and SIGTERM end it the same way: through the stack, children first. A shell that started it in the
    # background has told it to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-demo-")))
        demo = Demo(a.binary, a.ads, a.unix, folder, not a.check, stack)
        if a.check:
            check(demo)
            return
        introduce(demo)
        with contextlib.suppress(KeyboardInterrupt):
            while demo.fairlead.process.poll() is None and demo.envoy.process.poll() is None:
                time.sleep(0.2)
            ended = next(p for p in (demo.fairlead, demo.envoy) if p.process.poll() is not None)
            print(f"{ended.name} ended with status {ended.process.returncode}; its log ends:\n"
                  + "\n".join(ended.log.read_text().splitlines()[-20:]), file=sys.stderr)
            sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
