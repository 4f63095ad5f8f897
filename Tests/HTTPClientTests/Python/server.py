"""An HTTP server for the client to meet: prints its port, then answers by path until its input ends.

With two arguments, the files of a certificate and its key, it speaks TLS and asks for a certificate.
"""

import http.server
import json
import ssl
import sys
import threading
import time
import urllib.parse


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        # As a proxy is asked: the whole URL. This one knows every host.
        path = urllib.parse.urlsplit(self.path).path if "://" in self.path else self.path
        word, _, rest = path.lstrip("/").partition("/")
        getattr(self, word)(rest, body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def echo(self, rest, body):
        peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        said = {
            "method": self.command,
            "path": rest,
            "body": body.decode(),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "peer": [v for rdn in (peer or {}).get("subject", ()) for _, v in rdn],
            "name": getattr(self.server, "asked_name", None),
        }
        self.reply(200, json.dumps(said).encode())

    def status(self, rest, _):
        self.reply(int(rest), b"no\n", [("Retry-After", "7")])

    def redirect(self, rest, _):
        left = int(rest)
        self.reply(302, b"moved", [("Location", f"/redirect/{left - 1}" if left else "/echo/end")])

    def elsewhere(self, rest, _):
        self.reply(302, b"moved", [("Location", "http://127.0.0.1:1/")])

    def large(self, rest, _):
        self.reply(200, b"x" * int(rest))

    def endless(self, rest, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            self.close_connection = True

    def head(self, rest, _):
        self.send_response(200)
        for number in range(int(rest)):
            self.send_header(f"X-{number}", "y" * 1000)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def cut(self, rest, _):
        self.reply(200, b"half", length=8)
        self.close_connection = True

    def silent(self, rest, _):
        self.reply(200, b"{", length=8)
        sys.stdin.read()

    def lines(self, rest, _):
        """A line at once, the next when the client has asked for /next."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(int(rest)):
            line = f"line {number}\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.flush()
            self.server.step.acquire()
        self.wfile.write(b"0\r\n\r\n")

    def next(self, rest, _):
        self.server.step.release()
        self.reply(200)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Answer)
server.step = threading.Semaphore(0)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(sys.argv[1])
    context.sni_callback = lambda _, name, __: setattr(server, "asked_name", name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
while sys.stdin.read(1):
    time.sleep(0)
