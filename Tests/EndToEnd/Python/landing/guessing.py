"""Questions worth asking of a gateway: from the hosts, paths and matches that occur in its configuration, and noise."""
import random, re

import messages
from asking import Question

try:
    from re import _constants as sre, _parser as sre_parse
except ImportError:  # Python before 3.11
    import sre_constants as sre, sre_parse

NOISE_HOSTS = ["nobody.example", "a.b.c.nobody.example", "192.0.2.7", "localhost", ""]
NOISE_PATHS = ["/", "/nothing-here", "/a/b/c?x=1", "//", "/%2e%2e/x", "*"]
METHODS = ["GET", "GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]
TLS_TYPE = "DownstreamTlsContext"


def sample(pattern, chance):
    """A text that the regular expression matches, for the usual kinds; any text for others."""
    def one(node):
        kind, value = node
        if kind is sre.LITERAL:
            return chr(value)
        if kind is sre.ANY:
            return chance.choice("aZ0-")
        if kind is sre.NOT_LITERAL:
            return "a" if value != ord("a") else "b"
        if kind is sre.IN:
            if value[0][0] is sre.NEGATE:
                excluded = re.compile("[" + "".join(map(re.escape, (chr(v) for k, v in value[1:] if k is sre.LITERAL))) + "]") \
                    if any(k is sre.LITERAL for k, _ in value[1:]) else None
                return next(c for c in "aq0Z-" if excluded is None or not excluded.match(c))
            kind, value = chance.choice(value)
            if kind is sre.LITERAL:
                return chr(value)
            if kind is sre.RANGE:
                return chr(chance.randint(*value))
            return {sre.CATEGORY_DIGIT: "7", sre.CATEGORY_SPACE: " ", sre.CATEGORY_WORD: "w"}.get(value, "-")
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            low, high, inner = value
            return "".join(many(inner) for _ in range(chance.randint(low, min(high, low + 2))))
        if kind is sre.SUBPATTERN:
            return many(value[-1])
        if kind is sre.BRANCH:
            return many(chance.choice(value[1]))
        return ""

    def many(nodes):
        return "".join(map(one, nodes))
    try:
        return many(sre_parse.parse(pattern))
    except (re.error, RecursionError, OverflowError, StopIteration):
        return "unparsed"


def text(matcher, chance):
    """A text that a StringMatcher takes."""
    kind = matcher.WhichOneof("match_pattern")
    if kind == "safe_regex":
        return sample(matcher.safe_regex.regex, chance)
    if kind in ("exact", "prefix", "suffix", "contains"):
        value = getattr(matcher, kind)
        return {"exact": value, "prefix": value + "x", "suffix": "x" + value, "contains": f"x{value}x"}[kind]
    return "x"


def host(domain, chance):
    """A host that a domain, server name or pattern covers, or nearly so."""
    if domain == "*":
        return chance.choice(NOISE_HOSTS)
    name = domain.replace("*", chance.choice(["x", "x.y", "a-b"]), 1)
    return chance.choice([name] * 6 + [name.upper(), name + ".", "x." + name, name.partition(".")[2] or name])


class Guess:
    """What one route may want, put together piece by piece."""

    def __init__(self, domain, route, chance):
        self.method, self.path, self.headers = chance.choice(METHODS), chance.choice(NOISE_PATHS), {}
        self.host, query = host(domain, chance), []
        if route is not None:
            match = route.match
            self._path(match, chance)
            for q in match.query_parameters:
                query.append(q.name + "=" + (text(q.string_match, chance) if q.HasField("string_match") else "1"))
            for header in match.headers:
                if chance.random() < 0.9:
                    self._header(header, chance)
        if query and chance.random() < 0.9:
            self.path += ("&" if "?" in self.path else "?") + "&".join(query)

    def _path(self, match, chance):
        kind = match.WhichOneof("path_specifier")
        path = "/"
        if kind in ("prefix", "path"):
            path = getattr(match, kind)
        elif kind == "path_separated_prefix":
            path = match.path_separated_prefix
        elif kind == "safe_regex":
            path = sample(match.safe_regex.regex, chance)
        elif kind == "path_match_policy":
            path = "/t/x/y"
        elif kind == "connect_matcher":
            self.method, path = "CONNECT", self.host or "x:80"
        if kind != "connect_matcher":
            path = chance.choice([path] * 5 + [path + "/x", path + "x", path.upper(), path + "?q=1", path[:-1] or "/"])
            path = path if path.startswith("/") else "/" + path
        self.path = path

    def _header(self, header, chance):
        kind, value = header.WhichOneof("header_match_specifier"), "x"
        if kind == "string_match":
            value = text(header.string_match, chance)
        elif kind == "range_match":
            value = str(header.range_match.start)
        elif kind == "present_match" and not header.present_match:
            return
        elif kind == "safe_regex_match":
            value = sample(header.safe_regex_match.regex, chance)
        elif kind and kind.endswith("_match") and kind not in ("present_match", "contains_match"):
            value = str(getattr(header, kind))
        if header.invert_match and chance.random() < 0.7:
            return
        if header.name == ":method":
            self.method = value or "GET"
        elif header.name == ":authority":
            self.host = value
        elif not header.name.startswith(":"):
            self.headers[header.name] = value

    def question(self, **where):
        clean = {k: "".join(c for c in v if " " <= c <= "~") for k, v in self.headers.items() if "@" not in k}
        return Question(method=re.sub(r"[^A-Z]", "", self.method.upper()) or "GET",
                        path="".join(c if "!" <= c <= "~" and c != "#" else "%20" for c in self.path),
                        host="".join(c for c in self.host if "!" <= c <= "~"), headers=tuple(sorted(clean.items())), **where)


class Guesser:
    """Questions for gateways that should be alike; from the listeners of all of them."""

    def __init__(self, gateways, seed, without=()):
        self.chance = random.Random(f"{seed} {gateways[0].name}")
        self.places = []
        names = sorted({n for g in gateways for n in g.listeners})
        for name in names:
            listeners = [g.listeners[name] for g in gateways if name in g.listeners]
            if any(l.address.socket_address.protocol for l in listeners) or listeners[0].name in without:
                continue  # UDP, or a listener that Envoy refuses
            proxied = any("proxy_protocol" in f.name for f in listeners[0].listener_filters)
            chains = [c for l in listeners for c in [*l.filter_chains, *([l.default_filter_chain] if l.HasField("default_filter_chain") else [])]]
            snis = sorted({s for c in chains for s in c.filter_chain_match.server_names})
            for chain in chains:
                self.places.append((listeners[0].name, chain, snis, proxied))

    def questions(self, count):
        return [self._question() for _ in range(count)] if self.places else []

    def _question(self):
        chance = self.chance
        listener, chain, snis, proxied = chance.choice(self.places)
        own, sni = list(chain.filter_chain_match.server_names), None
        is_tls = chain.HasField("transport_socket") or bool(own) or chain.filter_chain_match.transport_protocol == "tls"
        if is_tls != (chance.random() < 0.04):
            name = chance.choice(own * 8 + snis + ["nobody.example"])
            sni = host(name, chance).rstrip(".").lower() if name != "*" else "nobody.example"
            if not re.fullmatch(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}", sni):
                sni = ""
        protocols = [p for p in chain.filter_chain_match.application_protocols if p != "h2"] or ["http/1.1"]
        where = {"listener": listener, "sni": sni, "proxied": proxied and chance.random() < 0.95,
                 "client": chance.choice([None, ("client", ("DNS:*",))]) if sni is not None else None,
                 "alpn": tuple(chance.choice([protocols] * 7 + [["istio", "http/1.1"], []])) if sni is not None else ()}
        manager = next((m for f in chain.filters for m in messages.found(f, "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager")), None)
        if manager is None or chance.random() < 0.02:
            return Question(tcp=True, **where)
        virtual_hosts = list(manager.route_config.virtual_hosts)
        if not virtual_hosts or chance.random() < 0.1:
            names = [d for v in virtual_hosts for d in v.domains] + snis + ["*"]
            return Guess(chance.choice(names), None, chance).question(**where)
        chosen = chance.choice(virtual_hosts)
        route = chance.choice(list(chosen.routes)) if chosen.routes else None
        return Guess(chance.choice(list(chosen.domains)), route, chance).question(**where)
