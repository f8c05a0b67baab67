#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ways past the gate that a user with the rights of ClusterRole `edit` has tried, each beside its control: the same steps with a pinned
image go through."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (LATEST, OLD, PINNED, check, check_equal, create, exists, get, install, kubectl, main, manifest, namespaces, ok, pod,  # noqa: E402
                     pods, refused, template, test, uninstall, until, warnings, workload)

NS = "attacked"
ALICE = "--as=alice"    # has ClusterRole edit in the namespace, and everything in the group apps
INJECTED = "sidecar.istio.io/proxyImage"
ROLLBACK = "deprecated.deployment.rollback.to"
OBSERVED_S = 8          # the controllers act within a second


def patch(what, name, body, *flags):
    return ("patch", "-n", NS, what, name, "--type=merge", ALICE, "-p", json.dumps(body), *flags)


def image_of(what, name):
    return get("-n", NS, what, name)["spec"]["template"]["spec"]["containers"][0]["image"]


def replica_set(app, image):
    """The name of the Deployment's ReplicaSet with this image."""
    found = [each["metadata"]["name"] for each in get("-n", NS, "replicasets", "-l", f"app={app}")["items"]
             if each["spec"]["template"]["spec"]["containers"][0]["image"] == image]
    return found[0] if found else None


def revision_of(app, image):
    return get("-n", NS, "replicaset", replica_set(app, image))["metadata"]["annotations"]["deployment.kubernetes.io/revision"]


