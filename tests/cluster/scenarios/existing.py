#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ran on `latest` before the install: it goes on, comes back, can be changed in every other way, and cannot be moved to another
rolling image."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (BY_LABEL, LATEST, MODE, PINNED, Skip, check, check_equal, create, drop, evict, exists, get, install, is_ready, kubectl,  # noqa: E402
                     main, manifest, namespaces, needs_pods, ok, pod, pods, refused, restarts, test, uninstall, until, warnings, workload)

NS = "legacy"
OPERATOR = "system:serviceaccount:operators:operator"
REFUSED = "registry.example.com/pause:stable"


def unchanged(kind_path="spec.template.spec.containers[0]"):
    return [f'{kind_path} (container "app"): image "{LATEST}" has a mutable tag (channel, unchanged); environment "production" recommends at least a release: '
            "use tag <major>.<minor>.<patch>, or a digest"]


def running(selector, count):
    """`count` Pods, which run where any can."""
    found = pods(NS, selector)
    return found if len(found) == count and (MODE == "plane" or all(map(is_ready, found))) else None


def comes_back(app, count):
    """Each Pod of it is evicted, and others take their places."""
    before = {each["metadata"]["name"]: each["metadata"]["uid"] for each in running(f"app={app}", count)}
    for name in before:
        check_equal(evict(NS, name).status, 0)
    after = until(f"{app} is back", lambda: (found := running(f"app={app}", count)) and
                  not set(before.values()) & {each["metadata"]["uid"] for each in found} and found)
    check_equal([each["spec"]["containers"][0]["image"] for each in after], [LATEST] * count)


@test
def cronjob__rescheduled__with_a_warning():
    """An update of an object on `latest`; what comes of it is looked at below."""
    check_equal(warnings(ok("patch", "-n", NS, "cronjob", "nightly", "-p", '{"spec": {"schedule": "*/1 * * * *"}}')),
                unchanged("spec.jobTemplate.spec.template.spec.containers[0]"))


@test
def deployment__scaled__runs():
    check_equal(warnings(ok("scale", "-n", NS, "deployment/web", "--replicas=2")), [])
    until("2 replicas", lambda: running("app=web", 2))


@test
def deployment__evicted__comes_back():
    comes_back("web", 2)


@test
def deployment__restarted__with_a_warning():
    check_equal(warnings(ok("rollout", "restart", "-n", NS, "deployment/web")), unchanged())
    until("two ReplicaSets", lambda: len(get("-n", NS, "replicasets", "-l", "app=web")["items"]) == 2)
    if MODE != "plane":
        ok("rollout", "status", "-n", NS, "deployment/web", "--timeout=90s")


@test
def deployment__moved_to_another_rolling_image__refused():
    entry, message = refused("set", "image", "-n", NS, "deployment/web", f"app={REFUSED}")
    check_equal((entry, message), ("users.tagmoor.dev", f'spec.template.spec.containers[0] (container "app"): image "{REFUSED}" has a mutable tag (channel); environment "production" requires '
                                   "at least a release: use registry.example.com/pause:<major>.<minor>.<patch>, or registry.example.com/pause@sha256:<digest>"))


@test
def deployment__second_rolling_container__refused():
    """Unchanged is a container by its name: the same image under another name is a new one."""
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "second", "image": LATEST}]}}}}
    _entry, message = refused("patch", "-n", NS, "deployment", "web", "-p", json.dumps(patch))
    check('(container "second"): ' in message, message)


@test
def deployment__pinned__old_replica_set_scales_to_0():
    said = ok("set", "image", "-n", NS, "deployment/web", f"app={PINNED}")
    check_equal(warnings(said), [])
    if MODE == "plane":
        until("a third ReplicaSet", lambda: len(get("-n", NS, "replicasets", "-l", "app=web")["items"]) == 3)
        raise Skip("a rollout needs Pods that get ready; that it begins was seen")
    ok("rollout", "status", "-n", NS, "deployment/web", "--timeout=90s")
    sizes = {each["spec"]["template"]["spec"]["containers"][0]["image"]: each["spec"]["replicas"]
             for each in get("-n", NS, "replicasets", "-l", "app=web")["items"]}
    check_equal(sizes, {LATEST: 0, PINNED: 2})


@test
def statefulset__scaled_and_evicted__comes_back():
    check_equal(warnings(ok("scale", "-n", NS, "statefulset/db", "--replicas=2")), [])
    if MODE == "plane":
        comes_back("db", 1)  # the second waits for the first to be ready
    else:
        until("2 replicas", lambda: running("app=db", 2))
        comes_back("db", 2)


@test
def statefulset__restarted__with_a_warning():
    check_equal(warnings(ok("rollout", "restart", "-n", NS, "statefulset/db")), unchanged())


