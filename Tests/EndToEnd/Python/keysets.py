#!/usr/bin/env python3
"""Key sets of every kind, as Fairlead judges them and as Envoy does: what Fairlead sends, Envoy must be able to use.

    keysets.py BINARY ENVOY [SEED] [COUNT]
"""
import base64
import concurrent.futures
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

BINARY, ENVOY = sys.argv[1:3]
SEED, COUNT = (int(a) for a in (sys.argv[3:] + ["1", "40"][len(sys.argv) - 3:]))
chance = random.Random(SEED)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, given=b""):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


def point(curve, size):
    der = openssl("ec", "-pubout", "-outform", "DER", given=openssl("ecparam", "-name", curve, "-genkey", "-noout"))
    return base64url(der[-2 * size:-size]), base64url(der[-size:])


def modulus(bits):
    text = openssl("rsa", "-noout", "-modulus", given=openssl("genrsa", str(bits))).decode()
    return base64url(bytes.fromhex(text.strip().split("=")[1]))


def number(bits, odd=1):
    value = chance.getrandbits(bits) | 1 << bits - 1
    return base64url((value >> 1 << 1 | odd).to_bytes((bits + 7) // 8, "big"))


POINTS = {"P-256": point("prime256v1", 32), "P-384": point("secp384r1", 48), "P-521": point("secp521r1", 66),
          "secp256k1": point("secp256k1", 32)}
MODULI = [modulus(512), modulus(1024), modulus(2048)]
ALGORITHMS = [None, None, None, "RS256", "PS256", "ES256", "ES384", "ES512", "HS256", "HS512", "EdDSA", "none", "R", "RS", "ES", ""]


def rsa():
    return {"n": chance.choice([*MODULI, *map(number, (100, 256, 511, 512, 1024, 16384, 16392)), number(513, odd=0), MODULI[0] + "=", "AQAB", ""]),
            "e": chance.choice(["AQAB", "AQAB", "AQAB", "Aw", "AAEAAQ", "BQ", "", "AQ==", "EQ"])}


def elliptic():
    curve = chance.choice(list(POINTS))
    x, y = POINTS[chance.choice(list(POINTS)) if chance.random() < .2 else curve]
    return {"crv": chance.choice([curve, curve, curve, "P-256", "", "Ed25519"]), "x": chance.choice([x, x, x, x + "=", y, ""]),
            "y": chance.choice([y, y, y, x, "AQAB"])}


def edwards():
    return {"crv": chance.choice(["Ed25519", "Ed25519", "X25519", "Ed448"]),
            "x": chance.choice([base64url(chance.randbytes(32)), base64url(chance.randbytes(31)), "", base64url(chance.randbytes(32)) + "="])}


def octets():
    return {"k": chance.choice(["c2VjcmV0", "", "c2VjcmV0==", "c2V jcmV0", "c2+/", "c2-_", "QQ", "A"])}


def key():
    kind, make = chance.choice([("RSA", rsa), ("RSA", rsa), ("EC", elliptic), ("EC", elliptic), ("OKP", edwards), ("oct", octets)])
    made, algorithm = {"kty": kind, **make()}, chance.choice(ALGORITHMS)
    if algorithm is not None:
        made["alg"] = algorithm
    if chance.random() < .1:
        made.pop(chance.choice(list(made)))
    return made


GOOD = '"kty":"oct","k":"c2VjcmV0"'
ODD = [f"{{{GOOD}}}", "{}", "[]", "keys", '{"keys":null}', '{"keys":{}}', " \n{\"keys\":[{%s}]} \n" % GOOD] + [
    '{"keys":[%s]}' % keys for keys in [
        f"{{{GOOD}}},1", f"null,{{{GOOD}}}", f'{{{GOOD},"k":"AA"}}', f'{{{GOOD},"x":{"[" * 90 + "]" * 90}}}', f'{{{GOOD},"x":{"[" * 40 + "]" * 40}}}',
        f'{{{GOOD},"x":1e400}}', f'{{{GOOD},"x":-0.0}}', f'{{{GOOD},"kid":"\\ud800"}}', f'{{{GOOD},"kid":"\\u0000"}}', f"{{{GOOD}}},", f'{{{GOOD},"":1}}',
        '{"kty":"oct","k":"c2Vj\\ncmV0"}', '{"kty":"oct","k":"c2VjcmV0."}']]


def judged(texts, folder):
    """For each text what Fairlead makes of it: used, useless or refused."""
    policies = [{"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication", "metadata": {"name": f"r{n}", "namespace": "a"},
                 "spec": {"jwtRules": [{"issuer": "a", "jwks": text}]}} for n, text in enumerate(texts)]
    (folder / "in.yaml").write_text("\n---\n".join(map(json.dumps, policies)))
    run = subprocess.run([BINARY, "check", "-o", "json", folder / "in.yaml"], capture_output=True, text=True)
    verdicts = ["used"] * len(texts)
    for found in json.loads(run.stdout):
        number = int(re.search(r"/r(\d+)", found["origin"])[1])
        if "JSON Web Key Set" in found["message"]:
            verdicts[number] = "refused"
        elif "none of the keys" in found["message"]:
            verdicts[number] = "useless"
    return verdicts


def envoy_takes(text, file):
    tokens = {"@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
              "providers": {"p": {"issuer": "a", "local_jwks": {"inline_string": text}}},
              "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "p"}}]}
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    manager = {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               "stat_prefix": "a", "route_config": {},
               "http_filters": [{"name": "tokens", "typed_config": tokens}, {"name": "router", "typed_config": router}]}
    listener = {"name": "l", "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
                "filter_chains": [{"filters": [{"name": "manager", "typed_config": manager}]}]}
    file.write_text(json.dumps({"static_resources": {"listeners": [listener]}}))
    return subprocess.run([ENVOY, "--mode", "validate", "-c", file], capture_output=True).returncode == 0


def main():
    texts = ODD + [json.dumps({"keys": [key() for _ in range(chance.choice([1, 1, 1, 2, 3, 0]))]}) for _ in range(COUNT)]
    with tempfile.TemporaryDirectory(prefix="fairlead-keysets-") as name, concurrent.futures.ThreadPoolExecutor(4) as pool:
        folder = pathlib.Path(name)
        taken = list(pool.map(envoy_takes, texts, (folder / f"{n}.json" for n in range(len(texts)))))
        verdicts = judged(texts, folder)
    wrong = [f"{'Envoy takes it' if envoy else 'Envoy refuses it'}, Fairlead: {own}: {text}"
             for text, envoy, own in zip(texts, taken, verdicts) if (own, envoy) in (("used", False), ("useless", True))]
    print("\n".join(wrong))
    if wrong or "used" not in verdicts or "useless" not in verdicts:
        raise SystemExit(f"seed {SEED}: {len(wrong)} of {len(texts)} judged otherwise than by Envoy")


if __name__ == "__main__":
    main()
