#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tagmoor scan: references that ran as two digests, lock files, and repairs with the digest that runs."""
import json
import subprocess
import tempfile
from xml.etree import ElementTree

from fake_cluster import deployment, node, running, sha256
from harness import PRODUCTION, TAGMOOR, check, check_equal, main, scan, scan_dump, test, write

A, B = sha256("a"), sha256("b")
NGINX = "docker.io/library/nginx:1.27.5"
DIGEST = PRODUCTION.replace("enforce: release", "enforce: digest")
MOVED = [node("n1"), node("n2"), running("shop", "a", "n1", "nginx:1.27.5", "a"), running("shop", "b", "n2", "nginx:1.27.5", "a"),
         running("web", "c", "n2", "docker.io/nginx:1.27.5", "b"), running("web", "d", "n1", "redis:7.4.2", "a")]
SENTENCE = f"nginx:1.27.5 ran as {A} on 2 Pods and {B} on 1"


def dump(objects):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


@test
def moved__in_json_with_pods_architectures_and_namespaces():
    result = scan(MOVED)
    check_equal(result.status, 0, result)
    check_equal(result.json["moved"], [{"image": NGINX, "digests": [
        {"digest": A, "pods": 2, "architectures": ["amd64"], "namespaces": ["shop"], "seen": "2026-11-30"},
        {"digest": B, "pods": 1, "architectures": ["amd64"], "namespaces": ["web"], "seen": "2026-11-30"}]}])
    digests = result.json["summary"]["digests"]
    check_equal((digests["known"], digests["moved"], digests["undecided"]), (4, 1, 0))


@test
def moved__in_every_format():
    text = scan(MOVED, output="text").out
    check(f"moved tags {SENTENCE}" in " ".join(text.split()), text)
    for output in ("markdown", "github", "codequality", "sarif", "junit"):
        check(SENTENCE in scan(MOVED, output=output).out, output)
    lines = [line.split("\t") for line in scan(MOVED, output="tsv-header").out.splitlines()]
    check_equal([dict(zip(lines[0], line)) for line in lines[1:]],
                [{**dict.fromkeys(lines[0], ""), "kind": "Image", "name": NGINX, "image": NGINX, "class": "moved", "level": "rolling",
                  "pods": pods, "digest": digest} for pods, digest in (("2", A), ("1", B))])


@test
def moved__sarif_has_a_rule_and_a_result():
    run = json.loads(scan(MOVED, output="sarif").out)["runs"][0]
    result, = run["results"]
    check_equal((result["ruleId"], result["level"]), ("moved", "warning"))
    check_equal(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], "moved")


@test
def moved__fails_with_fail_on_moved_only():
    for fail_on, status, failures in (("deny", 0, "0"), ("moved", 1, "1")):
        result = scan(MOVED, "-A", "--fail-on", fail_on, output="junit")
        check_equal(result.status, status, result)
        check_equal(ElementTree.fromstring(result.out).get("failures"), failures)
    check_equal(scan(MOVED[:4], "-A", "--fail-on", "moved").status, 0)


@test
def moved_alone__reads_pods_and_nodes_and_evaluates_nothing():
    objects = MOVED + deployment("shop", "old", web="busybox:latest")
    result = scan(objects, "-A", "--moved", "--fail-on", "moved")
    check_equal((result.status, len(result.json["moved"]), result.json["findings"]), (1, 1, []), result)
    check_equal([call[2].split("?")[0] for call in result.calls], ["/api/v1/pods", "/api/v1/nodes"])
    result = scan(objects, "-A", "--moved", output="text")
    check(result.status == 0 and "nginx:1.27.5 ran as" in result.out and "denied" not in result.out, result)
    check_equal(scan(objects, "-n", "web", "--moved").json["moved"], [])
    result = scan(objects, "-A", "--moved", compare=PRODUCTION)
    check(result.status == 2 and "mutually exclusive" in result.err, result)


@test
def moved_alone__list_that_may_not_be_read__2():
    result = scan({"objects": MOVED, "failing": {"pods": (403, "Forbidden", "no")}}, "-A", "--moved")
    check_equal((result.status, result.json["errors"][0]["list"]), (2, "pods"), result)


@test
def compare__says_nothing_of_moved_tags():
    result = scan(MOVED, "-A", "--fail-on", "moved", policy=PRODUCTION, compare=PRODUCTION)
    check(result.status == 0 and "moved" not in result.json, result)


@test
def nodes__are_read_only_if_architectures_matter():
    def reads_nodes(*args, objects):
        return any("/nodes" in address for address in scan(objects, *args).addresses)
    check(reads_nodes("-A", objects=MOVED))
    check(not reads_nodes("-A", objects=MOVED[:4]))
    check(reads_nodes("-A", "-o", f"lock={tempfile.gettempdir()}/tagmoor-scan-moved-test.lock", objects=MOVED[:4]))


@test
def nodes_that_may_not_be_read__undecided_and_said():
    cluster = {"objects": [one for one in MOVED if one["metadata"]["name"] != "b"], "failing": {"nodes": (403, "Forbidden", "no")}}
    check_equal(scan(cluster).json["moved"], [])
    result = scan(cluster, output="text")
    check("1 more tag ran as several digests on different or unknown architectures: nodes are missing" in result.out.replace("\n", " "),
          result)
    check_equal(result.status, 0, result)


