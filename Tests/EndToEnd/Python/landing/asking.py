"""Requests and connections to a gateway's ports, and what came of each."""
import collections, concurrent.futures, dataclasses, http.client, socket, ssl, threading, time

import gateway

PROXY_HEADER = b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n"
SECONDS = 15
CHANCE = "x-landing-chance"  # the header that shares of traffic follow, where they are made to follow one


@dataclasses.dataclass(frozen=True)
class Question:
    """One request, or one connection where `tcp`; `sni` is None without TLS and empty for TLS without a name."""
    listener: str
    sni: str | None = None
    client: tuple | None = None  # the client's certificate: label, SANs
    alpn: tuple = ()
    turn: int = 0  # those of different turns do not share a connection
    proxied: bool = False  # begins with a PROXY protocol header
    tcp: bool = False
    method: str = "GET"
    host: str = ""
    path: str = "/"
    headers: tuple = ()

    def connection(self):
        return self.listener, self.sni, self.client, self.alpn, self.proxied, self.turn

    def __str__(self):
        over = "plain" if self.sni is None else f"TLS {self.sni!r}" + (f" as {self.client[0]}" if self.client else "")
        what = "a connection" if self.tcp else f"{self.method} {self.host}{self.path}" + "".join(f" {k}:{v}" for k, v in self.headers)
        return f"{self.listener}, {over}: {what}"


class Asker:
    """Asks questions of one Envoy and puts together what the client saw and what Envoy logged."""

    def __init__(self, ports, certificates, logs, connections=None):
        """With `connections`, a counter, each has an address of its own, by which Envoy's log tells it from all others:
        of thousands some have a port that another had."""
        self.ports, self.certificates, self.logs = ports, certificates, logs
        self.connections = connections

    def ask(self, questions, workers=8):
        """The answers, in the order of the questions."""
        groups, answers = collections.defaultdict(list), [None] * len(questions)
        for number, question in enumerate(questions):
            # A connection is for its own sake; requests that can share one do.
            groups[question.connection() + ((number,) if question.tcp else ())].append(number)

        def run(numbers):
            connection = None
            for number in numbers:
                answers[number], connection = self._one(questions[number], number, connection)
            if connection is not None:
                connection.close()
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, groups.values()))
        self._read_log(questions, answers)
        return answers

    def _one(self, question, number, connection):
        """The answer, and the connection if it can be used again."""
        answer = {}
        try:
            if connection is None:
                connection = self._connect(question, answer)
            if question.tcp:
                return self._talk(connection, answer)
            answer["peer"] = connection.peer
            return self._request(connection, question, number, answer)
        except (OSError, http.client.HTTPException):
            # Whether it was a reset, an end or an alert depends on who was faster.
            return {**answer, "seen": "no answer"}, None

    def _connect(self, question, answer):
        source = "127.0.0.1"
        if self.connections is not None:
            number = next(self.connections)
            source = f"127.{number // 62_500 % 200 + 17}.{number // 250 % 250}.{number % 250 + 1}"
        plain = socket.create_connection(
            ("127.0.0.1", self.ports[question.listener]), timeout=SECONDS, source_address=(source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer["peer"] = question.listener, "%s:%s" % plain.getsockname()
        if question.proxied:
            plain.sendall(PROXY_HEADER)
        out, certificate = plain, None
        if question.sni is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if question.alpn:
                context.set_alpn_protocols(question.alpn)
            if question.client:
                context.load_cert_chain(self.certificates.file(*question.client), self.certificates.key)
            try:
                out = context.wrap_socket(plain, server_hostname=question.sni or None)
            except OSError:
                plain.close()
                raise
            certificate = self.certificates.label(out.getpeercert(binary_form=True))
        connection = http.client.HTTPConnection("landing", timeout=SECONDS)
        connection.sock, connection.certificate, connection.peer = out, certificate, answer["peer"]
        connection.auto_open = 0
        return connection

    def _talk(self, connection, answer):
        """Something no protocol begins with, until the other side has had enough."""
        answer["certificate"] = connection.certificate
        try:
            connection.sock.sendall(b"hello\r\n\r\n")
            connection.sock.settimeout(SECONDS)
            received = connection.sock.recv(100)
            answer["seen"] = "answered" if received else "no answer"
        except OSError:
            answer["seen"] = "no answer"
        finally:
            connection.close()
        return answer, None

    def _request(self, connection, question, number, answer):
        connection.putrequest(question.method, question.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("host", question.host)
        connection.putheader("x-landing-id", str(number))
        if not any(k == CHANCE for k, _ in question.headers):
            connection.putheader(CHANCE, str(number))
        for name, value in question.headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = b"" if question.method == "CONNECT" and response.status == 200 else response.read()
        answer.update({"seen": "answered", "status": response.status, "certificate": connection.certificate,
                       "headers": {k.lower(): v for k, v in response.getheaders()}, "body": body.decode("utf-8", "replace")})
        if response.will_close or question.method == "CONNECT":
            connection.close()
            connection = None
        return answer, connection

    def _read_log(self, questions, answers):
        """Adds what Envoy says of each; it writes a little later than it answers."""
        pause, quiet, size = threading.Event(), 0, -1
        while True:
            logged = gateway.Logged(self.logs)
            quiet, size = quiet + 1 if size == logged.size else 0, logged.size
            # A connection that no chain takes is not logged, and what is no request has no number.
            all_there = all(str(n) in logged.requests or a.get("peer") in logged.connections for n, a in enumerate(answers))
            if quiet > (1 if all_there else 10):
                break
            pause.wait(0.05)
        for number, answer in enumerate(answers):
            entry = logged.requests.get(str(number)) or logged.connections.get(answer.pop("peer", None)) or {}
            answer.update({k: v for k, v in entry.items() if k not in ("id", "listener", "peer", "kind", "status")})
            answer["upstream"] = logged.upstream.get(str(number), [])
