"""A Kubernetes API server in memory: list in pages, watch from a version, bookmarks, and every way to fail.

It keeps each kind's history, so that a watch resumes where it broke off, and forgets what is older than `memory`
changes (410). `Faults` breaks answers by seed. Speaks TLS where it is given a certificate, and wants one of `tokens`.
"""
import base64, contextlib, http.server, json, random, socket, ssl, threading, time, urllib.parse

# Kinds that follow no rule are none of ours: see ServedKind.plural.
CLUSTER_WIDE = {"Node", "Namespace", "GatewayClass", "IngressClass", "CustomResourceDefinition"}


def plural(kind):
    word = kind.lower()
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeou":
        return word[:-1] + "ies"
    return word + "s"


class Faults:
    """Which answers break, and how. Nothing does while `rate` is 0."""

    KINDS = ("cut", "truncate", "garbage", "repeat", "delay", "gone", "error-event", "429", "500", "503", "401", "reset")

    def __init__(self, seed=0):
        self.random, self.rate, self.told, self.lock = random.Random(seed), 0.0, {}, threading.Lock()

    def next(self, *among):
        with self.lock:
            if self.random.random() >= self.rate:
                return None
            fault = self.random.choice(among)
            self.told[fault] = self.told.get(fault, 0) + 1
            return fault