@test
def other_architecture__is_undecided():
    objects = [node("n1"), node("n2", "arm64"), running("shop", "a", "n1", "nginx:1.27.5", "a", runtime="cri-o"),
               running("shop", "b", "n2", "nginx:1.27.5", "b", runtime="cri-o")]
    result = scan(objects)
    check_equal((result.json["moved"], result.json["summary"]["digests"]["undecided"]), ([], 1), result)
    check("more tag ran as several" in scan(objects, output="text").out)


@test
def containers_without_evidence__counted_by_reason():
    ids = ["", A, "a" * 64, "docker.io/mirror/nginx@" + A, "docker.io/library/nginx@sha256:short"]
    objects = [running("shop", f"p{i}", "n1", "nginx:1.27.5", one) for i, one in enumerate(ids)]
    objects.append(running("shop", "pinned", "n1", "nginx:1.27.5@" + A, "a"))
    counts = scan(objects).json["summary"]["digests"]
    check_equal(counts, {"known": 0, "pinned": 1, "notPulled": 1, "local": 2, "otherRepository": 1, "invalid": 1, "beyondLimit": 0,
                         "moved": 0, "undecided": 0})
    check("digests known of 0 containers; pinned by digest 1; not pulled yet 1; imported on the node 2; pulled under another name 1; "
          "with an invalid reference 1" in scan(objects, output="text").out.replace("\n", " "))


@test
def excluded_namespaces_and_other_namespaces__give_no_evidence():
    objects = [node("n1"), running("kube-system", "a", "n1", "nginx:1.27.5", "a"), running("shop", "b", "n1", "nginx:1.27.5", "b")]
    check_equal(scan(objects).json["moved"], [])
    check_equal(len(scan(objects, "-A", "--exclude", "none").json["moved"]), 1)


@test
def dump__says_what_the_cluster_said():
    for objects in (MOVED, MOVED[::-1]):
        result = scan_dump(dump(objects))
        check_equal(result.json["moved"], scan(MOVED).json["moved"], result)
        check_equal(result.json["summary"]["notEvaluated"]["otherKinds"], 0)
    check_equal(len(scan_dump(dump(MOVED), "-n", "web", "--moved").json["moved"]), 0)


# --- lock files -----------------------------------------------------------------------------------


LOCK = f"""\
# tagmoor lock 1
# reference\tdigest\tarchitectures\tnamespaces\tseen
{NGINX}\t{A}\tamd64\tshop\t2026-11-30
{NGINX}\t{B}\tamd64\tweb\t2026-11-30
docker.io/library/redis:7.4.2\t{A}\tamd64\tweb\t2026-11-30
"""


@test
def lock__sorted_with_all_columns():
    for args in (("-A",), ("-A", "--moved")):
        result = scan(MOVED, *args, output="lock")
        check_equal((result.status, result.out), (0, LOCK))
    check_equal(scan_dump(dump(MOVED[::-1]), output="lock").out, LOCK)


@test
def lock__of_cri_o__says_that_the_platform_is_unknown():
    objects = [node("n1"), running("shop", "a", "n1", "nginx:1.27.5", "a", runtime="cri-o")]
    check(f"{NGINX}\t{A}\tamd64?\tshop" in scan(objects, output="lock").out)


@test
def lock__is_a_format_of_scan_alone():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "pod.yaml", dump(MOVED))
        for words in (["check", path], ["explain", "nginx"]):
            done = subprocess.run([TAGMOOR, *words, "-o", "lock"], capture_output=True, check=False)
            check(done.returncode == 2 and b"unknown format 'lock'" in done.stderr, done)


# --- repairs --------------------------------------------------------------------------------------


def repairs(objects, policy=DIGEST):
    return {finding["image"]: finding["repair"] for finding in scan(objects, policy=policy).json["findings"]}


@test
def repair__of_a_fixed_tag__ends_in_the_digest_that_runs():
    top, middle, _ = deployment("shop", "cache", web="redis:7.4.2")
    objects = [top, middle, running("shop", "cache-1", "n1", "redis:7.4.2", "a", middle)]
    check_equal(repairs(objects), {"redis:7.4.2": f"use redis:7.4.2@{A}"})
    check_equal(scan(objects, policy=DIGEST).json["findings"][0]["digest"], A)


@test
def repair__of_a_rolling_tag__prefers_a_fixed_tag():
    repair = repairs([running("shop", "a", "n1", "redis:7", "a")])["redis:7"]
    check(f"it runs as redis:7@{A}" in repair and "prefer a fixed tag" in repair, repair)


@test
def repair__of_a_moved_tag__names_no_digest():
    check("it has run as 2 digests" in repairs(MOVED)["nginx:1.27.5"])


@test
def repair__of_cri_o__says_that_the_platform_is_unknown():
    objects = [running("shop", "a", "n1", "redis:7.4.2", "a", runtime="cri-o")]
    check_equal(repairs(objects)["redis:7.4.2"], f"use redis:7.4.2@{A} (platform unknown, perhaps one only)")


main()
