"""A real Envoy that ends with its owner."""
import http.client, json, pathlib, subprocess, threading

ROOT = pathlib.Path(__file__).resolve().parents[4]
ENVOY = next((ROOT / ".venv").glob("lib/python3*/site-packages/envoy/_bin/envoy"))
PATIENCE = 600  # tries, a tenth of a second apart


class Refused(Exception):
    """Envoy did not take its configuration."""


class Envoy:
    def __init__(self, bootstrap, folder):
        """The bootstrap is a message, or a file."""
        folder.mkdir(parents=True, exist_ok=True)
        file, admin, self.output = folder / "envoy.pb", folder / "admin", folder / "output"
        if isinstance(bootstrap, pathlib.Path):
            file = bootstrap
        else:
            file.write_bytes(bootstrap.SerializeToString())
        with open(self.output, "w") as out:
            self.process = subprocess.Popen(
                [ENVOY, "-c", file, "--admin-address-path", admin, "--use-dynamic-base-id", "--concurrency", "2", "-l", "error",
                 "--file-flush-interval-msec", "20"], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        pause = threading.Event()
        for _ in range(PATIENCE):
            if self.process.poll() is not None:
                raise Refused(self.output.read_text()[-800:].strip())
            if admin.exists() and admin.read_text() and self._page("/ready")[0] == 200:
                break
            pause.wait(0.02)
        else:
            self.end()
            raise Refused("it never came to be ready")

    def _page(self, path):
        host, port = (self.output.parent / "admin").read_text().rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def page(self, path):
        return self._page(path)[1]

    def ports(self):
        """{listener's name: its port}"""
        found = json.loads(self._page("/listeners?format=json")[1]).get("listener_statuses", [])
        return {s["name"]: s["local_address"]["socket_address"]["port_value"]
                for s in found if "socket_address" in s["local_address"]}

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