class Cluster:
    def __init__(self, memory=10_000, seed=0):
        self.lock = threading.Condition()
        self.version, self.objects, self.history = 1000, {}, []
        self.memory, self.forgotten = memory, 0
        self.missing, self.forbidden = set(), set()
        # What may be read where not all may be: (group, plural), or (group, namespace/plural).
        self.allowed, self.used, self.refused = None, set(), set()
        # What kinds of answer were asked for, by path.
        self.accepted = {}
        self.tokens, self.requests, self.faults, self.bookmark_seconds = None, [], Faults(seed), 1.0
        self.open_watches, self.hang_ups = {}, 0
        # Objects that were read one by one; whether lists of metadata alone are known here.
        self.read, self.knows_metadata = [], True
        # Who wrote what when: (time, field manager, path, body), and each new holder of a Lease.
        self.writes, self.holders = [], []
        # For each write whose token it came with, and who held the Lease.
        self.writers = []
        # Set: what is to be written waits for this to be over.
        self.writes_may_go_on = threading.Event()
        self.writes_may_go_on.set()
        # Faults of writes alone.
        self.write_faults = Faults(seed)
        # 1.32 and later begin a watch with all there is where they are asked to.
        self.minor = "31"

    # What tests do to it.

    def key(self, thing):
        group = thing["apiVersion"].rpartition("/")[0]
        meta = thing["metadata"]
        namespace = "" if thing["kind"] in CLUSTER_WIDE else meta.get("namespace", "default")
        return group, plural(thing["kind"]), namespace, meta["name"]

    def put(self, thing):
        thing = json.loads(json.dumps(thing))
        with self.lock:
            key = self.key(thing)
            before = self.objects.get(key)
            self.version += 1
            meta = thing["metadata"]
            if key[2]:
                meta["namespace"] = key[2]
            meta.update(resourceVersion=str(self.version), uid="-".join(key), managedFields=[{"manager": "kubectl"}] * 3)
            if before and "creationTimestamp" in before["metadata"]:
                meta.setdefault("creationTimestamp", before["metadata"]["creationTimestamp"])
            self.objects[key] = thing
            self.tell("MODIFIED" if before else "ADDED", key, thing)

    def delete(self, thing):
        with self.lock:
            key = self.key(thing)
            gone = self.objects.pop(key, None)
            if gone is None:
                return
            self.version += 1
            gone = json.loads(json.dumps(gone))
            gone["metadata"]["resourceVersion"] = str(self.version)
            self.tell("DELETED", key, gone)

    def tell(self, type, key, thing):
        self.history.append((self.version, key, type, thing))
        while len(self.history) > self.memory:
            self.forgotten = self.history.pop(0)[0]
        self.lock.notify_all()

    def forget(self):
        """Every version up to now is too old to watch from."""
        with self.lock:
            self.history, self.forgotten = [], self.version

    def hang_up(self):
        """Every watch ends."""
        with self.lock:
            self.hang_ups += 1
            self.lock.notify_all()

    def listed(self, group, plural, namespace):
        return sorted((k, v) for k, v in self.objects.items()
                      if k[:2] == (group, plural) and namespace in ("", k[2]))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster = None

    def log_message(self, *_):
        pass

    def status(self, code, message, headers=()):
        self.answer(code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}, headers)

    def may(self, group, name, namespace, verb):
        """Whether the request may be made; answers where it may not."""
        cluster = self.cluster
        if cluster.tokens is not None and self.headers.get("Authorization", "").removeprefix("Bearer ") not in cluster.tokens:
            self.status(401, "Unauthorized")
            return False
        if name in cluster.forbidden or (name, namespace) in cluster.forbidden or (name, verb) in cluster.forbidden:
            self.status(403, f'{name} is forbidden: User "fairlead" cannot {verb} resource "{name}"')
            return False
        if cluster.allowed is not None:
            places = [(group, name, verb), (group, f"{namespace}/{name}", verb)]
            found = next((p for p in places if p in cluster.allowed), None)
            if found is None:
                self.status(403, f"{places[0]} may not be done")
                return False
            cluster.used.add(found)
        cluster.writes_may_go_on.wait()
        fault = cluster.write_faults.next("429", "500", "503", "409", "reset", "delay", "lost")
        if fault == "reset":
            self.reset()
            return False
        if fault == "delay":
            time.sleep(self.cluster.write_faults.random.random() * 3)
        elif fault == "lost":
            self.lost = True
        elif fault:
            self.status(int(fault), f"fault {fault}", [("Retry-After", "1")] if fault == "429" else [])
            return False
        return True

    lost = False

    def parts(self):
        """Group, version, namespace, plural, name and subresource of the path, and the query."""
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        group, version, rest = ("", parts[1], parts[2:]) if parts[0] == "api" else (parts[1], parts[2], parts[3:])
        namespace = ""
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        rest = rest + ["", ""]
        return group, version, namespace, rest[0], rest[1], rest[2], dict(urllib.parse.parse_qsl(url.query))

    def content(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def replied(self, code, value):
        if self.lost:
            self.lost = False
            return self.reset()
        self.answer(code, value)

    def store(self, key, thing):
        """With the lock held: the thing in a new version."""
        cluster = self.cluster
        cluster.version += 1
        thing["metadata"]["resourceVersion"] = str(cluster.version)
        before = cluster.objects.get(key)
        cluster.objects[key] = thing
        if key[1] == "leases":
            holder = thing["spec"].get("holderIdentity")
            if not cluster.holders or cluster.holders[-1][1] != holder:
                cluster.holders.append((time.monotonic(), holder))
        cluster.tell("MODIFIED" if before else "ADDED", key, thing)

    def do_POST(self):
        group, version, namespace, name, _, _, _ = self.parts()
        thing = self.content()
        if not self.may(group, name, namespace, "create"):
            return
        cluster = self.cluster
        key = (group, name, namespace, thing["metadata"]["name"])
        with cluster.lock:
            if key in cluster.objects:
                return self.status(409, "it exists")
            self.store(key, thing)
        self.replied(201, thing)

    def do_PUT(self):
        group, version, namespace, name, object, _, _ = self.parts()
        thing = self.content()
        if not self.may(group, name, namespace, "update"):
            return
        cluster, key = self.cluster, (group, name, namespace, object)
        for field in ("renewTime", "acquireTime"):
            time.strptime(thing["spec"][field], "%Y-%m-%dT%H:%M:%S." + thing["spec"][field][20:26] + "Z")
            assert len(thing["spec"][field]) == 27, thing
        with cluster.lock:
            before = cluster.objects.get(key)
            if before is None:
                return self.status(404, "it is not there")
            if thing["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]:
                return self.status(409, "the object has been modified")
            self.store(key, thing)
        self.replied(200, thing)

    def do_PATCH(self):
        """Server-side apply to a status, by the rules that matter here: what a manager applied before and leaves out now goes."""
        group, version, namespace, name, object, sub, query = self.parts()
        assert self.headers["Content-Type"] == "application/apply-patch+yaml" and sub == "status", (self.headers, self.path)
        thing = self.content()
        if not self.may(group, f"{name}/{sub}", namespace, "patch"):
            return
        cluster, key = self.cluster, (group, name, namespace, object)
        assert set(thing) == {"apiVersion", "kind", "metadata", "status"}, thing
        with cluster.lock:
            before = cluster.objects.get(key)
            if before is None:
                return self.status(404, "it is not there")
            meta = before["metadata"]
            if any(thing["metadata"].get(f, meta[f]) != meta[f] for f in ("resourceVersion", "uid")):
                return self.status(409, "the object has been modified")
            manager = query["fieldManager"]
            after = json.loads(json.dumps(before))
            owned = cluster.owners.setdefault(key, {})
            status = dict(after.get("status", {}))
            for field in [f for f, owner in owned.items() if owner == manager and f not in thing["status"]]:
                status.pop(field, None)
                del owned[field]
            for field, value in thing["status"].items():
                if owned.get(field, manager) != manager and query.get("force") != "true" and status.get(field) != value:
                    return self.status(409, f"conflict with {owned[field]}")
                status[field], owned[field] = value, manager
            if status != before.get("status", {}):
                after["status"] = status
                self.store(key, after)
            else:
                after = before
            cluster.writers.append((self.headers.get("Authorization", "").removeprefix("Bearer "), (cluster.holders or [(0, None)])[-1][1]))
            cluster.writes.append((time.monotonic(), manager, "/".join(key[2:]), thing["status"], status != before.get("status", {})))
        self.replied(200, after)

    def read(self, group, namespace, name, object):
        if not self.may(group, name, namespace, "get"):
            return
        fault = self.cluster.faults.next("429", "500", "503", "reset")
        if fault:
            return self.reset() if fault == "reset" else self.status(int(fault), f"fault {fault}")
        with self.cluster.lock:
            self.cluster.read.append((name, f"{namespace}/{object}"))
            thing = self.cluster.objects.get((group, name, namespace, object))
        self.answer(200, thing) if thing else self.status(404, "it is not there")

    def answer(self, code, value, headers=(), cut=False):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def reset(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self):
        cluster = self.cluster
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip("/").split("/")
        cluster.requests.append((time.monotonic(), url.path, query))
        cluster.accepted.setdefault(url.path, set()).add(self.headers.get("Accept", ""))
        if cluster.tokens is not None and self.headers.get("Authorization", "").removeprefix("Bearer ") not in cluster.tokens:
            return self.status(401, "Unauthorized")
        if url.path == "/version":
            return self.answer(200, {"major": "1", "minor": cluster.minor})
        place = self.parts()
        if place[4]:
            return self.read(place[0], place[2], place[3], place[4])
        group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
        namespace = ""
        if len(rest) == 3 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        name = rest[0] if rest else ""
        if (group, parts[1 if parts[0] == "api" else 2], name) in cluster.missing or (group, name) in cluster.missing:
            return self.answer(404, b"404 page not found\n")
        if (name, namespace) in cluster.forbidden or name in cluster.forbidden:
            return self.status(403, f'{name} is forbidden: User "fairlead" cannot list resource "{name}"')
        if cluster.allowed is not None:
            asked = (group, f"{namespace}/{name}" if namespace else name)
            if asked not in cluster.allowed:
                cluster.refused.add(asked)
                return self.status(403, f"{asked} may not be read")
            cluster.used.add(asked)
        fault = cluster.faults.next("429", "500", "503", "401", "reset", "delay")
        if fault == "reset":
            return self.reset()
        if fault == "delay":
            time.sleep(0.2)
        elif fault:
            return self.status(int(fault), f"fault {fault}", [("Retry-After", "1")] if fault == "429" else [])
        if query.get("watch") == "true":
            self.watch(group, name, namespace, query)
        else:
            self.list(group, name, namespace, query)

    def list(self, group, name, namespace, query):
        cluster = self.cluster
        with cluster.lock:
            if "continue" in query:
                version, start = json.loads(base64.b64decode(query["continue"]))
                snapshot = cluster.snapshots.get((version, group, name, namespace))
                if snapshot is None or version < cluster.forgotten or cluster.faults.next("gone"):
                    return self.status(410, "The provided continue parameter is too old")
            else:
                version, start = cluster.version, 0
                snapshot = cluster.listed(group, name, namespace)
                cluster.snapshots[version, group, name, namespace] = snapshot
            limit = int(query.get("limit", len(snapshot) or 1))
            page, left = snapshot[start:start + limit], len(snapshot) - start - limit
        meta = {"resourceVersion": str(version)}
        if left > 0:
            meta |= {"continue": base64.b64encode(json.dumps([version, start + limit]).encode()).decode(), "remainingItemCount": left}
        # As a server does: no kind in the items.
        items = [{k: v for k, v in self.shown(thing).items() if k not in ("kind", "apiVersion")} for _, thing in page]
        first = self.shown(page[0][1]) if page else {}
        body = json.dumps({"kind": f"{first.get('kind', 'Something')}List", "apiVersion": first.get("apiVersion", "v1"),
                           "metadata": meta, "items": items}).encode()
        fault = cluster.faults.next("cut", "garbage")
        self.answer(200, b'{"kind": "Som' if fault == "garbage" else body, cut=fault == "cut")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def shown(self, thing):
        """The thing, or its metadata where no more is wanted."""
        wants_all = "as=PartialObjectMetadata" not in self.headers.get("Accept", "") or not self.cluster.knows_metadata
        return thing if wants_all else {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": thing["metadata"]}

    def event(self, type, thing):
        shown = self.shown(thing) if type in ("ADDED", "MODIFIED", "DELETED") else thing
        return json.dumps({"type": type, "object": shown}).encode() + b"\n"

    def watch(self, group, name, namespace, query):
        cluster, seen = self.cluster, int(query.get("resourceVersion", 0))
        begins = query.get("sendInitialEvents") == "true"
        if begins and int(cluster.minor) < 32:
            return self.status(422, "sendInitialEvents is forbidden")
        ends = time.monotonic() + float(query.get("timeoutSeconds", 600))
        if not begins and seen < cluster.forgotten:
            return self.status(410, "too old resource version")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        key = (group, name, namespace)
        with cluster.lock:
            cluster.open_watches[key] = cluster.open_watches.get(key, 0) + 1
        try:
            if begins:
                seen = self.begin(group, name, namespace)
            self.follow(group, name, namespace, seen, ends)
        except OSError:
            self.close_connection = True
        finally:
            with cluster.lock:
                cluster.open_watches[key] -= 1

    def begin(self, group, name, namespace):
        cluster = self.cluster
        with cluster.lock:
            things, version = [t for _, t in cluster.listed(group, name, namespace)], cluster.version
        for thing in things:
            if cluster.faults.next("cut"):
                self.reset()
                raise OSError("cut")
            self.chunk(self.event("ADDED", thing))
        self.chunk(self.event("BOOKMARK", {"kind": "Something", "metadata": {
            "resourceVersion": str(version), "annotations": {"k8s.io/initial-events-end": "true"}}}))
        return version

    def follow(self, group, name, namespace, seen, ends):
        cluster = self.cluster
        bookmark = time.monotonic() + cluster.bookmark_seconds
        hang_ups = cluster.hang_ups
        while time.monotonic() < ends and cluster.hang_ups == hang_ups:
            with cluster.lock:
                if (group, name) in cluster.missing:
                    return self.chunk(b"")
                if seen < cluster.forgotten:
                    return self.chunk(self.event("ERROR", {"kind": "Status", "code": 410, "message": "too old"})) or self.chunk(b"")
                news = [h for h in cluster.history if h[0] > seen and h[1][:2] == (group, name) and namespace in ("", h[1][2])]
                now = cluster.version
                if not news:
                    cluster.lock.wait(0.05)
            for version, _, type, thing in news:
                line, seen = self.event(type, thing), version
                fault = cluster.faults.next("cut", "truncate", "garbage", "repeat", "delay", "error-event", "gone")
                if fault == "cut":
                    return self.reset()
                if fault == "truncate":
                    self.chunk(line[:len(line) // 2])
                    return self.reset()
                if fault == "garbage":
                    self.chunk(b'{"type": "ADDED", "object": [}\n')
                if fault in ("error-event", "gone"):
                    code = 410 if fault == "gone" else 500
                    self.chunk(self.event("ERROR", {"kind": "Status", "code": code, "message": f"fault {fault}"}))
                    return self.chunk(b"")
                if fault == "delay":
                    time.sleep(0.1)
                # In pieces, as networks have it.
                half = len(line) // 2
                self.chunk(line[:half])
                self.chunk(line[half:])
                if fault == "repeat":
                    self.chunk(line)
            if not news and time.monotonic() > bookmark:
                bookmark = time.monotonic() + cluster.bookmark_seconds
                seen = max(seen, now)
                self.chunk(self.event("BOOKMARK", {"kind": "Something", "metadata": {"resourceVersion": str(seen)}}))
        self.chunk(b"")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def serve(cluster, certificate=None, key=None, authorities=None, handler=Handler):
    """Starts serving on a free port of loopback; answers the server."""
    cluster.snapshots, cluster.owners = {}, {}
    server = Server(("127.0.0.1", 0), type("Handler", (handler,), {"cluster": cluster}))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if authorities:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authorities)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