@test
@needs_pods
def daemonset__evicted__comes_back():
    comes_back("agent", 1)


@test
def daemonset__restarted__with_a_warning():
    check_equal(warnings(ok("rollout", "restart", "-n", NS, "daemonset/agent")), unchanged())


@test
def cronjob__next_run__makes_job_and_pod():
    until("a Job by the CronJob", lambda: any(o["name"] == "nightly" for job in get("-n", NS, "jobs")["items"]
                                              for o in job["metadata"].get("ownerReferences", [])), 90)
    found = until("its Pod", lambda: pods(NS, "app=nightly"))
    check_equal(found[0]["spec"]["containers"][0]["image"], LATEST)
    ok("patch", "-n", NS, "cronjob", "nightly", "-p", '{"spec": {"suspend": true}}')


@test
def every_kind__labelled_and_annotated__silent():
    for each in ("deployment/web", "statefulset/db", "daemonset/agent", "cronjob/nightly", "pod/made-by-operator"):
        check_equal(warnings(ok("label", "-n", NS, each, "seen=yes", "--overwrite")), [])
        check_equal(warnings(ok("annotate", "-n", NS, each, "seen=yes", "--overwrite")), [])


@test
def pod_of_an_operator__changed_by_it__silent():
    check_equal(warnings(ok("annotate", "-n", NS, "pod/made-by-operator", "state=known", f"--as={OPERATOR}")), [])


@test
def pod_of_an_operator_that_nobody_named__made_anew__refused():
    """Why `controllers.users` is there, and scan before mode enforce."""
    ok("delete", "-n", NS, "pod", "made-by-operator")
    _entry, message = refused("create", "-n", NS, "-f", "-", f"--as={OPERATOR}", stdin=json.dumps(pod("made-by-operator", LATEST)))
    check(message.startswith(f'spec.containers[0] (container "app"): image "{LATEST}" has a mutable tag'), message)


@test
def pod_of_an_operator_that_was_named__made_anew__comes_back():
    install({"mode": "enforce", "policy": BY_LABEL | {"controllers": {"users": ["system:serviceaccount:operators:*"]}}})
    said = until("the operator's Pod", lambda: (s := kubectl("create", "-n", NS, "-f", "-", f"--as={OPERATOR}", stdin=json.dumps(pod("made-by-operator", LATEST)))).status == 0 and s, 30)
    check_equal(warnings(said.text), [])
    refused("create", "-n", NS, "-f", "-", stdin=json.dumps(pod("made-by-a-person", LATEST)))
    # A user who can write owner references is not a controller for that reason.
    owned = pod("claims-an-owner", LATEST)
    owned["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "controller": True,
                                            "uid": get("-n", NS, "daemonset", "agent")["metadata"]["uid"]}]
    refused("create", "-n", NS, "-f", "-", stdin=json.dumps(owned))


@test
def finalizer__taken_off_while_deleted__goes():
    ok("patch", "-n", NS, "statefulset", "db", "-p", '{"metadata": {"finalizers": ["example.com/wait"]}}')
    ok("delete", "-n", NS, "statefulset", "db", "--wait=false")
    check(get("-n", NS, "statefulset", "db")["metadata"].get("deletionTimestamp"), "not being deleted")
    ok("patch", "-n", NS, "statefulset", "db", "-p", '{"metadata": {"finalizers": null}}')
    until("gone", lambda: not exists("-n", NS, "statefulset", "db"))


@test
def objects__deleted__gone():
    for each in ("deployment/web", "daemonset/agent", "cronjob/nightly"):
        ok("delete", "-n", NS, each, "--timeout=60s")


@test
def namespace__deleted__gone():
    create(NS, pod("last", PINNED))
    drop(NS)
    check(not exists("namespace", NS), "the namespace is there still")


@test
@needs_pods
def replicas__restarts__none():
    check_equal(restarts(), 0)


def setup():
    uninstall()
    namespaces("operators", NS)
    ok("apply", "-f", "-", stdin=json.dumps(manifest("ClusterRoleBinding", "moor-operator", "rbac.authorization.k8s.io/v1",
       roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
       subjects=[{"kind": "ServiceAccount", "name": "operator", "namespace": "operators"}])))
    create(NS, *(workload(kind, name, LATEST) for kind, name in (("Deployment", "web"), ("StatefulSet", "db"), ("DaemonSet", "agent"), ("CronJob", "nightly"))))
    until("the operator's rights", lambda: kubectl("create", "-n", NS, "-f", "-", f"--as={OPERATOR}", stdin=json.dumps(pod("made-by-operator", LATEST))).status == 0)
    for app in ("web", "db") + (() if MODE == "plane" else ("agent",)):
        until(f"{app} runs", lambda app=app: running(f"app={app}", 1), 90)
    install({"mode": "enforce", "policy": BY_LABEL})


main(setup)
