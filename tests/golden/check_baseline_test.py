#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A baseline names files relative to its own folder, and a run over some files says nothing about the others."""
import json
import os

from cli import check, folder, main, tagmoor, test, write

POD = """apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: app, image: "%s"}]}
"""


def tree(place):
    """Two manifests and their baseline: PLACE/repo/k8s/{a.yaml,sub/b.yaml} and PLACE/repo/ci/known.tsv."""
    repo = os.path.join(place, "repo")
    for name in ("k8s/sub", "ci", "elsewhere"):
        os.makedirs(os.path.join(repo, name))
    write(repo, "k8s/a.yaml", POD % "nginx")
    write(repo, "k8s/sub/b.yaml", POD % "redis")
    status, out, err = tagmoor("check", "--write-baseline", "ci/known.tsv", "./k8s", cwd=repo)
    check(status == 0 and err == "tagmoor: wrote 2 findings to 'ci/known.tsv'\n", status, out, err)
    return repo


def entries(repo):
    with open(os.path.join(repo, "ci/known.tsv"), encoding="utf-8") as file:
        return [line.split("\t")[0] for line in file.read().splitlines() if not line.startswith("#")]


def run(where, baseline, *operands, stdin=b""):
    """Status, and the counts of known, denied and stale findings."""
    status, out, err = tagmoor("check", "-o", "json", "--baseline", baseline, *operands, cwd=where, stdin=stdin)
    data = json.loads(out)
    return status, data["summary"]["known"], data["summary"]["denied"], len(data["stale"]), err


@test
def paths__relative_to_the_baseline__whatever_the_operands_and_the_directory():
    with folder() as place:
        repo = tree(place)
        check(entries(repo) == ["../k8s/a.yaml", "../k8s/sub/b.yaml"], entries(repo))
        for where, baseline, operand in [
                (repo, "ci/known.tsv", "k8s"), (repo, "./ci/known.tsv", "./k8s/"), (repo, "ci/../ci/known.tsv", "k8s/sub/.."),
                (repo, "ci/known.tsv", os.path.join(repo, "k8s")), (repo, os.path.join(repo, "ci/known.tsv"), "k8s"),
                (os.path.join(repo, "ci"), "known.tsv", "../k8s"), (os.path.join(repo, "k8s/sub"), "../../ci/known.tsv", ".."),
                (place, "repo/ci/known.tsv", "repo"), ("/", os.path.join(repo, "ci/known.tsv"), repo)]:
            found = run(where, baseline, operand)
            check(found == (0, 2, 0, 0, ""), where, baseline, operand, found)


@test
def entries__written_in_another_way__known():
    with folder() as place:
        repo = tree(place)
        write(repo, "ci/known.tsv", f"./../k8s//a.yaml\tPod shop/web\tapp\tnginx\n{repo}/k8s/x/../sub/b.yaml\tPod shop/web\tapp\tredis\n")
        check(run(repo, "ci/known.tsv", "k8s") == (0, 2, 0, 0, ""), run(repo, "ci/known.tsv", "k8s"))


@test
def stale__only_in_files_that_were_read():
    with folder() as place:
        repo = tree(place)
        write(repo, "k8s/a.yaml", POD % "nginx:1.27.3")
        write(repo, "k8s/sub/b.yaml", POD % "redis:7.4.1")
        write(repo, "elsewhere/c.yaml", POD % "nginx:1.27.3")
        for operands, stale in ((["k8s"], 2), (["k8s/a.yaml"], 1), (["k8s/sub"], 1), (["elsewhere"], 0), (["elsewhere", "k8s/sub/b.yaml"], 1)):
            found = run(repo, "ci/known.tsv", *operands)
            check(found == (0, 0, 0, stale, ""), operands, found)
        found = run(repo, "ci/known.tsv", "-", stdin=(POD % "nginx:1.27.3").encode())
        check(found == (0, 0, 0, 0, ""), found)


@test
def stale__not_in_a_file_with_an_error__which_was_not_read_to_its_end():
    with folder() as place:
        repo = tree(place)
        write(repo, "k8s/a.yaml", "a: [")
        status, known, denied, stale, _ = run(repo, "ci/known.tsv", "k8s")
        check((status, known, denied, stale) == (2, 1, 0, 0), status, known, denied, stale)


@test
def stale__file_that_is_gone__from_a_directory_that_was_read():
    with folder() as place:
        repo = tree(place)
        os.unlink(os.path.join(repo, "k8s/sub/b.yaml"))
        for operands, stale in ((["k8s"], 1), (["."], 1), ([os.path.join(repo, "k8s")], 1), (["k8s/a.yaml"], 0), (["elsewhere", "k8s/a.yaml"], 0)):
            write(repo, "elsewhere/c.yaml", POD % "nginx:1.27.3")
            found = run(repo, "ci/known.tsv", *operands)
            check(found == (0, 1, 0, stale, ""), operands, found)


@test
def suppressed__not_written__and_its_entry_is_stale():
    with folder() as place:
        repo = tree(place)
        write(repo, "k8s/a.yaml", (POD % "nginx").rstrip() + " # tagmoor: ignore OPS-1\n")
        check(run(repo, "ci/known.tsv", "k8s") == (0, 1, 0, 1, ""), run(repo, "ci/known.tsv", "k8s"))
        tagmoor("check", "--write-baseline", "ci/known.tsv", "k8s", cwd=repo)
        check(entries(repo) == ["../k8s/sub/b.yaml"], entries(repo))


main()
