#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No replica answers, in mode enforce: what goes on all the same, what is refused and how, and how it ends by itself."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (BY_LABEL, LATEST, MODE, PINNED, SELECTOR, Stream, check, check_equal, create, drop, evict, exists, get, install,  # noqa: E402
                     is_ready, kubectl, main, manifest, namespaces, needs_node, needs_pods, ok, pod, pods, refused, restarts, run, test, uninstall,
                     until, workload)
import harness  # noqa: E402

NS = "shop"


def lives(app, count=1):
    found = pods(NS, f"app={app}")
    return found if len(found) == count and (MODE == "plane" or all(map(is_ready, found))) else None


def comes_back(app):
    before = {each["metadata"]["uid"] for each in until(f"{app} runs", lambda: lives(app))}
    for each in lives(app):
        check_equal(evict(NS, each["metadata"]["name"]).status, 0)
    start = time.monotonic()
    until(f"{app} is back", lambda: (found := lives(app)) and not before & {each["metadata"]["uid"] for each in found}, 60)
    print(f"# back after {time.monotonic() - start:.1f} s", flush=True)


def dies():
    """All replicas at once, and none comes back for now."""
    if MODE == "plane":
        harness.SERVER.process.kill()
        harness.SERVER.process.wait()
        return
    ok("scale", "-n", "tagmoor", "deployment/tagmoor", "--replicas=0")
    ok("delete", "-n", "tagmoor", "pods", "-l", SELECTOR, "--force", "--grace-period=0")
    until("no replica", lambda: not get("-n", "tagmoor", "pods", "-l", SELECTOR)["items"])
    # Deleted by force they are gone from the API at once, and from the node when their lame duck is over.
    until("nobody answers", lambda: "failed calling webhook" in kubectl("create", "deployment", "-n", NS, "x", f"--image={PINNED}", "--dry-run=server").text)


@test
def new_deployment_of_a_person__refused_clearly():
    start = time.monotonic()
    said = kubectl("create", "deployment", "-n", NS, "new", f"--image={PINNED}")
    took = time.monotonic() - start
    check(said.status != 0 and 'failed calling webhook "users.tagmoor.dev"' in said.text, said.text)
    print(f"# after {took:.1f} s: {said.text.splitlines()[-1]}", flush=True)
    check(took < 15, f"took {took:.1f} s")


@test
def pinned_deployment__evicted__comes_back():
    comes_back("web")


@test
def rolling_deployment_from_before__evicted__comes_back():
    comes_back("before")


@test
@needs_pods
def daemonset_outside_kube_system__evicted__comes_back():
    comes_back("agent")


@test
@needs_pods
def statefulset__evicted__comes_back():
    comes_back("db")


@test
def cronjob__next_run__makes_job_and_pod():
    """It was given its schedule of a minute while the server lived."""
    begin = time.monotonic()
    seen = {each["metadata"]["uid"] for each in get("-n", NS, "jobs")["items"]}
    until("a new Job", lambda: {each["metadata"]["uid"] for each in get("-n", NS, "jobs")["items"]} - seen, 90)
    until("its Pod", lambda: pods(NS, "app=nightly"))
    print(f"# after {time.monotonic() - begin:.0f} s", flush=True)


@test
def scale__by_a_person__goes():
    ok("scale", "-n", NS, "deployment/web", "--replicas=2")
    until("two", lambda: len(pods(NS, "app=web")) == 2)
    ok("scale", "-n", NS, "deployment/web", "--replicas=1")


@test
def label_and_annotation__by_a_person__go():
    for each in ("deployment/web", "deployment/before", "pod/alone"):
        ok("label", "-n", NS, each, "seen=yes", "--overwrite")
        ok("annotate", "-n", NS, each, "seen=yes", "--overwrite")


@test
def finalizer__taken_off__goes():
    ok("delete", "-n", NS, "deployment", "held", "--wait=false")
    check(get("-n", NS, "deployment", "held")["metadata"].get("deletionTimestamp"), "not being deleted")
    ok("patch", "-n", NS, "deployment", "held", "-p", '{"metadata": {"finalizers": null}}')
    until("gone", lambda: not exists("-n", NS, "deployment", "held"))


@test
def finalizer_of_what_is_not_deleted__taken_off__goes():
    ok("patch", "-n", NS, "pod", "alone", "-p", '{"metadata": {"finalizers": ["example.com/wait"]}}')
    ok("patch", "-n", NS, "pod", "alone", "-p", '{"metadata": {"finalizers": null}}')


@test
def deletion__of_objects_and_a_namespace__goes():
    ok("delete", "-n", NS, "pod", "alone", "--timeout=60s")
    drop("doomed")
    check(not exists("namespace", "doomed"), "the namespace is there still")


@test
def other_objects__configmaps_and_namespaces__go():
    ok("create", "configmap", "-n", NS, "while-dead", "--from-literal=a=b")
    ok("create", "namespace", "born-while-dead")
    drop("born-while-dead")


