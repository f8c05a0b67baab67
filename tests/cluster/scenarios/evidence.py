#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A tag that is moved in a registry between two Pods: `scan` says so, and `scan -o lock`, `pin` and `-o openreports` act on it."""
import json
import os
import re
import shutil
import subprocess
import sys

import yaml

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import (BIN, HERE, MODE, SCRATCH, Skip, TAGMOOR, TOP, check, check_equal, create, get, is_ready, kubectl, main, namespaces, needs_node,  # noqa: E402
                     ok, pod, reach, run, test, uninstall, until, write)

REGISTRY = "127.0.0.1:5055"
APP = f"{REGISTRY}/shop/app:1.0.0"
EXAMPLE = f"{TOP}/deploy/examples/scan-reports.yaml"
ACCOUNT = "system:serviceaccount:tagmoor-reports:scan"
STATE = {}


def scan(*arguments):
    return run(os.path.abspath(TAGMOOR), "scan", "-n", "shop", *arguments)


def ctr(*arguments):
    said = run("ctr", "-n", "k8s.io", "images", *arguments)
    check(said.status == 0, said.text)


def push(version):
    """Pushes an image with this text in it to the one tag, and removes it from the node."""
    root = os.path.join(SCRATCH, f"root-{version}")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{root}/bin")
    shutil.copy("/bin/busybox", f"{root}/bin")
    libraries = subprocess.run(["ldd", "/bin/busybox"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    for library in re.findall(r"(/\S+)", libraries):
        os.makedirs(root + os.path.dirname(library), exist_ok=True)
        shutil.copy(library, root + library)
    write(f"root-{version}/version", version)
    archive = os.path.join(SCRATCH, f"{version}.tar")
    subprocess.run([f"{HERE}/image", APP, root, archive, "/bin/busybox", "sleep", "3600"], check=True)
    ctr("import", archive)
    ctr("push", "--plain-http", APP)
    ctr("rm", APP)


def start(name, image=APP):
    """Starts a Pod that pulls the image, and returns the digest that its kubelet reports."""
    definition = pod(name, image)
    definition["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    create("shop", definition)
    return digest_of(name)


def digest_of(name):
    found = until(f"Pod {name}", lambda: is_ready(get("-n", "shop", "pod", name)) and get("-n", "shop", "pod", name), seconds=120)
    repository, digest = found["status"]["containerStatuses"][0]["imageID"].split("@")
    check_equal(repository, APP.rsplit(":", 1)[0])
    return digest


@test
@needs_node
def moved_tag__scan_says_so():
    push("first")
    STATE["first"] = start("one")
    check_equal(json.loads(scan("-o", "json", "--moved").text)["moved"], [])
    push("second")
    STATE["second"] = start("two")
    check(STATE["first"] != STATE["second"], STATE)
    said = scan("--moved", "--fail-on", "moved")
    check_equal(said.status, 1, said.text)
    check(f"{APP} ran as" in said.text and STATE["first"] in said.text and STATE["second"] in said.text, said.text)
    moved, = json.loads(scan("-o", "json", "--moved").text)["moved"]
    check_equal(moved["image"], APP)
    check_equal({(one["digest"], one["pods"]) for one in moved["digests"]}, {(STATE["first"], 1), (STATE["second"], 1)})


def pin(path, lock):
    return run(os.path.abspath(TAGMOOR), "pin", "--all", "--lock", lock, path)


@test
@needs_node
def moved_tag__pin_chooses_none():
    if "second" not in STATE:
        raise Skip("no tag was moved")
    lock = write("moved.lock", scan("--moved", "-o", "lock").text + "\n")
    path = write("left.yaml", json.dumps(pod("three", APP)))
    said = pin(path, lock)
    check_equal(said.status, 1, said.text)
    with open(path, encoding="utf-8") as file:
        check("@sha256" not in file.read(), said.text)


@test
@needs_node
def one_digest__pinned_and_run():
    if "second" not in STATE:
        raise Skip("no tag was moved")
    ok("delete", "pod", "-n", "shop", "two", "--wait")
    lock = write("one.lock", scan("--moved", "-o", "lock").text + "\n")
    path = write("pinned.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {{name: three}}\nspec:\n  containers:\n  - name: app\n    image: {APP}  # kept\n")
    said = pin(path, lock)
    check_equal(said.status, 0, said.text)
    with open(path, encoding="utf-8") as file:
        check(f"image: {APP}@{STATE['first']}  # kept" in file.read(), said.text)
    ok("apply", "-n", "shop", "-f", path)
    # The tag names the second image by now, and the Pod runs the first one.
    check_equal(digest_of("three"), STATE["first"])


@test
def reports__stored_with_the_permissions_of_the_example():
    ok("apply", "-f", f"{TOP}/tests/data/openreports")
    ok("wait", "--for=condition=Established", "crd/reports.openreports.io", "crd/clusterreports.openreports.io", "--timeout=60s")
    ok("apply", "-f", EXAMPLE)
    create("shop", pod("rolling", "registry.example.com/pause:latest"))
    with open(EXAMPLE, encoding="utf-8") as file:
        job, = [one for one in yaml.safe_load_all(file) if one["kind"] == "CronJob"]
    container, = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    shims = os.path.join(SCRATCH, "shims")
    os.makedirs(shims, exist_ok=True)
    write("shims/kubectl", f'#!/bin/sh\nexec {BIN}/kubectl --as={ACCOUNT} "$@"\n')
    write("shims/tagmoor", f'#!/bin/sh\nexec {os.path.abspath(TAGMOOR)} "$@"\n')
    for name in ("kubectl", "tagmoor"):
        os.chmod(f"{shims}/{name}", 0o755)
    script = f"PATH={shims}:$PATH\n" + container["args"][0].replace("/tmp/reports.json", f"{SCRATCH}/reports.json")
    # The second run replaces the Reports of the first one.
    for _ in range(2):
        said = run(*container["command"], script)
        check(said.status == 0 and "Forbidden" not in said.text and "forbidden" not in said.text, said.text)
        report = get("-n", "shop", "reports.openreports.io", "tagmoor")
        check("registry.example.com/pause:latest" in json.dumps(report["results"]), report)
        check_equal(report["summary"]["fail"] + report["summary"]["warn"], len(report["results"]))


def setup():
    uninstall()
    namespaces("shop")
    config = write("registry.yaml", f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {SCRATCH}/registry}}}}\nhttp: {{addr: '{REGISTRY}'}}\n")
    shutil.rmtree(f"{SCRATCH}/registry", ignore_errors=True)
    if MODE == "node":
        with open(f"{SCRATCH}/registry.log", "w", encoding="utf-8") as log:
            STATE["registry"] = subprocess.Popen(reach(["docker-registry", "serve", config]), stdout=log, stderr=log, stdin=subprocess.DEVNULL)


try:
    main(setup)
finally:
    if "registry" in STATE:
        STATE["registry"].terminate()
    kubectl("delete", "-f", EXAMPLE, "--ignore-not-found", "--wait=false")
    kubectl("delete", "-f", f"{TOP}/tests/data/openreports", "--ignore-not-found", "--wait=false")
