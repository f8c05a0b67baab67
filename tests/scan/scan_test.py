#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor scan` over clusters that a kubectl of our own answers for (tests/scan/kubectl): findings, owners, two policies and
namespaces."""
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile

from fake_cluster import deployment, dump, example, made, namespace, pod, workload
from harness import HERE, LABELS, PRODUCTION, TAGMOOR, check, check_equal, main, scan, test, write


@test
def example__all_formats_of_its_own__as_expected():
    for output in ("text", "tsv", "json"):
        result = scan(example(), output=output)
        check_equal((result.status, result.err), (1, ""))
        text = re.sub(r'"tagmoor": "[^"]*"', '"tagmoor": "VERSION"', result.out)
        path = os.path.join(HERE, "expected", f"example.{output}")
        if "--write" in sys.argv and not os.path.exists(path):
            write(os.path.dirname(path), os.path.basename(path), text)
        with open(path, encoding="utf-8") as stream:
            wanted = stream.read()
        check(text == wanted, "\n".join(difflib.unified_diff(wanted.splitlines(), text.splitlines(), lineterm="")))


@test
def clean_cluster__nothing_listed_and_0():
    result = scan(deployment("shop", "web", web="nginx:1.27.3"), output="text")
    check_equal(result.status, 0, result)
    check(result.out.startswith("would be denied:\n  on the next change  0 images"), result)


@test
def deployment__once_with_its_pods_and_without_older_replica_sets():
    found = deployment("shop", "web", pods=3, web="nginx:latest")
    found.append(workload("ReplicaSet", "shop", "web-66666", found[0], web="nginx:stable"))
    result = scan(found)
    check_equal(result.denied, {"shop Deployment web web nginx:latest": "recreation"})
    check_equal(result.json["findings"][0]["pods"], 3)
    check_equal(result.json["findings"][0]["path"], "spec.template.spec.containers[0]")
    check_equal(result.json["findings"][0]["decisions"],
                {"change": "warn", "eviction": "audit", "recreation": "deny"})


@test
def unchanged_enforced__denied_on_a_change():
    result = scan(deployment("shop", "web", web="nginx:latest"),
                  policy=PRODUCTION + "  unchanged: {enforce: release}\n")
    check_equal(result.denied, {"shop Deployment web web nginx:latest": "change recreation"})


@test
def controllers_enforced__denied_on_eviction():
    result = scan(deployment("shop", "web", web="nginx:latest"),
                  policy=PRODUCTION + "controllers: {enforce: release}\n")
    check_equal(result.denied, {"shop Deployment web web nginx:latest": "eviction recreation"})


@test
def injected_sidecar__stands_in_the_pod_alone__denied_on_eviction_where_controllers_are():
    found = deployment("shop", "web", pods=2, web="nginx:1.27.3")
    for one in found[-2:]:
        one["spec"]["containers"].append({"name": "proxy", "image": "istio/proxyv2:latest"})
    check_equal(scan(found).denied, {})
    result = scan(found, policy=PRODUCTION + "controllers: {enforce: release}\n")
    check_equal(result.denied, {"shop Deployment web proxy istio/proxyv2:latest": "eviction"})


@test
def each_built_in_controller__its_pods_come_back():
    kinds = [("ReplicaSet", "apps/v1"), ("StatefulSet", "apps/v1"), ("DaemonSet", "apps/v1"), ("Job", "batch/v1"),
             ("ReplicationController", "v1")]
    found = []
    for kind, version in kinds:
        top = workload(kind, "shop", kind.lower(), version=version, main="a:latest")
        found += [top, pod("shop", kind.lower() + "-1", top, main="a:latest")]
    result = scan(found)
    check_equal(set(result.denied.values()), {"recreation"}, result)
    check_equal(len(result.denied), len(kinds))
    check_equal({f["decisions"]["eviction"] for f in result.json["findings"]}, {"audit"})


@test
def pod_of_nobody__is_not_brought_back():
    result = scan([pod("shop", "shell", shell="busybox")])
    check_equal(result.json["findings"][0]["decisions"], {"change": "warn", "recreation": "deny"})


@test
def pod_of_nobody__is_one_pod():
    result = scan([pod("shop", "shell", shell="busybox")])
    check_equal((result.json["findings"][0]["pods"], result.json["summary"]["pods"]), (1, 1))
    text = scan([pod("shop", "shell", shell="busybox")], output="text").out
    check("\n  Pod shell\n" in text and "evaluated: 1 workload, 1 Pod;" in text, text)


@test
def pod_of_an_unknown_controller__admission_sees_a_user_on_eviction():
    # As the executors of Spark, whose owner is the Pod of the driver.
    for version, kind in (("v1", "Pod"), ("v1", "ConfigMap"), ("v1", "Secret"), ("apps/v1", "ControllerRevision"), ("batch/v1", "CronJob")):
        result = scan([pod("shop", "executor", made(version, kind, "shop", "o", {}), main="spark:latest")])
        check_equal(result.json["findings"][0]["decisions"]["eviction"], "deny", kind)
        check_equal((result.json["operators"], result.json["findings"][0]["pods"]), ([], 1), kind)
        check(not any("rbac" in address for address in result.addresses), kind, result.addresses)


@test
def ephemeral_container__does_not_come_again():
    found = pod("shop", "shell", shell="busybox:1.36.1")
    found["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": "alpine"}]
    result = scan([found])
    check_equal(result.json["findings"][0]["decisions"], {"change": "warn"})
    check_equal(result.status, 0)


@test
def static_pods_and_what_is_being_deleted__counted():
    static = pod("shop", "etcd-node", etcd="etcd:latest", metadata={
        "annotations": {"kubernetes.io/config.mirror": "1"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "1", "controller": True}]})
    gone = pod("shop", "gone", gone="a:latest", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    result = scan([static, gone])
    check_equal(result.denied, {})
    check_equal(result.json["summary"]["notEvaluated"],
                {"excludedNamespaces": 0, "staticPods": 1, "objectsBeingDeleted": 1, "otherKinds": 0})


@test
def mode_warn__what_it_will_deny_is_denied():
    policy = PRODUCTION.replace("grammar: 1\n", "grammar: 1\nmode: warn\n")
    result = scan(deployment("shop", "web", web="nginx:latest"), policy=policy)
    check_equal(result.denied, {"shop Deployment web web nginx:latest": "recreation"})
    check("these are the decisions of mode enforce" in " ".join(
        scan(deployment("shop", "web", web="nginx:latest"), policy=policy, output="text").out.split()))


@test
def exemption__holds_for_the_deployment_and_its_pods():
    policy = PRODUCTION + """\
