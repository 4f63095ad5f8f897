"""Google's own protobuf on the other side of the discovery messages, in hexadecimal lines.

    discovery.py requests SEED    prints random requests: mode, bytes, and what they say in JSON
    discovery.py responses FILE   reads responses, "mode bytes" a line; prints what they say in JSON
"""
import json
import random
import sys

from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf import struct_pb2

WORDS = ["", "a", "outbound|80||reviews.default.svc.cluster.local", "größe", "*", "x" * 300]


def value(pick, depth):
    """A JSON value of the kinds a Struct can hold; whole numbers stand for themselves."""
    kinds = [None, True, False, 0, -7, 2**53, 1.5, pick.choice(WORDS)]
    if depth:
        kinds.append({pick.choice(WORDS): value(pick, depth - 1) for _ in range(3)})
        kinds.append([value(pick, depth - 1) for _ in range(3)])
    return pick.choice(kinds)


def node(pick):
    says = {
        "id": "router~1.2.3.4~pod.ns~ns.svc.cluster.local",
        "cluster": pick.choice(WORDS),
        "region": pick.choice(WORDS),
        "zone": pick.choice(WORDS),
        "subZone": pick.choice(WORDS),
        "userAgentName": "envoy",
        "userAgentVersion": "1.2.%d" % pick.randrange(200),
        "metadata": {"K%d" % number: value(pick, 4) for number in range(pick.randrange(6))},
    }
    message = base_pb2.Node(id=says["id"], cluster=says["cluster"], user_agent_name="envoy")
    message.metadata.update(says["metadata"])
    message.locality.region = says["region"]
    message.locality.zone = says["zone"]
    message.locality.sub_zone = says["subZone"]
    message.client_features.append("envoy.lb.does_not_support_overprovisioning")
    message.extensions.add(name="envoy.filters.http.router", category="envoy.filters.http")
    if pick.random() < 0.5:
        message.user_agent_version = says["userAgentVersion"]
    else:
        version = message.user_agent_build_version.version
        version.major_number, version.minor_number, version.patch = map(
            int, says["userAgentVersion"].split("."))
    return message, says


def request(pick):
    names = [pick.choice(WORDS) for _ in range(pick.randrange(5))]
    others = [pick.choice(WORDS) for _ in range(pick.randrange(3))]
    versions = {name: "v%d" % number for number, name in enumerate(others)}
    says = {"typeURL": pick.choice(WORDS), "nonce": pick.choice(WORDS), "names": names}
    if pick.random() < 0.5:
        mode = "sotw"
        message = discovery_pb2.DiscoveryRequest(resource_names=names)
        message.version_info = says["version"] = pick.choice(WORDS)
    else:
        mode = "delta"
        message = discovery_pb2.DeltaDiscoveryRequest(
            resource_names_subscribe=names, resource_names_unsubscribe=others,
            initial_resource_versions=versions)
        says |= {"unsubscribe": others, "versions": versions}
    message.type_url, message.response_nonce = says["typeURL"], says["nonce"]
    if pick.random() < 0.5:
        written, says["node"] = node(pick)
        message.node.CopyFrom(written)
    if pick.random() < 0.3:
        says["code"], says["message"] = pick.randrange(17), pick.choice(WORDS)
        message.error_detail.code = says["code"]
        message.error_detail.message = says["message"]
        message.error_detail.details.add().Pack(struct_pb2.Struct())
    return mode, message.SerializeToString(), says


def response(mode, raw):
    if mode == "sotw":
        message = discovery_pb2.DiscoveryResponse.FromString(raw)
        resources = [[any.type_url, any.value.hex()] for any in message.resources]
        version, removed = message.version_info, []
    else:
        message = discovery_pb2.DeltaDiscoveryResponse.FromString(raw)
        resources = [[entry.resource.type_url, entry.resource.value.hex(), entry.name, entry.version]
                     for entry in message.resources]
        version, removed = message.system_version_info, list(message.removed_resources)
    size = message.ByteSize()
    message.DiscardUnknownFields()
    assert message.ByteSize() == size, "fields that the message does not have"
    return {"typeURL": message.type_url, "nonce": message.nonce, "version": version,
            "resources": resources, "removed": removed}


if sys.argv[1] == "requests":
    pick = random.Random(int(sys.argv[2]))
    for _ in range(300):
        mode, raw, says = request(pick)
        print(mode, raw.hex() or "-", json.dumps(says))
else:
    for line in open(sys.argv[2]):
        mode, raw = line.split()
        print(json.dumps(response(mode, bytes.fromhex(raw))))