@test
def kube_system__new_workload__goes():
    ok("create", "deployment", "-n", "kube-system", "moor-while-dead", f"--image={LATEST}", "--replicas=0")
    ok("delete", "deployment", "-n", "kube-system", "moor-while-dead")


@test
def node__joins_and_beats__goes():
    ok("create", "-f", "-", stdin=json.dumps(manifest("Node", "node2")))
    ok("delete", "node", "node2")
    if MODE == "node":
        renewed = get("-n", "kube-node-lease", "lease", "node1")["spec"]["renewTime"]
        until("the node's lease", lambda: get("-n", "kube-node-lease", "lease", "node1")["spec"]["renewTime"] != renewed, 30)


@test
@needs_node
def node__mirror_pod__goes():
    path = f"{harness.STATE}/conf/static/dead.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(pod("static", LATEST) | {"metadata": {"name": "static", "namespace": NS}}, file)
    try:
        until("the mirror Pod", lambda: exists("-n", NS, "pod", "static-node1"), 60)
    finally:
        os.remove(path)


@test
@needs_node
def replicas_that_do_not_answer__carried_goes_on_people_wait_3_s():
    """Not dead but deaf: packets to the serving port vanish."""
    ok("scale", "-n", "tagmoor", "deployment/tagmoor", "--replicas=1")
    until("one replica", lambda: any(map(is_ready, pods("tagmoor", SELECTOR))), 90)
    until("it answers", lambda: "denied the request" in kubectl("create", "deployment", "-n", NS, "x", f"--image={LATEST}", "--dry-run=server").text)
    rules = "table ip deaf { chain out { type filter hook output priority -300; tcp dport 8443 drop; ip daddr 10.96.0.0/16 tcp dport 443 drop; }; }"
    service = get("-n", "tagmoor", "service", "tagmoor")["spec"]["clusterIP"]
    check_equal(run("nft", rules.replace("10.96.0.0/16", service)).status, 0)
    try:
        start = time.monotonic()
        said = kubectl("create", "deployment", "-n", NS, "new", f"--image={PINNED}")
        took = time.monotonic() - start
        check(said.status != 0 and "failed calling webhook" in said.text, said.text)
        print(f"# after {took:.1f} s: {said.text.splitlines()[-1]}", flush=True)
        check(2 < took < 15, f"took {took:.1f} s")
        comes_back("web")
    finally:
        check_equal(run("nft", "delete", "table", "ip", "deaf").status, 0)
    ok("scale", "-n", "tagmoor", "deployment/tagmoor", "--replicas=0")
    until("no replica", lambda: not get("-n", "tagmoor", "pods", "-l", SELECTOR)["items"])


@test
@needs_pods
def tagmoors_own_pods__come_back_and_refuse_again():
    start = time.monotonic()
    ok("scale", "-n", "tagmoor", "deployment/tagmoor", "--replicas=3")
    until("asked again", lambda: "denied the request" in kubectl("create", "deployment", "-n", NS, "x", f"--image={LATEST}", "--dry-run=server").text, 60)
    print(f"# first answer after {time.monotonic() - start:.1f} s", flush=True)
    until("three replicas", lambda: len([p for p in pods("tagmoor", SELECTOR) if is_ready(p)]) == 3, 60)
    ok("create", "deployment", "-n", NS, "new", f"--image={PINNED}")


@test
@needs_pods
def all_replicas_killed_at_once__recovers_by_itself():
    start = time.monotonic()
    with Stream(NS) as stream:
        ok("delete", "-n", "tagmoor", "pods", "-l", SELECTOR, "--force", "--grace-period=0")
        until("three replicas", lambda: len([p for p in pods("tagmoor", SELECTOR) if is_ready(p)]) == 3, 90)
        back = time.monotonic() - start
        time.sleep(10)
    print(f"# three ready after {back:.1f} s, last create lost at {stream.last_lost_s:.1f} s", flush=True)
    check(stream.last_lost_s < back + 5, stream.text)


@test
@needs_pods
def replicas__restarts__none():
    check_equal(restarts(), 0)


def setup():
    uninstall()
    namespaces(NS, "doomed")
    create(NS, workload("Deployment", "before", LATEST))
    install({"mode": "enforce", "policy": BY_LABEL})
    held = workload("Deployment", "held", PINNED, 0)
    held["metadata"]["finalizers"] = ["example.com/wait"]
    nightly = workload("CronJob", "nightly", PINNED)
    nightly["spec"]["schedule"] = "* * * * *"
    create(NS, workload("Deployment", "web", PINNED), workload("StatefulSet", "db", PINNED), workload("DaemonSet", "agent", PINNED), nightly, held,
           pod("alone", PINNED))
    create("doomed", pod("alone", PINNED))
    for app in ("web", "before") + (() if MODE == "plane" else ("db", "agent")):
        until(f"{app} runs", lambda app=app: lives(app), 90)
    refused("create", "deployment", "-n", NS, "x", f"--image={LATEST}", "--dry-run=server")
    dies()


main(setup)