controllers: {enforce: release}
exemptions:
- name: web
  reason: "known since long"
  permanent: true
  match: {kinds: [Deployment], names: [web]}
"""
    found = deployment("shop", "web", web="nginx:latest") + deployment("shop", "other", web="nginx:latest")
    result = scan(found, policy=policy)
    check_equal(result.denied, {"shop Deployment other web nginx:latest": "eviction recreation"})


@test
def object_malformed__denied_as_a_whole():
    result = scan([made("apps/v1", "Deployment", "shop", "web", {"template": {"spec": {"containers": "none"}}})])
    check_equal(result.json["findings"][0]["class"], "malformed")
    check_equal(result.denied, {"shop Deployment web - -": "change recreation"})


@test
def re_creation__agrees_with_check_on_every_object_of_a_person():
    found = [one for one in example() if "ownerReferences" not in one["metadata"] and "deletionTimestamp" not in one["metadata"]
             and one["metadata"].get("namespace") != "kube-system"]
    mine = {(f["kind"], f["namespace"], f["name"], f["path"], f["image"]): f["decisions"]["recreation"]
            for f in scan(found).json["findings"] if "recreation" in f["decisions"]}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([TAGMOOR, "check", "-o", "json", write(folder, "all.json", dump(found))],
                              capture_output=True, check=False, timeout=60)
    theirs = {(f["kind"], f["namespace"], f["name"], f["path"], f["image"]): f["decision"]
              for f in json.loads(done.stdout)["findings"] if "ephemeral" not in f["path"]}
    check(len(theirs) > 5, theirs)
    check_equal(mine, theirs)


@test
def forged_owner__does_not_hide_a_workload():
    for owner in (made("v1", "Pod", "shop", "other"), made("apps/v1", "Deployment", "shop", "other"),
                  made("example.com/v1", "Thing", "shop", "other"), made("v1", "ConfigMap", "shop", "other")):
        result = scan([workload("Deployment", "shop", "web", owner, web="nginx:latest")])
        check("recreation" in list(result.denied.values())[0], owner["kind"], result)


@test
def owners_in_a_circle__each_is_still_judged():
    one, two = workload("StatefulSet", "shop", "one", a="a:latest"), workload("StatefulSet", "shop", "two", b="b:latest")
    three = workload("StatefulSet", "shop", "three", c="c:latest")
    for owned, owner in ((one, two), (two, three), (three, one)):
        owned["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "StatefulSet", "controller": True,
                                                 "name": owner["metadata"]["name"], "uid": "1"}]
    result = scan([one, two, three])
    check_equal(sorted(key.split()[-1] for key in result.denied), ["a:latest", "b:latest", "c:latest"], result)


@test
def chain_of_twenty_owners__nothing_is_lost():
    found, owner = [], None
    for i in range(20):
        owner = workload("StatefulSet", "shop", f"s{i:02}", owner, **{f"c{i:02}": f"a{i:02}:latest"})
        found.append(owner)
    check_equal(len(scan(found).denied), 20)
    check_equal(len(scan(list(reversed(found))).denied), 20)


@test
def owner_that_is_not_there__named():
    middle = workload("ReplicaSet", "shop", "web-66666", made("apps/v1", "Deployment", "shop", "web"), web="a:latest")
    result = scan([middle, pod("shop", "web-66666-1", middle, web="a:latest")],
                  policy=PRODUCTION + "controllers: {enforce: release}\n")
    check_equal(result.denied, {"shop Deployment web web a:latest": "eviction"})


@test
def compare__shows_what_changes_and_only_that():
    found = deployment("shop", "web", web="nginx:latest") + deployment("shop", "api", main="api:1.2.3")
    stricter = PRODUCTION.replace("release", "build")
    result = scan(found, policy=stricter, compare=PRODUCTION)
    check_equal(result.status, 1)
    check_equal([(f["name"], f["decisions"]["recreation"], f["before"]["recreation"]) for f in result.json["findings"]],
                [("api", "deny", "allow")])
    summary = result.json["summary"]["denied"]["recreation"]
    check_equal(summary, {"workloads": 1, "images": 1, "noLonger": 0})
    milder = scan(found, policy=PRODUCTION, compare=stricter)
    check_equal((milder.status, milder.json["summary"]["denied"]["recreation"]),
                (0, {"workloads": 0, "images": 0, "noLonger": 1}))
    same = scan(found, policy=PRODUCTION, compare=PRODUCTION)
    check_equal((same.status, same.json["findings"]), (0, []))


@test
def compare__text_has_both_and_tsv_seven_columns():
    found = deployment("shop", "api", main="api:1.2.3")
    stricter = PRODUCTION.replace("release", "build")
    text = scan(found, policy=stricter, compare=PRODUCTION, output="text").out
    check(re.search(r"main: api:1.2.3 +warned +allowed +denied\n +before +allowed +allowed +allowed\n", text), text)
    check("would be denied, but not by the other policy:" in text, text)
    cells = scan(found, policy=stricter, compare=PRODUCTION, output="tsv").out.rstrip("\n").split("\t")
    check_equal(cells[9:], ["1", "warn", "allow", "deny", "allow", "allow", "allow", ""])
    header, line = scan(found, policy=stricter, compare=PRODUCTION, output="tsv-header").out.splitlines()
    check_equal((header.split("\t")[:3], line.split("\t")), (["kind", "namespace", "name"], cells))
    check_equal(header.split("\t")[9:], ["pods", "change", "eviction", "recreation", "before-change", "before-eviction", "before-recreation", "digest"])
    check_equal(cells[:3], ["Deployment", "shop", "api"])


@test
def compare__kinds_that_one_policy_knows_are_listed_for_both():
    more = """\
