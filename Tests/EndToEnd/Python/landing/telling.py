#!/usr/bin/env python3
"""A real Envoy logs, traces and is extended as Telemetries and WasmPlugins say, and as edits of them say.

    telling.py BINARY
"""
import json, pathlib, sys, tempfile, urllib.error, urllib.request

from misdirected import free_port
from served import Served, until

MESH = """
enableTracing: true
extensionProviders:
- name: lines
  envoyFileAccessLog:
    path: {log}
    logFormat: {{labels: {{code: "%RESPONSE_CODE%", path: "%REQ(:PATH)%", trace: "%TRACE_ID%"}}}}
- {{name: spans, zipkin: {{service: collector.obs.svc.cluster.local, port: 9411}}}}
"""
GATEWAY = """
apiVersion: v1
kind: Service
metadata: {{name: collector, namespace: obs}}
spec: {{clusterIP: 10.0.0.1, ports: [{{name: http, port: 9411}}]}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: gw, namespace: edge}}
spec:
  selector: {{istio: ingressgateway}}
  servers: [{{port: {{number: {port}, name: http, protocol: HTTP}}, hosts: ["*"]}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: vs, namespace: edge}}
spec:
  hosts: ["*"]
  gateways: [gw]
  http:
  - match: [{{uri: {{prefix: /bad}}}}]
    directResponse: {{status: 503}}
  - directResponse: {{status: 200}}
"""
TELEMETRY = """
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {{name: edge, namespace: edge}}
spec:
  accessLogging: [{{providers: [{{name: lines}}], {logging}}}]
  tracing: [{{providers: [{{name: spans}}], randomSamplingPercentage: 100, {tracing}}}]
"""
PLUGIN = """
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {{name: guard, namespace: edge}}
spec: {{url: "oci://reg.example.com/guard", phase: AUTHN, failStrategy: {strategy}}}
"""
SCRIPT = """
apiVersion: extensions.istio.io/v1alpha1
kind: TrafficExtension
metadata: {{name: script, namespace: edge}}
spec: {{lua: {{inlineCode: "function envoy_on_response(handle) handle:headers():add('x-script', '{word}') end"}}}}
"""


class Edge:
    """A gateway under test."""

    def __init__(self, binary, folder):
        self.config, self.log, self.port = folder / "config", folder / "access.log", free_port()
        self.config.mkdir()
        mesh = folder / "mesh.yaml"
        mesh.write_text(MESH.format(log=self.log))
        self.write("gateway", GATEWAY.format(port=self.port))
        self.served = Served(binary, self.config, folder, ["--mesh-config", mesh])
        self.served.port(self.port)

    def write(self, name, text):
        """Replaces a file at once."""
        new = self.config / f".{name}"
        new.write_text(text)
        new.rename(self.config / f"{name}.yaml")

    def answer(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, answer.headers.get("x-script")
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("x-script")

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def logged(self, path):
        """The line of a request; nil if there is none yet."""
        return next((line for line in self.lines() if line["path"] == path), None)


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found}, not {wanted}")


def logs_and_traces(edge):
    edge.write("telemetry", TELEMETRY.format(logging='filter: {expression: "response.code >= 500"}', tracing=""))
    number = iter(range(1000))

    def is_logged():
        path = f"/bad{next(number)}"
        edge.answer(f"/ok{path}")
        edge.answer(path)
        return edge.logged(path)
    line = until("a line of a failure", is_logged)
    expect("its code", line["code"], 503)
    expect("its trace's digits", len(line["trace"] or ""), 32)
    expect("lines of successes", [l for l in edge.lines() if l["path"].startswith("/ok")], [])

    edge.write("telemetry", TELEMETRY.format(logging="disabled: false", tracing="disableSpanReporting: true"))

    def is_success_logged():
        path = f"/ok{next(number)}"
        edge.answer(path)
        return edge.logged(path)
    expect("a trace where tracing is off", until("a line of a success", is_success_logged)["trace"], None)


def extensions(edge):
    edge.write("script", SCRIPT.format(word="a"))
    until("the script", lambda: edge.answer("/")[1] == "a")
    edge.write("plugin", PLUGIN.format(strategy="FAIL_CLOSE"))
    until("the guard shuts", lambda: edge.answer("/")[0] == 403)
    before = edge.served.stat("listener_manager.lds.update_success")
    edge.write("plugin", PLUGIN.format(strategy="FAIL_OPEN"))
    until("the guard opens", lambda: edge.answer("/")[0] == 200)
    expect("updates of listeners by a module", edge.served.stat("listener_manager.lds.update_success"), before)
    expect("refusals", sum(edge.served.stat(f"{kind}.update_rejected") for kind in ("lds", "cds", "rds")), 0)
    (edge.config / "plugin.yaml").unlink()
    (edge.config / "script.yaml").unlink()
    until("neither", lambda: edge.answer("/") == (200, None))


def main():
    with tempfile.TemporaryDirectory(prefix="fairlead-telling-") as folder:
        edge = Edge(sys.argv[1], pathlib.Path(folder))
        with edge.served:
            logs_and_traces(edge)
            extensions(edge)


if __name__ == "__main__":
    main()
