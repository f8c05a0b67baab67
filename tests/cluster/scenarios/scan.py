#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`kubectl tagmoor scan -A` before the install, against what admission then says of the same objects."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (BY_LABEL, LATEST, PINNED, SCRATCH, Skip, TAGMOOR, check, check_equal, create, definition, get, install, kubectl, main,  # noqa: E402
                     manifest, namespaces, ok, pod, test, uninstall, until, warnings, workload, write)

OPERATOR = "system:serviceaccount:operators:operator"
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicationController")
PLACES = ("shop", "shop-dev")
FOUND = {}


def scan(*arguments):
    """`kubectl tagmoor`: the binary under the plugin's name."""
    plugins = os.path.join(SCRATCH, "plugins")
    os.makedirs(plugins, exist_ok=True)
    if not os.path.exists(f"{plugins}/kubectl-tagmoor"):
        os.symlink(os.path.abspath(TAGMOOR), f"{plugins}/kubectl-tagmoor")
    return kubectl("tagmoor", "scan", *arguments, env={"PATH": plugins + ":" + os.environ["MOOR_CLUSTER_BIN"] + ":" + os.environ["PATH"]})


def decision(namespace, kind, name, occasion):
    """The decision that scan predicted; what the audit log alone shows is `allow` to a user."""
    found = FOUND["findings"].get((namespace, kind, name), {}).get(occasion, "allow")
    return "allow" if found == "audit" else found


def verdict(said):
    if said.status != 0:
        check("denied the request" in said.text, said.text)
        return "deny"
    return "warn" if warnings(said.text) else "allow"


def every_workload():
    for namespace in PLACES:
        for kind in KINDS:
            for name in ("rolling", "pinned"):
                yield namespace, kind, name


@test
def scan__before_the_install__finds_what_is_there():
    if subprocess.run([TAGMOOR, "scan", "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise Skip("this tagmoor has no scan")
    path = write("policy.yaml", json.dumps({"mode": "enforce"} | BY_LABEL))
    said = scan("-A", "--policy", path)
    check_equal(said.status, 1)
    parsed = json.loads(scan("-A", "--policy", path, "-o", "json").text)
    FOUND["findings"] = {(each["namespace"], each["kind"], each["name"]): each["decisions"] for each in parsed["findings"]}
    FOUND["operators"] = parsed["operators"]
    check_equal(parsed["errors"], [])
    check_equal(decision("shop", "Deployment", "rolling", "recreation"), "deny", parsed)
    install({"mode": "enforce", "policy": BY_LABEL})


def needs_scan():
    if not FOUND:
        raise Skip("there was no scan")


@test
def re_creation__of_every_workload__as_scan_said():
    needs_scan()
    differing = []
    for namespace, kind, name in every_workload():
        image = LATEST if name == "rolling" else PINNED
        found = verdict(kubectl("create", "-n", namespace, "--dry-run=server", "-f", "-", stdin=json.dumps(workload(kind, name + "-again", image))))
        said = decision(namespace, kind, name, "recreation")
        if found != said:
            differing.append((namespace, kind, name, "scan:", said, "admission:", found))
    check_equal(differing, [])


@test
def change__of_every_workload__as_scan_said():
    needs_scan()
    differing = []
    for namespace, kind, name in every_workload():
        template = {"template": {"metadata": {"annotations": {"changed": "yes"}}}}
        spec = {"jobTemplate": {"spec": template}} if kind == "CronJob" else template
        found = verdict(kubectl("patch", "-n", namespace, kind, name, "--dry-run=server", "-p", json.dumps({"spec": spec})))
        said = decision(namespace, kind, name, "change")
        if found != said:
            differing.append((namespace, kind, name, "scan:", said, "admission:", found))
    check_equal(differing, [])


@test
def eviction__of_an_operators_pod__as_scan_said():
    needs_scan()
    check_equal(decision("shop", "Operand", "operand", "eviction"), "deny")
    check("operators" in json.dumps(FOUND["operators"]), FOUND["operators"])
    said = kubectl("create", "-n", "shop", "--dry-run=server", "-f", "-", f"--as={OPERATOR}", stdin=json.dumps(pod("operand-1", LATEST)))
    check_equal(verdict(said), "deny")


@test
def eviction__of_a_deployments_pod__as_scan_said():
    """What built-in controllers bring back is never denied, and scan does not say so."""
    needs_scan()
    for namespace in PLACES:
        check(decision(namespace, "Deployment", "rolling", "eviction") != "deny", FOUND["findings"])


def setup():
    uninstall()
    namespaces("operators", "shop", shop_dev={"environment": "dev"})
    # An operator as they come: a kind of its own, and a role that names it.
    group, rights = "rbac.authorization.k8s.io", ["get", "list", "watch", "create", "update", "patch", "delete"]
    objects = [definition("operands", "example.com", "Operand", "v1"),
               manifest("ClusterRole", "moor-operator", f"{group}/v1",
                        rules=[{"apiGroups": ["example.com"], "resources": ["operands", "operands/finalizers"], "verbs": rights},
                               {"apiGroups": [""], "resources": ["pods"], "verbs": rights}]),
               manifest("ClusterRoleBinding", "moor-operator", f"{group}/v1", roleRef={"apiGroup": group, "kind": "ClusterRole", "name": "moor-operator"},
                        subjects=[{"kind": "ServiceAccount", "name": "operator", "namespace": "operators"}])]
    ok("delete", "clusterrolebinding", "moor-operator", "--ignore-not-found")
    ok("apply", "-f", "-", stdin="\n---\n".join(map(json.dumps, objects)))
    ok("wait", "--for=condition=Established", "crd/operands.example.com", "--timeout=60s")
    ok("create", "serviceaccount", "-n", "operators", "operator")
    for namespace in PLACES:
        create(namespace, *(workload(kind, name, image, 0) for kind in KINDS for name, image in (("rolling", LATEST), ("pinned", PINNED))))
    until("the operand", lambda: kubectl("create", "-n", "shop", "-f", "-", stdin=json.dumps(manifest("Operand", "operand", "example.com/v1"))).status == 0)
    owned = pod("operand-0", LATEST)
    owned["metadata"]["ownerReferences"] = [{"apiVersion": "example.com/v1", "kind": "Operand", "name": "operand", "controller": True,
                                            "uid": get("-n", "shop", "operands.example.com", "operand")["metadata"]["uid"]}]
    until("the operator's Pod", lambda: kubectl("create", "-n", "shop", "-f", "-", f"--as={OPERATOR}", stdin=json.dumps(owned)).status == 0)


main(setup)