customResources:
- resource: kafkas.kafka.example.io
  kind: Kafka
  images: [spec.image]
"""
    found = [made("kafka.example.io/v1beta2", "Kafka", "data", "k", {"image": "kafka:latest"})]
    check_equal(scan(found, policy=PRODUCTION).json["findings"], [])
    newly = scan(found, policy=PRODUCTION + more, compare=PRODUCTION)
    check_equal((newly.status, list(newly.denied)), (1, ["data Kafka k - kafka:latest"]), newly)
    freed = scan(found, policy=PRODUCTION, compare=PRODUCTION + more)
    check_equal((freed.status, freed.json["findings"][0]["before"]["recreation"]), (0, "deny"), freed)


@test
def all_namespaces__asks_for_lists_of_all():
    result = scan(example())
    check("/apis/apps/v1/deployments?limit=500" in result.addresses, result.addresses)
    check(result.addresses[-1] == "/api/v1/pods?limit=500", "Pods are last:", result.addresses)
    check(not any("/namespaces" in address for address in result.addresses), "labels do not matter here")


@test
def one_namespace__asks_for_nothing_else():
    result = scan(example(), "-n", "shop")
    check(all("/namespaces/shop/" in address for address in result.addresses), result.addresses)
    check_equal({name.split()[0] for name in result.denied}, {"shop"})
    check(len(result.addresses) > 8, result.addresses)


@test
def no_namespace__that_of_the_context():
    for context, wanted in (("play", "play"), ("", "default")):
        result = scan({"objects": example() + [namespace("default")], "namespace": context}, "--warned")
        check(all(f"/namespaces/{wanted}" in address for address in result.addresses), result)
        check_equal(result.calls[0], ["config", "view", "--minify", "-o", "jsonpath={..namespace}"])


@test
def namespace_that_is_none__refused_before_anything_is_asked():
    for name in ("../kube-system", "a b", "Shop", "x" * 64, "a?b"):
        result = scan([], f"--namespace={name}")
        check_equal((result.status, result.out, result.calls), (2, "", []), name)
        check("is not a valid namespace name" in result.err, result)


@test
def namespace_that_is_not_there__said_and_2():
    result = scan(example(), "-n", "nope")
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["namespaces"]), result)
    check('namespaces "nope" not found' in result.err and result.err.count("tagmoor: ") == 1, result)
    labels = scan(example(), "-n", "nope", policy=LABELS)
    check_equal((labels.status, labels.err.count("tagmoor: ")), (2, 1), labels)
    warned = scan(example(), "-n", "nope", warning="W1122 10:00:00 exec plugin: this API version is deprecated")
    check_equal((warned.status, [e["list"] for e in warned.json["errors"]]), (2, ["namespaces"]), warned)


@test
def namespace_without_anything__0():
    result = scan([*example(), namespace("idle")], "-n", "idle")
    check_equal((result.status, result.json["errors"]), (0, []), result)
    hidden = {"objects": example(), "failing": {"namespaces": (403, "Forbidden", "namespaces is forbidden")}}
    result = scan(hidden, "-n", "idle")
    check_equal((result.status, result.json["errors"], "forbidden" in result.err), (0, [], False), result)


@test
def namespace_and_all__two_ways():
    result = scan(example(), "-A", "-n", "shop")
    check_equal((result.status, result.err), (2, "tagmoor: scan: '-n' and '-A' are mutually exclusive: use one of them\n"))


@test
def labels_of_namespaces__choose_the_environment():
    check_equal({name for name in scan(example()).denied if name.startswith("play ")},
                {"play Deployment try try_ shop/try:main"})
    result = scan(example(), policy=LABELS)
    check_equal({name for name in result.denied if name.startswith("play ")}, set())
    check("/api/v1/namespaces?limit=500" in result.addresses, result.addresses)
    one = scan(example(), "-n", "play", policy=LABELS)
    check_equal((one.status, one.denied), (0, {}))
    check("/api/v1/namespaces/play" in one.addresses, one.addresses)


@test
def labels_that_may_not_be_read__said_and_2():
    cluster = {"objects": example(), "failing": {"namespaces": (403, "Forbidden", "namespaces is forbidden")}}
    result = scan(cluster, policy=LABELS)
    check_equal((result.status, [e["list"] for e in result.json["errors"]]), (2, ["namespaces"]), result)
    check("namespaces is forbidden" in result.err and "cannot read namespaces" in result.err, result)


@test
def excluded_namespaces__kube_system_unless_it_is_named():
    found = deployment("kube-system", "dns", dns="dns:latest") + deployment("shop", "web", web="nginx:latest")
    cases = [(["-A"], {"shop"}), (["-n", "kube-system"], {"kube-system"}),
             (["-A", "--exclude", "shop"], {"kube-system"}), (["-A", "--exclude", "shop", "--exclude", "kube-system"], set())]
    for args, wanted in cases:
        check_equal({name.split()[0] for name in scan(found, *args).denied}, wanted, args)
    check_equal(scan(found).json["summary"]["notEvaluated"]["excludedNamespaces"], 3)


if "--write" in sys.argv:
    sys.argv.remove("--write")
    sys.argv.append("example__")
    sys.argv[1:] = ["example__", "--write"]


main()
