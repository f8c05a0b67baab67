#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`check --evidence` and `explain --evidence`: repairs end in the digests of a lock file."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import check, check_equal, check_fails, folder, main, tagmoor, test, write

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
POLICY = "version: 1\nenvironments: [{name: production, default: true, enforce: digest}]\n"
LOCK = f"""\
# tagmoor lock 1
# reference\tdigest\tarchitectures\tnamespaces\tseen
docker.io/library/nginx:1.27.5\t{A}\tamd64,arm64\tshop\t2026-11-30
docker.io/library/redis:7\t{A}\t-\t-\t-
quay.io/moved/app:1.2.3\t{A}\tamd64\tshop\t2026-11-30
quay.io/moved/app:1.2.3\t{B}\tamd64\tshop\t2026-11-30
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: "docker.io/nginx:1.27.5"}
  - {name: cache, image: "redis:7"}
  - {name: app, image: "quay.io/moved/app:1.2.3"}
  - {name: other, image: "nginx:1.27.6"}
"""
REPAIRS = {
    "docker.io/nginx:1.27.5": f"use docker.io/nginx:1.27.5@{A}",
    "redis:7": f"it runs as redis:7@{A}",
    "quay.io/moved/app:1.2.3": "it has run as 2 digests",
    "nginx:1.27.6": "use nginx:1.27.6@sha256:<digest>",
}


def check_repairs(found):
    check_equal(set(found), set(REPAIRS))
    for image, repair in found.items():
        check(REPAIRS[image] in repair, image, repair)
    check_equal(found["docker.io/nginx:1.27.5"], REPAIRS["docker.io/nginx:1.27.5"])


@test
def check__repairs_end_in_the_digests_of_the_lock():
    with folder() as path:
        policy, lock, pod = write(path, "policy.yaml", POLICY), write(path, "images.lock", LOCK), write(path, "pod.yaml", POD)
        status, out, err = tagmoor("check", "--policy", policy, "--evidence", lock, "-o", "json", pod)
        check_equal((status, err), (1, ""))
        check_repairs({one["image"]: one["repair"] for one in json.loads(out)["findings"]})
        out = tagmoor("check", "--policy", policy, "--evidence", lock, pod)[1]
        check(f"use docker.io/nginx:1.27.5@{A}" in " ".join(out.split()), out)


@test
def explain__repairs_end_in_the_digests_of_the_lock():
    with folder() as path:
        policy, lock = write(path, "policy.yaml", POLICY), write(path, "images.lock", LOCK)
        status, out, err = tagmoor("explain", "--policy", policy, "--evidence", lock, "-o", "json", *REPAIRS)
        check_equal((status, err), (0, ""))
        check_repairs({one["reference"]: one["repairs"]["production"] for one in map(json.loads, out.splitlines())})


@test
def lines_of_crane__are_read_too():
    with folder() as path:
        policy, lock = write(path, "policy.yaml", POLICY), write(path, "images.lock", f"nginx:1.27.5 {A}\nredis:7.4.2@{B}\n")
        out = tagmoor("explain", "--policy", policy, "--evidence", lock, "-o", "json", "docker.io/library/nginx:1.27.5", "redis:7.4.2")[1]
        check_equal([json.loads(line)["repairs"]["production"] for line in out.splitlines()],
                    [f"use docker.io/library/nginx:1.27.5@{A}", f"use redis:7.4.2@{B}"])


@test
def template__is_not_completed():
    with folder() as path:
        lock = write(path, "images.lock", f"nginx:1.27.5 {A}\n")
        pod = write(path, "pod.yaml", POD.replace("docker.io/nginx:1.27.5", "nginx:{{ .Values.tag }}"))
        out = tagmoor("check", "--evidence", lock, "-o", "json", pod)[1]
        check(A not in out and "render it first" in out, out)


@test
def lock_that_is_none__named_with_its_line():
    with folder() as path:
        pod, lock = write(path, "pod.yaml", POD), write(path, "images.lock", "# tagmoor lock 1\nnginx\n")
        for words in (["check", pod], ["explain", "nginx"]):
            check_fails(tagmoor(*words, "--evidence", lock), f"'{lock}': line 2 of the lock: no digest")
            check_fails(tagmoor(*words, "--evidence", f"{path}/none"), "none': No such file")


main()
