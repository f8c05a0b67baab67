#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a policy says beyond levels: exemptions with an end, custom resources, controllers; changed live; namespaces relabelled; and what
the API server's audit log keeps."""
import datetime
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (BY_LABEL, LATEST, MODE, PINNED, STATE, TOP, check, check_equal, create, definition, exists, get, install, kubectl, main,  # noqa: E402
                     manifest, namespaces, needs, needs_pods, ok, pod, pods, refused, restarts, test, uninstall, until, warnings, workload)

TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def exemption(name, image, end):
    return {"name": name, "reason": f"a scenario of {name}", "match": {"namespaces": ["shop"], "images": [image]}} | end


POLICY = BY_LABEL | {
    "exemptions": [exemption("until-tomorrow", "example.com/vendor/agent:latest", {"expires": str(TODAY + datetime.timedelta(days=1))}),
                   exemption("until-yesterday", "example.com/vendor/old:latest", {"expires": str(TODAY - datetime.timedelta(days=1))})],
    "customResources": [{"resource": "widgets.example.com", "kind": "Widget", "images": ["spec.tool.image"]}]}
VALUES = {"mode": "enforce", "policy": POLICY}


def dry(namespace, body, *flags):
    return kubectl("create", "-n", namespace, "--dry-run=server", "-f", "-", *flags, stdin=json.dumps(body))


def is_refused(namespace="shop", image=LATEST):
    said = dry(namespace, pod("x", image))
    return said.status != 0 and "denied the request" in said.text


# --- exemptions -------------------------------------------------------------------------------------------
@test
def exemption__valid__admitted():
    said = dry("shop", pod("x", "example.com/vendor/agent:latest"))
    check_equal(said.status, 0)


@test
def exemption__in_another_namespace__refused():
    check(is_refused("shop-prod", "example.com/vendor/agent:latest"), "the exemption is for one namespace")


@test
def exemption__expired__refused():
    check(is_refused("shop", "example.com/vendor/old:latest"), "an expired exemption holds still")


# --- custom resources -------------------------------------------------------------------------------------
def rollout(image):
    body = workload("Deployment", "canary", image)
    return body | {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}


@test
def custom_resource__that_tagmoor_knows__refused_at_the_template():
    said = dry("shop", rollout(LATEST))
    check('admission webhook "users.tagmoor.dev" denied the request: spec.template.spec.containers[0] (container "app"): ' in said.text, said.text)
    check_equal(dry("shop", rollout(PINNED)).status, 0)


@test
def custom_resource__of_the_policy__refused_at_the_image():
    widget = manifest("Widget", "w", "example.com/v1", spec={"tool": {"image": LATEST}})
    said = dry("shop", widget)
    check("denied the request: spec.tool.image" in said.text, said.text)
    widget["spec"]["tool"]["image"] = PINNED
    check_equal(dry("shop", widget).status, 0)


@test
def custom_resource__in_development__warned():
    said = dry("shop-dev", rollout(LATEST))
    check(said.status == 0 and len(warnings(said.text)) == 1, said.text)


# --- namespaces -------------------------------------------------------------------------------------------
@test
def namespace__relabelled__other_environment():
    check(is_refused(), "production refuses")
    ok("label", "namespace", "shop", "environment=dev")
    until("development admits", lambda: not is_refused(), 15)
    ok("label", "namespace", "shop", "environment=prod", "--overwrite")
    until("production refuses", is_refused, 15)
    ok("label", "namespace", "shop", "environment-")
    check(is_refused(), "unlabelled is production")


