"""Fairlead on a folder of configuration, and a stock Envoy that is served by it."""
import base64, json, re, subprocess, threading, urllib.request

from envoys import PATIENCE, Envoy

GATEWAY = ["--type", "router", "--namespace", "edge", "--name", "gateway-1", "--ip", "127.0.0.1",
           "--service-account", "gateway", "--labels", "istio=ingressgateway"]


def secret(name, certificate, key, namespace="edge"):
    """A Kubernetes TLS secret, as JSON."""
    return json.dumps({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": name, "namespace": namespace},
        "data": {"tls.crt": base64.b64encode(certificate.read_bytes()).decode(),
                 "tls.key": base64.b64encode(key.read_bytes()).decode()}})


def until(what, condition):
    """The condition's first answer that is true."""
    pause = threading.Event()
    for _ in range(PATIENCE):
        try:
            if answer := condition():
                return answer
        except OSError:
            pass
        pause.wait(0.05)
    raise SystemExit(f"{what}: waited for in vain")


class Served:
    """Ends both with its own end."""

    def __init__(self, binary, config, folder, flags=()):
        self.binary, self.folder, self.log = binary, folder, folder / "fairlead.log"
        with open(self.log, "w") as out:
            self.process = subprocess.Popen(
                [binary, "serve", "--config", config, "--xds-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0", *flags],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.envoy = None
        try:
            found = until("the addresses", lambda: re.search(r"listening xds=(\S+) http=(\S+)", self.log.read_text()))
            self.xds, self.http = found.groups()
            until("ready", lambda: urllib.request.urlopen(f"http://{self.http}/ready", timeout=5).status == 200)
            bootstrap = folder / "envoy.yaml"
            bootstrap.write_bytes(subprocess.run(
                [binary, "bootstrap", *GATEWAY, "--xds-address", self.xds, "--admin-address", "127.0.0.1:0"],
                check=True, stdout=subprocess.PIPE).stdout)
            self.envoy = Envoy(bootstrap, folder / "envoy")
        except BaseException:
            self.end()
            raise

    def port(self, number):
        """Waits for the listener on that port."""
        return until(f"a listener on {number}", lambda: number if number in self.envoy.ports().values() else None)

    def stat(self, name):
        """The sum of Envoy's counters whose names end so."""
        return sum(s.get("value", 0) for s in json.loads(self.envoy.page(f"/stats?format=json"))["stats"]
                   if s.get("name", "").endswith(name))

    def end(self):
        if self.envoy is not None:
            self.envoy.end()
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
