#!/usr/bin/env python3
"""The chart and the plain manifests: what Kubernetes, Envoy and Fairlead's own command line say of them.

    chart.py BINARY ENVOY

Every profile is rendered, and one with everything on. Each object must be what Kubernetes' published
OpenAPI says of its kind; what belongs together must find itself; and what the pods would run is run.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import kubernetes_validate
import yaml

BINARY, ENVOY = sys.argv[1:]
ROOT = pathlib.Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/helm/fairlead"
VERSIONS = ["1.30.0", kubernetes_validate.latest_version()]
# Kinds of others, whose definitions are not Kubernetes'.
FOREIGN = {"ServiceMonitor"}

EVERYTHING = """
imagePullSecrets: [{name: pull}]
revision: blue
meshConfig: {accessLogFile: /dev/stdout}
controlPlane:
  replicas: 2
  readsSecrets: true
  writeStatus: [addresses, analysis]
  arguments: [--log-format=json]
  podLabels: {team: mesh}
  nodeSelector: {disk: fast}
  tolerations: [{key: infra, operator: Exists}]
  priorityClassName: system-cluster-critical
  podDisruptionBudget: {enabled: true}
gateways:
  edge:
    labels: {istio: edge}
    quic: true
    service:
      annotations: {a: b}
      externalTrafficPolicy: Local
      loadBalancerSourceRanges: [192.0.2.0/24]
      ports:
      - {name: https, port: 443, targetPort: 8443, nodePort: 30443}
      - {name: https-quic, port: 443, targetPort: 8443, protocol: UDP}
    autoscaling: {enabled: true}
    podDisruptionBudget: {enabled: true}
    topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: edge}}}
  plain: {controlPlane: shared, labels: {istio: plain}, service: {type: ClusterIP}}
