#!/usr/bin/env python3
"""Certificates of every kind of Secret, and authorities for clients, as a real Envoy has them by SDS.

    secrets_by_sds.py BINARY
"""
import base64, json, pathlib, socket, ssl, sys, tempfile

from certificates import Certificates
from served import Served, until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from ports import free_port

# (host, mode, credential): each server has a port's filter chain of its own.
SERVERS = [("tls", "SIMPLE", "tls"), ("generic", "SIMPLE", "generic"), ("mutual", "MUTUAL", "mutual"), ("apart", "MUTUAL", "apart"),
           ("optional", "OPTIONAL_MUTUAL", "mutual"), ("elsewhere", "SIMPLE", "kubernetes://shop/elsewhere"), ("later", "SIMPLE", "later")]


def gateway(port):
    return {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": "gateway", "namespace": "edge"}, "spec": {
        "selector": {"istio": "ingressgateway"}, "servers": [
            {"port": {"number": port, "name": f"https-{host}", "protocol": "HTTPS"}, "hosts": [f"{host}.example.com"],
             "tls": {"mode": mode, "credentialName": credential}} for host, mode, credential in SERVERS]}}


def kubernetes_secret(name, kind, entries, namespace="edge"):
    return {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": namespace},
            "data": {k: base64.b64encode(v.read_bytes()).decode() for k, v in entries.items()}}


class Stage:
    def __init__(self, folder, served, certificates, port):
        self.folder, self.served, self.certificates, self.port = folder, served, certificates, port

    def presented(self, host, client=None):
        """The server's certificate, by label; nil where there is no answer to a request."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if client:
            context.load_cert_chain(client, self.certificates.key)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain, \
                    context.wrap_socket(plain, server_hostname=f"{host}.example.com") as s:
                s.sendall(f"GET / HTTP/1.1\r\nhost: {host}.example.com\r\nconnection: close\r\n\r\n".encode())
                return self.certificates.label(s.getpeercert(binary_form=True)) if s.recv(100) else None
        except OSError:
            return None

    def holds(self, what, seen, expected):
        if seen != expected:
            raise SystemExit(f"NOT SO: {what}; expected {expected}, seen {seen}")


def run(folder, binary):
    certificates, config = Certificates(folder), folder / "config"
    (folder / "strangers").mkdir()
    strangers = Certificates(folder / "strangers")
    config.mkdir()
    tls, generic, mutual, apart = (certificates.file(n) for n in ("tls", "generic", "mutual", "apart"))
    port = free_port()
    key, authority = certificates.key, certificates.authority
    objects = [
        gateway(port),
        kubernetes_secret("tls", "kubernetes.io/tls", {"tls.crt": tls, "tls.key": key}),
        kubernetes_secret("generic", "Opaque", {"cert": generic, "key": key}),
        kubernetes_secret("mutual", "kubernetes.io/tls", {"tls.crt": mutual, "tls.key": key, "ca.crt": authority}),
        kubernetes_secret("apart", "kubernetes.io/tls", {"tls.crt": apart, "tls.key": key}),
        kubernetes_secret("apart-cacert", "Opaque", {"cacert": authority}),
        kubernetes_secret("elsewhere", "kubernetes.io/tls", {"tls.crt": tls, "tls.key": key}, "shop"),
    ]
    (config / "mesh.json").write_text("\n---\n".join(map(json.dumps, objects)))
    (config / "mesh.json").rename(config / "mesh.yaml")
    with Served(binary, config, folder) as served:
        served.port(port)
        stage = Stage(folder, served, certificates, port)
        until("the first certificate", lambda: stage.presented("tls"))
        friend = certificates.file("client")
        stranger_key = strangers.key
        stage.holds("a TLS secret", stage.presented("tls"), "tls")
        stage.holds("a generic one", stage.presented("generic"), "generic")
        stage.holds("a client of the secret's own authority", stage.presented("mutual", friend), "mutual")
        stage.holds("no client certificate", stage.presented("mutual"), None)
        stage.holds("the authority is in a secret of its own", stage.presented("apart", friend), "apart")
        stage.holds("no client certificate there", stage.presented("apart"), None)
        stage.holds("a client certificate that is optional", stage.presented("optional"), "mutual")
        stage.holds("a secret of another namespace is not sent", stage.presented("elsewhere"), None)
        stage.holds("a secret that is not there", stage.presented("later"), None)
        certificates.key = stranger_key
        stage.holds("a client that somebody else vouches for", stage.presented("mutual", strangers.file("stranger")), None)
        certificates.key = key
        (config / "later.json").write_text(json.dumps(
            kubernetes_secret("later", "kubernetes.io/tls", {"tls.crt": certificates.file("later"), "tls.key": key})))
        until("a secret that comes later", lambda: stage.presented("later") == "later")
        (config / "later.json").unlink()
        stage.holds("the others", stage.presented("tls"), "tls")
        stage.holds("updates that Envoy refused", served.stat("update_rejected"), 0)


def main():
    with tempfile.TemporaryDirectory(prefix="fairlead-secrets-") as folder:
        run(pathlib.Path(folder), sys.argv[1])


if __name__ == "__main__":
    main()