def template_with(image):
    return {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"}]}}}}


def stays(what, condition):
    end = time.monotonic() + OBSERVED_S
    while time.monotonic() < end:
        check(condition(), f"no longer: {what}")
        time.sleep(0.5)


def is_denied(said, place):
    entry, message = said
    check_equal(entry, "users.tagmoor.dev")
    check(message.startswith(place), message)
    check(f'"{LATEST}" has a mutable tag' in message, message)


# --- an object that is being deleted ----------------------------------------------------------------------
@test
def replica_set_being_deleted__new_template__refused():
    name = until("the first ReplicaSet", lambda: replica_set("web", OLD))
    ok(*patch("replicaset", name, {"metadata": {"finalizers": ["example.com/wait"]}}))
    ok("delete", "-n", NS, "replicaset", name, ALICE, "--wait=false")
    check(get("-n", NS, "replicaset", name)["metadata"].get("deletionTimestamp"), "not being deleted")
    is_denied(refused(*patch("replicaset", name, template_with(LATEST))), 'spec.template.spec.containers[0] (container "app"): ')
    # The controls: a pinned image, and the finalizer.
    check_equal(warnings(ok(*patch("replicaset", name, template_with(PINNED)))), [])
    check_equal(warnings(ok(*patch("replicaset", name, {"metadata": {"finalizers": None}}))), [])
    until("gone", lambda: not exists("-n", NS, "replicaset", name))


@test
def pod_being_deleted__new_image__refused():
    body = pod("leaving", PINNED)
    body["metadata"]["finalizers"] = ["example.com/wait"]
    ok("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(body))
    ok("delete", "-n", NS, "pod", "leaving", ALICE, "--wait=false")
    is_denied(refused("set", "image", "-n", NS, "pod/leaving", f"app={LATEST}", ALICE), 'spec.containers[0] (container "app"): ')
    ok(*patch("pod", "leaving", {"metadata": {"finalizers": None}}))
    until("gone", lambda: not exists("-n", NS, "pod", "leaving"))


@test
def legacy_replica_set_being_deleted__finalizer_removed__goes():
    """What ran before the install, being deleted: nothing new is in the update."""
    name = until("the ReplicaSet from before", lambda: replica_set("before", LATEST))
    ok(*patch("replicaset", name, {"metadata": {"finalizers": ["example.com/wait"]}}))
    ok("delete", "-n", NS, "replicaset", name, ALICE, "--wait=false", "--cascade=orphan")
    ok(*patch("replicaset", name, {"metadata": {"finalizers": None}}))
    until("made again by the Deployment", lambda: replica_set("before", LATEST))


# --- a rollback by Kubernetes itself -----------------------------------------------------------------------
def roll_back(app, revision):
    ok("annotate", "-n", NS, f"deployment/{app}", f"{ROLLBACK}={revision}", ALICE)


@test
def rollback_by_annotation__to_an_image_from_before_the_install__refused():
    ok("set", "image", "-n", NS, "deployment/moved", f"app={PINNED}", ALICE)
    until("a ReplicaSet of the pinned image", lambda: replica_set("moved", PINNED))
    roll_back("moved", revision_of("moved", LATEST))
    stays("the Deployment is pinned", lambda: image_of("deployment", "moved") == PINNED)
    check(ROLLBACK in get("-n", NS, "deployment", "moved")["metadata"]["annotations"], "the controller has carried out the rollback")
    ok("annotate", "-n", NS, "deployment/moved", f"{ROLLBACK}-", ALICE)
    # The controller goes on with its work.
    ok("scale", "-n", NS, "deployment/moved", "--replicas=2", ALICE)
    until("scaled", lambda: len(pods(NS, "app=moved")) >= 2)


@test
def rollback_by_annotation__to_a_pinned_image__goes():
    roll_back("back", revision_of("back", OLD))
    until("rolled back", lambda: image_of("deployment", "back") == OLD)
    until("the annotation is gone", lambda: ROLLBACK not in get("-n", NS, "deployment", "back")["metadata"]["annotations"])


@test
def replica_set_of_a_deployment__new_template__refused():
    """The rollback's source, without a deletion."""
    name = until("the ReplicaSet", lambda: replica_set("back", PINNED))
    is_denied(refused(*patch("replicaset", name, template_with(LATEST))), 'spec.template.spec.containers[0] (container "app"): ')


# --- ControllerRevisions -----------------------------------------------------------------------------------
def revision(name, image, containers="containers"):
    body = template("db", image)
    body["spec"][containers] = body["spec"].pop("containers")
    return {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": name, "labels": {"app": "db"}}, "revision": 7,
            "data": {"spec": {"template": body | {"$patch": "replace"}}}}


@test
def controller_revision__made_anew_with_another_image__refused():
    mine = until("the StatefulSet's revision", lambda: get("-n", NS, "controllerrevisions", "-l", "app=db")["items"])[0]
    evil = json.loads(json.dumps(mine))
    evil["metadata"] = {"name": "db-evil", "labels": mine["metadata"]["labels"], "ownerReferences": mine["metadata"]["ownerReferences"]}
    evil["data"]["spec"]["template"]["spec"]["containers"][0]["image"] = LATEST
    is_denied(refused("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(evil)), 'data.spec.template.spec.containers[0] (container "app"): ')
    # Go's decoder, which statefulset-controller uses, ignores the case of names.
    is_denied(refused("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(revision("db-folded", LATEST, "Containers"))),
              'data.spec.template.spec.containers[0] (container "app"): ')


@test
def controller_revision__made_anew_with_a_pinned_image__goes():
    mine = until("the StatefulSet's revision", lambda: get("-n", NS, "controllerrevisions", "-l", "app=db")["items"])[0]
    name = mine["metadata"]["name"]
    ok("delete", "-n", NS, "controllerrevision", name, ALICE)
    kubectl("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(revision(name, PINNED)))    # unless the controller was faster
    check(exists("-n", NS, "controllerrevision", name), "no revision")
    check_equal(warnings(ok("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(revision("db-other", PINNED)))), [])
    ok("delete", "-n", NS, "controllerrevision", "db-other", ALICE)


@test
def stateful_set_from_before__restarted__goes():
    """statefulset-controller writes a revision with the image from before."""
    before = len(get("-n", NS, "controllerrevisions", "-l", "app=olddb")["items"])
    ok("rollout", "restart", "-n", NS, "statefulset/olddb", ALICE)
    until("another revision", lambda: len(get("-n", NS, "controllerrevisions", "-l", "app=olddb")["items"]) == before + 1)


# --- injectors ---------------------------------------------------------------------------------------------
INJECTOR = [
    manifest("MutatingAdmissionPolicy", "moor-injector", "admissionregistration.k8s.io/v1", spec={
        "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
        "matchConditions": [{"name": "asked", "expression": f'"{INJECTED}" in object.metadata.?annotations.orValue({{}})'}],
        "failurePolicy": "Fail", "reinvocationPolicy": "Never",
        "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression":
            'Object{spec: Object.spec{containers: [Object.spec.containers{name: "istio-proxy", '
            f'image: object.metadata.annotations["{INJECTED}"]' '}]}}'}}]}),
    manifest("MutatingAdmissionPolicyBinding", "moor-injector", "admissionregistration.k8s.io/v1", spec={
        "policyName": "moor-injector", "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NS}}}})]


def meshed(kind, name, annotation, image=PINNED):
    body = workload(kind, name, image)
    place = body["spec"]["jobTemplate"]["spec"]["template"] if kind == "CronJob" else body if kind == "Pod" else body["spec"]["template"]
    place["metadata"]["annotations"] = {INJECTED: annotation}
    return body


@test
def image_annotation__in_a_template__refused():
    for kind, place in (("Deployment", "spec.template"), ("StatefulSet", "spec.template"), ("CronJob", "spec.jobTemplate.spec.template"), ("Job", "spec.template")):
        is_denied(refused("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(meshed(kind, "evil", LATEST))), f"{place}.metadata.annotations[{INJECTED}] (annotation): ")


@test
def image_annotation__of_a_pod__refused():
    is_denied(refused("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(meshed("Pod", "evil", LATEST))), f"metadata.annotations[{INJECTED}] (annotation): ")


@test
def image_annotation__pinned__injected():
    check_equal(warnings(ok("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(meshed("Deployment", "meshed", OLD)))), [])
    found = until("its Pod", lambda: pods(NS, "app=meshed"))[0]
    check_equal({each["name"]: each["image"] for each in found["spec"]["containers"]}, {"app": PINNED, "istio-proxy": OLD})


@test
def image_annotation__changed_alone__refused():
    """The specification of the Pod stays: the update is sent all the same."""
    change = {"spec": {"template": {"metadata": {"annotations": {INJECTED: LATEST}}}}}
    is_denied(refused(*patch("deployment", "meshed", change)), f"spec.template.metadata.annotations[{INJECTED}] (annotation): ")
    name = pods(NS, "app=meshed")[0]["metadata"]["name"]
    is_denied(refused("annotate", "-n", NS, "pod", name, f"{INJECTED}={LATEST}", "--overwrite", ALICE), f"metadata.annotations[{INJECTED}] (annotation): ")


@test
def other_changes__of_what_is_meshed__silent():
    name = pods(NS, "app=meshed")[0]["metadata"]["name"]
    check_equal(warnings(ok("annotate", "-n", NS, "pod", name, "seen=yes", ALICE)), [])
    check_equal(warnings(ok("rollout", "restart", "-n", NS, "deployment/meshed", ALICE)), [])
    until("a second ReplicaSet", lambda: len(get("-n", NS, "replicasets", "-l", "app=meshed")["items"]) == 2)


# --- placeholders ------------------------------------------------------------------------------------------
def create_failures(app):
    names = [each["metadata"]["name"] for each in get("-n", NS, "replicasets", "-l", f"app={app}")["items"]]
    return [each["message"] for each in get("-n", NS, "events")["items"] if each["reason"] == "FailedCreate" and each["involvedObject"]["name"] in names]


@test
def placeholder__that_nothing_replaces__no_pod():
    ok("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(workload("Deployment", "gateway", "auto")))
    message = until("the controller cannot make the Pod", lambda: create_failures("gateway"))[0]
    check('admission webhook "controllers.tagmoor.dev" denied the request: spec.containers[0] (container "app"): image "auto" is ' in message, message)
    check_equal(pods(NS, "app=gateway"), [])


@test
def placeholder__of_the_policy__no_pod():
    ok("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(workload("Deployment", "later", "filled-in-later")))
    until("the controller cannot make the Pod", lambda: create_failures("later"))
    check_equal(pods(NS, "app=later"), [])


@test
def placeholder__that_an_injector_replaces__runs():
    """The injector fills in the container that the template has already, as Istio does for gateways."""
    body = meshed("Deployment", "filled", OLD, "auto")
    body["spec"]["template"]["spec"]["containers"][0]["name"] = "istio-proxy"
    ok("create", "-n", NS, "-f", "-", ALICE, stdin=json.dumps(body))
    found = until("its Pod", lambda: pods(NS, "app=filled"))[0]
    check_equal([each["image"] for each in found["spec"]["containers"]], [OLD])


# --- what ran before ---------------------------------------------------------------------------------------
@test
def deployment_from_before__scaled_restarted_labelled__goes():
    ok("scale", "-n", NS, "deployment/before", "--replicas=2", ALICE)
    until("two", lambda: len(pods(NS, "app=before")) == 2)
    ok("label", "-n", NS, "deployment/before", "seen=yes", ALICE)
    ok("rollout", "restart", "-n", NS, "deployment/before", ALICE)
    until("a second ReplicaSet", lambda: len(get("-n", NS, "replicasets", "-l", "app=before")["items"]) >= 2)
    # The same image in another field is a new one.
    change = {"spec": {"template": {"spec": {"initContainers": [{"name": "first", "image": LATEST}]}}}}
    is_denied(refused(*patch("deployment", "before", change)), 'spec.template.spec.initContainers[0] (container "first"): ')


def bind():
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole"}
    alice = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}]
    ok("apply", "-n", NS, "-f", "-", stdin="\n---\n".join(map(json.dumps, (
        manifest("RoleBinding", "edit", "rbac.authorization.k8s.io/v1", roleRef=role | {"name": "edit"}, subjects=alice),
        manifest("Role", "apps", "rbac.authorization.k8s.io/v1", rules=[{"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]}]),
        manifest("RoleBinding", "apps", "rbac.authorization.k8s.io/v1", roleRef=role | {"kind": "Role", "name": "apps"}, subjects=alice)))))
    ok("apply", "-f", "-", stdin="\n---\n".join(map(json.dumps, INJECTOR)))


def setup():
    uninstall()
    namespaces(NS)
    bind()
    create(NS, workload("Deployment", "before", LATEST), workload("Deployment", "moved", LATEST), workload("StatefulSet", "olddb", LATEST),
           workload("StatefulSet", "db", PINNED), workload("Deployment", "web", OLD), workload("Deployment", "back", OLD))
    for app, image in (("web", OLD), ("back", OLD), ("moved", LATEST), ("before", LATEST)):
        until(f"the ReplicaSet of {app}", lambda app=app, image=image: replica_set(app, image))
    until("the revision of olddb", lambda: get("-n", NS, "controllerrevisions", "-l", "app=olddb")["items"])
    install({"mode": "enforce", "policy": {"placeholders": ["auto", "filled-in-later"]}})
    for app in ("web", "back"):
        ok("set", "image", "-n", NS, f"deployment/{app}", f"app={PINNED}", ALICE)
        until(f"a second ReplicaSet of {app}", lambda app=app: replica_set(app, PINNED))


main(setup)