networkPolicy: {enabled: true}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
"""


def expect(condition, *what):
    if not condition:
        raise SystemExit(" ".join(map(str, what)))


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT)
    expect(done.returncode == 0, *command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def rendered(*values):
    return list(yaml.safe_load_all(run("scripts/render-chart.sh", "fairlead", "istio-system", *values)))


def by_kind(objects, kind):
    return {o["metadata"]["name"]: o for o in objects if o["kind"] == kind}


def check_against_kubernetes(objects):
    for each in objects:
        if each["kind"] not in FOREIGN:
            for version in VERSIONS:
                kubernetes_validate.validate(each, version, strict=True)
    names = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in objects]
    expect(len(names) == len(set(names)), "an object twice", names)


def may_no_more(role, rule):
    """Than to read, to write status, and to hold one Lease in the own namespace."""
    verbs = set(rule["verbs"])
    if "*" in rule["resources"] + rule["apiGroups"]:
        return False
    if verbs == {"patch"}:
        return all(name.endswith("/status") for name in rule["resources"])
    if rule["resources"] == ["leases"] and role["kind"] == "Role":
        return verbs == {"create"} or verbs == {"get", "update"} and len(rule["resourceNames"]) == 1
    if rule["resources"] in (["secrets"], ["configmaps"]):
        # Listed by metadata, and read one by one.
        return verbs == {"get", "list", "watch"}
    return verbs == {"list", "watch"}


def check_references(objects):
    """Selectors find their pods, bindings their roles and accounts, probes and Services their ports."""
    pods = {name: d["spec"]["template"] for name, d in by_kind(objects, "Deployment").items()}
    accounts, roles = by_kind(objects, "ServiceAccount"), by_kind(objects, "Role") | by_kind(objects, "ClusterRole")
    for name, pod in pods.items():
        expect(pod["spec"]["serviceAccountName"] in accounts, name, "has no account")
        ports = {p["name"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}
        for container in pod["spec"]["containers"]:
            for probe in ("readinessProbe", "livenessProbe"):
                if probe in container:
                    expect(container[probe]["httpGet"]["port"] in ports, name, probe)
        for container in pod["spec"]["containers"] + pod["spec"].get("initContainers", []):
            security = container["securityContext"]
            expect(security["readOnlyRootFilesystem"] and security["runAsNonRoot"], name, "may do too much")
    selectors = [(o, o["spec"]["selector"].get("matchLabels", o["spec"]["selector"]))
                 for kind in ("Service", "PodDisruptionBudget", "Deployment") for o in by_kind(objects, kind).values()]
    selectors += [(o, o["spec"]["podSelector"]["matchLabels"]) for o in by_kind(objects, "NetworkPolicy").values()]
    for owner, selector in selectors:
        found = [n for n, p in pods.items() if selector.items() <= p["metadata"]["labels"].items()]
        expect(len(found) == 1, owner["kind"], owner["metadata"]["name"], "selects", found)
        if owner["kind"] == "Service":
            numbers = {p["containerPort"] for c in pods[found[0]]["spec"]["containers"] for p in c.get("ports", [])}
            names = {p["name"] for c in pods[found[0]]["spec"]["containers"] for p in c.get("ports", [])}
            for port in owner["spec"]["ports"]:
                expect(port["targetPort"] in numbers | names, owner["metadata"]["name"], port)
    for binding in [*by_kind(objects, "RoleBinding").values(), *by_kind(objects, "ClusterRoleBinding").values()]:
        expect(binding["roleRef"]["name"] in roles, binding["metadata"]["name"], "binds no role")
        expect(all(s["name"] in accounts for s in binding["subjects"]), binding["metadata"]["name"], "binds nobody")
    for role in roles.values():
        for rule in role["rules"]:
            expect(may_no_more(role, rule), role["metadata"]["name"], "may too much:", rule)
            expect("secrets" not in rule["resources"] or rule["resources"] == ["secrets"],
                   role["metadata"]["name"], "mixes secrets with others")


def check_gateway_starts(objects, folder):
    """The bootstrap that the pod would write, by the arguments of its init container, read by a real Envoy."""
    values = {"POD_NAME": "gateway-0", "POD_NAMESPACE": "istio-system", "POD_IP": "10.0.0.1", "SERVICE_ACCOUNT": "gateway"}
    for name, deployment in by_kind(objects, "Deployment").items():
        for container in deployment["spec"]["template"]["spec"].get("initContainers", []):
            arguments = []
            for argument in container["args"]:
                for variable, value in values.items():
                    argument = argument.replace(f"$({variable})", value)
                arguments.append(argument.replace("/run/fairlead/", f"{folder}/"))
            run(BINARY, *arguments)
            run(ENVOY, "--mode", "validate", "-c", folder / "envoy.yaml")
            node = yaml.safe_load((folder / "envoy.yaml").read_text())["node"]
            labels = deployment["spec"]["template"]["metadata"]["labels"]
            expect(node["metadata"]["LABELS"].items() <= labels.items(), name, "claims labels that its pod lacks")


def main():
    schema = json.loads((CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        everything = folder / "everything.yaml"
        everything.write_text(EVERYTHING)
        for values in ([], [CHART / "values-minimal.yaml"], [CHART / "values-demo.yaml"], [everything]):
            for file in values:
                jsonschema.validate(yaml.safe_load(file.read_text()), schema)
            objects = rendered(*values)
            check_against_kubernetes(objects)
            check_references(objects)
            check_gateway_starts(objects, folder)
    jsonschema.validate(defaults, schema)
    for wrong in ({"gatway": {}}, {"gateways": {"g": {"service": {"ports": [{"name": "h", "port": 80, "targetPort": 80}]}}}}):
        expect(not jsonschema.Draft7Validator(schema).is_valid(wrong), "the schema takes", wrong)
    plain = (ROOT / "deploy/kubernetes/fairlead.yaml").read_text()
    expect([o for o in yaml.safe_load_all(plain) if o["kind"] != "Namespace"] == rendered(),
           "deploy/kubernetes/fairlead.yaml is not what the chart says: scripts/render-chart.sh --plain")


if __name__ == "__main__":
    main()
