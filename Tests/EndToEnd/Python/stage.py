"""Fairlead and a real Envoy in a folder of their own, for scripts that watch what requests see.

    with Stage.open(BINARY, ENVOY) as stage: ...

What was started is ended with the block, and its log printed if the block fails.
"""
import contextlib
import http.client
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading

from ports import ADDRESS, free_port


def get(port, path="/", headers={}):
    """Status and body."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(what, condition, seconds=60):
    pause = threading.Event()
    for _ in range(10 * seconds):
        try:
            if condition():
                return
        except OSError:
            pass
        pause.wait(0.1)
    raise SystemExit(f"{what}: waited for in vain")


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found}, and not {wanted}")


class Stage:
    def __init__(self, binary, envoy, folder):
        self.binary, self.envoy, self.folder = binary, envoy, folder
        self.config, self.log = folder / "config", folder / "log"
        self.config.mkdir()
        self.gateway, self.xds, self.web, self.admin = (free_port() for _ in range(4))
        self.programs = []

    @classmethod
    @contextlib.contextmanager
    def open(cls, binary, envoy):
        # A test runner's threads block signals, which Envoy would inherit and not hear SIGTERM.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        with tempfile.TemporaryDirectory(prefix="fairlead-") as folder:
            stage = cls(binary, envoy, pathlib.Path(folder))
            try:
                yield stage
            except BaseException:
                print(stage.log.read_text(errors="replace")[-5000:] if stage.log.exists() else "")
                raise
            finally:
                for program in reversed(stage.programs):
                    program.terminate()
                    program.wait()

    def write(self, name, text):
        """A file of the configuration, which is there whole or not at all."""
        (self.folder / "next").write_text(text)
        os.rename(self.folder / "next", self.config / name)

    def start(self, *command):
        with open(self.log, "ab") as log:
            self.programs.append(subprocess.Popen([str(word) for word in command], stdout=log, stderr=log))
        return self.programs[-1]

    def start_fairlead(self, *flags):
        self.fairlead = self.start(
            self.binary, "serve", "--config", self.config, "--xds-address", f"{ADDRESS}:{self.xds}",
            "--http-address", f"{ADDRESS}:{self.web}", *flags)

    def stop_fairlead(self):
        self.fairlead.terminate()
        return self.fairlead.wait()

    def start_envoy(self, *flags):
        bootstrap = self.folder / "envoy.yaml"
        bootstrap.write_bytes(subprocess.check_output([
            self.binary, "bootstrap", "--namespace", "istio-system", "--labels", "istio=ingressgateway",
            "--xds-address", f"{ADDRESS}:{self.xds}", "--admin-address", f"{ADDRESS}:{self.admin}", *flags]))
        self.start(self.envoy, "-c", bootstrap, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning")

    def metric(self, name):
        """The value of a sample of Fairlead's, by all that stands before it; 0 where there is none."""
        found = re.search(rf"^{re.escape(name)} (\d+)", get(self.web, "/metrics")[1], re.M)
        return int(found[1]) if found else 0

    def sent(self, kind):
        """Bytes of responses of a type."""
        return self.metric(f'fairlead_xds_sent_bytes_total{{type="{kind}"}}')

    def rejections(self):
        """What Envoy says it has rejected."""
        return re.findall(r"^.*update_rejected: [1-9].*$", get(self.admin, "/stats")[1], re.M)
