#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor scan` over dumps of a cluster."""
import json
import subprocess
import tempfile

from fake_cluster import deployment, dump, example, namespace
from harness import LABELS, TAGMOOR, Result, check, check_equal, main, scan, scan_dump, test, write


@test
def dump__says_what_the_cluster_said():
    live, dead = scan(example()).json, scan_dump(dump(example())).json
    check_equal(dead["findings"], live["findings"])
    check_equal(dead["operators"], live["operators"])
    piped = scan_dump("", stdin=dump(example())).json
    check_equal(piped, dead)


@test
def dump__pods_before_their_owners_and_roles_last():
    found = sorted(example(), key=lambda one: one["kind"] != "Pod")
    check_equal(scan_dump(dump(found)).denied, scan_dump(dump(example())).denied)


@test
def dump_of_several_files__labels_and_roles_of_one_count_for_all():
    groups = {True: [], False: []}
    for one in example():
        groups[one["kind"] in ("Namespace", "ClusterRole", "ClusterRoleBinding", "RoleBinding")].append(one)
    with tempfile.TemporaryDirectory() as folder:
        paths = [write(folder, f"{key}.json", dump(objects)) for key, objects in groups.items()]
        done = subprocess.run([TAGMOOR, "scan", "-o", "json", "--policy", write(folder, "p.yaml", LABELS), *paths[::-1]],
                              capture_output=True, timeout=60, check=False)
    live = scan(example(), policy=LABELS)
    check_equal((Result(done).denied, Result(done).json["operators"]), (live.denied, live.json["operators"]))


@test
def dump__one_namespace_of_it():
    check_equal({name.split()[0] for name in scan_dump(dump(example()), "-n", "data").denied}, {"data"})


@test
def dump__without_the_namespace__said_and_2():
    result = scan_dump(dump(example()), "-n", "nope")
    check_equal((result.status, result.out, result.err),
                (2, "", "tagmoor: scan: the dump contains no object in namespace 'nope': check the name, and whether the dump "
                        "contains this namespace (kubectl get -A)\n"))
    for found in ([namespace("idle")], [dict(namespace("x"), kind="ConfigMap", metadata={"name": "x", "namespace": "idle"})]):
        result = scan_dump(dump(example() + found), "-n", "idle")
        check_equal((result.status, result.json["summary"]["workloads"] if "workloads" in result.json["summary"] else 0), (0, 0), result)


@test
def dump__name_that_is_none__refused():
    for name in ("", "Shop", "a b"):
        check_equal(scan_dump(dump(example()), "-n", name).err, f"tagmoor: scan: --namespace: '{name}' is not a valid namespace name\n")


@test
def dump_of_no_kubernetes_object__said_and_2():
    for text in ("{}", "[]", "null", '"x"', '{"a": 1}', '{"kind": "List", "items": [{"a": 1}]}', '{"kind": "Status", "apiVersion": "v1"}'):
        result = scan_dump(text)
        check_equal(result.status, 2, text, result)
        check("not a Kubernetes object" in result.err and "'kubectl get -o json'" in result.err, text, result.err)
    for args in ([], ["-n", "shop"]):
        check_equal(scan_dump('{"kind": "List", "apiVersion": "v1", "items": []}', *args).status, 0, args)
    mixed = scan_dump(json.dumps({"kind": "List", "apiVersion": "v1", "items": [None, *example()]}))
    check_equal((mixed.status, mixed.denied), (2, scan_dump(dump(example())).denied), mixed)


@test
def dump_that_is_no_json__placed_with_a_hint():
    result = scan_dump('{"items":\n [}]')
    check_equal((result.status, result.json["errors"][0]["text"].count("kubectl get -o json")), (2, 1), result)
    check(":2:3: " in result.err and "offset" not in result.err, result)


@test
def dump_that_is_empty__said():
    done = subprocess.run([TAGMOOR, "scan", "-"], input=b"", capture_output=True, check=False, timeout=60)
    check_equal((done.returncode, done.stdout, done.stderr), (2, b"", b"tagmoor: scan: standard input is empty: check whether kubectl failed\n"))


EXEMPTIONS = """version: 1
environments: [{name: production, default: true, enforce: release}]
exemptions: [{name: agent, reason: the vendor has no tags, expires: 2026-12-05, match: {images: [docker.io/vendor/*]}}]
"""


@test
def exemption__named_with_its_end__and_after_it():
    objects = deployment("shop", "web", pods=2, agent="vendor/agent", proxy="vendor/proxy:latest", web="nginx:1.27.3")
    for now, ended in (("2026-12-05", False), ("2026-12-06", True)):
        result = scan_dump(dump(objects), "--now", now, policy=EXEMPTIONS)
        check_equal(result.json["exemptions"], [{"name": "agent", "until": "2026-12-05", "ended": ended, "images": 2}])
        check_equal(len(result.denied), 2 if ended else 0, result)
        reasons = [one["reason"] for one in result.json["findings"]]
        check(all('exemption "agent" ended on 2026-12-05' in one for one in reasons) and len(reasons) == (2 if ended else 0), reasons)
        text = scan_dump(dump(objects), "--now", now, policy=EXEMPTIONS, output="text").out
        line = "exemption 'agent' ended on 2026-12-05: 2 images no longer admitted" if ended else "exemption 'agent' until 2026-12-05: 2 images admitted"
        check(f"\n{line}\n" in text, text)


@test
def dump_with_options_for_kubectl__refused():
    for option in ("--context", "--kubeconfig", "--as", "--request-timeout"):
        done = subprocess.run([TAGMOOR, "scan", option, "1", "tests/data/cluster-dump.json"], capture_output=True, check=False, timeout=60)
        check_equal((done.returncode, done.stdout), (2, b""))
        check(done.stderr.startswith(b"tagmoor: scan: option '%s' has no effect on the dump" % option.encode()), done.stderr)


@test
def dump_that_is_not_there__said():
    done = subprocess.run([TAGMOOR, "scan", "/nowhere.json"], capture_output=True, check=False, timeout=60)
    check_equal((done.returncode, done.stderr), (2, b"tagmoor: scan: cannot open '/nowhere.json': No such file or directory\n"))


@test
def dump_of_a_real_cluster__a_line_a_workload():
    with open("tests/data/cluster-dump.json", encoding="utf-8") as stream:
        result = scan_dump(stream.read(), "--exclude", "none")
    check_equal(result.denied, {
        "kube-system DaemonSet agent agent vendor/agent:7": "recreation",
        "shop CronJob nightly run busybox": "recreation",
        "shop Deployment web web nginx:latest": "recreation",
        "shop Pod shell shell busybox:latest": "recreation",
        "shop PodSet events kafka kafka:latest": "eviction",
    })
    check_equal({f["name"]: f["pods"] for f in result.json["findings"]},
                {"agent": 1, "nightly": 1, "web": 2, "shell": 1, "events": 1})
    check_equal([o["users"] for o in result.json["operators"]], [["system:serviceaccount:shop:cluster-operator"]])


main()
