#!/usr/bin/env python3
"""Virtual hosts one by one (VHDS) with a real Envoy: what is new, changed, moved or gone is right at once.

    virtual_hosts.py BINARY ENVOY

Hosts answer with texts of their own. Each edit is followed until Envoy answers by it; nothing it does not touch may
answer otherwise meanwhile, Envoy must reject nothing, and an edit of one host of hundreds must cost a few kilobytes.
"""
import sys

from stage import Stage, expect, free_port, get, wait_for

BINARY, ENVOY = sys.argv[1:]
COUNT = 400

GATEWAY = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: istio-system}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: {port}, name: http, protocol: HTTP}}
    hosts: ["*"]
"""

HOST = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: istio-system}}
spec:
  hosts: {hosts}
  gateways: {gateways}
  http:
  - directResponse: {{status: 200, body: {{string: "{text}"}}}}
"""


class World:
    def __init__(self, stage):
        self.stage, self.first, self.second = stage, stage.gateway, free_port()

    def host(self, name, hosts, text, gateways="[one]"):
        self.stage.write(f"{name}.yaml", HOST.format(name=name, hosts=hosts, text=text, gateways=gateways))

    def answers(self, port, **texts):
        """Waits until the hosts answer so, None for 404."""
        for name, text in texts.items():
            wanted = (404, "") if text is None else (200, text)
            wait_for(f"{name}: {text}", lambda: get(port, headers={"Host": f"{name}.example.com"}) == wanted)


def run(stage):
    world = World(stage)
    stage.write("one.yaml", GATEWAY.format(name="one", port=world.first))
    for number in range(COUNT):
        world.host(f"h{number}", f"[h{number}.example.com]", f"text {number}")
    stage.start_fairlead("--virtual-hosts")
    stage.start_envoy()
    world.answers(world.first, h0="text 0", **{f"h{COUNT - 1}": f"text {COUNT - 1}"}, nobody=None)
    routes, hosts = stage.sent("rds"), stage.sent("vhds")

    world.host("h7", "[h7.example.com]", "seven")
    world.answers(world.first, h7="seven", h8="text 8")
    expect("bytes of route configurations after an edit of one host", stage.sent("rds"), routes)
    if not 0 < stage.sent("vhds") - hosts < 5000:
        raise SystemExit(f"an edit of one host sent {stage.sent('vhds') - hosts} bytes of virtual hosts")

    # New ones, one of them a wildcard, and gone ones.
    stage.write("new.yaml", HOST.format(name="new", hosts="[new.example.com]", text="new", gateways="[one]") + "---"
                + HOST.format(name="wild", hosts="['*.example.com']", text="wild", gateways="[one]"))
    world.answers(world.first, new="new", nobody="wild", h8="text 8")
    (stage.config / "new.yaml").unlink()
    world.answers(world.first, new=None, nobody=None, h8="text 8")

    # A host moves to another VirtualService's virtual host, and back, each in one edit of two files.
    stage.write("h8.yaml", HOST.format(name="h8", hosts="[other.example.com]", text="text 8", gateways="[one]") + "---"
                + HOST.format(name="h8b", hosts="[h8.example.com, h9b.example.com]", text="moved", gateways="[one]"))
    world.answers(world.first, h8="moved", other="text 8", h9b="moved")
    world.host("h8", "[h8.example.com]", "text 8")
    world.answers(world.first, h8="text 8", other=None, h9b=None)

    # Another port is opened later; its hosts were known before Envoy had its route configuration.
    world.host("h9", "[h9.example.com]", "text 9", gateways="[one, two]")
    stage.write("two.yaml", GATEWAY.format(name="two", port=world.second))
    world.answers(world.second, h9="text 9", h8=None)
    world.host("h9", "[h9.example.com]", "nine", gateways="[one, two]")
    world.answers(world.second, h9="nine")
    world.answers(world.first, h9="nine")

    # Back after a restart Envoy has all there is; an edit while nobody served is made up for alone.
    stage.stop_fairlead()
    world.host("h1", "[h1.example.com]", "one")
    stage.start_fairlead("--virtual-hosts")
    world.answers(world.first, h1="one", h2="text 2")
    if stage.sent("vhds") > 5000:
        raise SystemExit(f"after a restart {stage.sent('vhds')} bytes of virtual hosts were sent")
    expect("rejected", stage.rejections(), [])


if __name__ == "__main__":
    with Stage.open(BINARY, ENVOY) as stage:
        run(stage)