@test
def namespace_labels__the_example__only_platform_admins_change_them():
    """deploy/examples/namespace-labels.yaml: who may edit a namespace cannot move it to development."""
    ok("apply", "-f", f"{TOP}/deploy/examples/namespace-labels.yaml")
    binding = manifest("ClusterRoleBinding", "moor-namespace-editor", "rbac.authorization.k8s.io/v1",
                       roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                       subjects=[{"kind": "User", "name": "editor", "apiGroup": "rbac.authorization.k8s.io"}])
    ok("apply", "-f", "-", stdin=json.dumps(binding))
    try:
        move = ("label", "namespace", "shop-prod", "environment=dev", "--overwrite", "--dry-run=server", "--as=editor")
        said = until("the policy is in force", lambda: (s := kubectl(*move)).status != 0 and s, 30)
        check("only the group platform-admins may change the label 'environment' (from 'prod' to 'dev')" in said.text, said.text)
        ok(*move, "--as-group=platform-admins")
        ok("label", "namespace", "shop-prod", "team=a", "--overwrite", "--dry-run=server", "--as=editor")
    finally:
        # Not by the file: the Namespace in it is ours.
        ok("delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "environment-label")
        ok("delete", "clusterrolebinding", "moor-namespace-editor")


@test
def namespace__of_kubernetes_itself__never_judged():
    check_equal(warnings(dry("kube-system", pod("x", LATEST)).text), [])
    check_equal(dry("kube-system", pod("x", LATEST)).status, 0)


# --- who ----------------------------------------------------------------------------------------------------
@test
def controller__makes_pods__never_waits():
    """A ReplicaSet that a person made in time is filled by its controller, whatever the image."""
    for entry in get("validatingwebhookconfiguration", "tagmoor")["webhooks"]:
        if "controllers" in entry["name"]:
            check_equal((entry["failurePolicy"], entry["timeoutSeconds"]), ("Ignore", 1))


@test
def node__mirror_pod__never_judged():
    if MODE != "node":
        ok("auth", "can-i", "create", "pods", "--as=system:node:node1", "--as-group=system:nodes")
        return
    with open(f"{STATE}/conf/static/static.json", "w", encoding="utf-8") as file:
        json.dump(pod("static", LATEST) | {"metadata": {"name": "static", "namespace": "shop"}}, file)
    try:
        until("the mirror Pod", lambda: exists("-n", "shop", "pod", "static-node1"), 60)
    finally:
        os.remove(f"{STATE}/conf/static/static.json")
        until("the mirror Pod is gone", lambda: not exists("-n", "shop", "pod", "static-node1"), 60)


# --- the API server's audit log -------------------------------------------------------------------------------
def audited(name):
    with open(f"{STATE}/log/audit.json", encoding="utf-8") as file:
        events = [json.loads(line) for line in file if f'"name":"{name}"' in line]
    return events[-1]["annotations"] if events else None


needs_audit = needs("node", "plane", why="the API server's audit log is out of reach")


@test
@needs_audit
def audit_log__denied__says_what_and_why():
    refused("run", "-n", "shop-prod", "audited-denied", f"--image={LATEST}")
    found = until("in the audit log", lambda: audited("audited-denied"), 15)
    prefix = "production.users.tagmoor.dev/"
    check_equal({key: found.get(prefix + key) for key in ("environment", "decision")}, {"environment": "production (path)", "decision": "deny"})
    check_equal(json.loads(found[prefix + "images"]),
                [{"path": "spec.containers[0]", "image": LATEST, "class": "channel", "level": "rolling"}])


@test
@needs_audit
def audit_log__warned_and_exempted__say_so():
    ok("run", "-n", "shop-dev", "audited-warned", f"--image={LATEST}")
    found = until("in the audit log", lambda: audited("audited-warned"), 15)
    check_equal(found["development.users.tagmoor.dev/decision"], "warn")
    ok("run", "-n", "shop", "audited-exempt", "--image=example.com/vendor/agent:latest")
    found = until("in the audit log", lambda: audited("audited-exempt"), 15)
    check_equal(found["users.tagmoor.dev/exempted-by"], "until-tomorrow")


@test
@needs_audit
def audit_log__a_controllers_pod__recorded_only():
    """The Deployment is from before: its Pod on `latest` is let through, and that stands in the log."""
    ok("delete", "-n", "shop", "pod", "-l", "app=before", "--wait=false")

    def found():
        with open(f"{STATE}/log/audit.json", encoding="utf-8") as file:
            return [a for line in file if "replicaset-controller" in line and '"resource":"pods"' in line and '"verb":"create"' in line
                    and (a := json.loads(line)["annotations"]).get("controllers.tagmoor.dev/images")]
    annotations = until("in the audit log", found, 30)[-1]
    check_equal(annotations["controllers.tagmoor.dev/decision"], "audit")
    check(LATEST in annotations["controllers.tagmoor.dev/images"], annotations)


# --- changed while it runs --------------------------------------------------------------------------------------
@test
@needs_pods
def config_map__changed__taken_up_without_a_restart():
    before = sorted(each["metadata"]["uid"] for each in pods("tagmoor"))
    text = get("-n", "tagmoor", "configmap", "tagmoor")["data"]["policy.yaml"]
    check(is_refused(), "refused before")
    start = time.monotonic()
    ok("patch", "-n", "tagmoor", "configmap", "tagmoor", "-p", json.dumps({"data": {"policy.yaml": text.replace("mode: enforce", "mode: audit")}}))
    # All three: one that still has the old policy would refuse one of these.
    until("nobody refuses", lambda: not any(is_refused() for _ in range(9)), 120)
    print(f"# taken up by all replicas after {time.monotonic() - start:.0f} s", flush=True)
    ok("patch", "-n", "tagmoor", "configmap", "tagmoor", "-p", json.dumps({"data": {"policy.yaml": text}}))
    until("all refuse", lambda: all(is_refused() for _ in range(9)), 120)
    check_equal(sorted(each["metadata"]["uid"] for each in pods("tagmoor")), before)


@test
@needs_pods
def replicas__restarts__none():
    check_equal(restarts(), 0)


def setup():
    uninstall()
    namespaces("shop", shop_prod={"environment": "prod"}, shop_dev={"environment": "dev"})
    for each in (definition("rollouts", "argoproj.io", "Rollout", "v1alpha1"), definition("widgets", "example.com", "Widget", "v1")):
        ok("apply", "-f", "-", stdin=json.dumps(each))
    ok("wait", "--for=condition=Established", "crd/rollouts.argoproj.io", "crd/widgets.example.com", "--timeout=60s")
    create("shop", workload("Deployment", "before", LATEST))
    until("its Pod", lambda: pods("shop", "app=before"))
    install(VALUES)
    until("custom resources are judged", lambda: "denied" in dry("shop", rollout(LATEST)).text)


main(setup)
