#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor scan` over clusters that a kubectl of our own answers for (tests/scan/kubectl): the formats, the
terminal, the memory."""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from fake_cluster import Cluster, binding, deployment, dump, example, made, pod, role, workload
from harness import (IS_SANITIZED, KUBECTL, TAGMOOR, Skip, check, check_equal, lay_out, main, require_terminal, scan,
                     scan_dump, test, write)


@test
def formats_of_check__hold_each_image_once():
    wanted = len(scan(example()).json["findings"])
    sarif = scan(example(), output="sarif").json
    check_equal(len(sarif["runs"][0]["results"]), wanted)
    text = sarif["runs"][0]["results"][0]["message"]["text"]
    check(text.startswith('denied on eviction: image "kafka:latest" has a mutable tag'), text)
    check_equal(len(ElementTree.fromstring(scan(example(), output="junit").out).findall(".//failure")), wanted - 1)
    check_equal(len(scan(example(), output="github").out.splitlines()), wanted + 1)


@test
def warned__lists_warned_images():
    found = deployment("dev-one", "web", web="nginx:latest")
    hidden, shown = (scan(found, "-A", *more, output="text") for more in ([], ["--warned"]))
    check("nginx" not in hidden.out and "1 warned (--warned lists them)" in hidden.out, hidden)
    check("web: nginx:latest" in shown.out and shown.status == 0, shown)


def many(count):
    """Workloads whose images and namespaces differ in how often they are used."""
    return [workload("Deployment", f"team-{i % 3}", f"web-{i:03}", main="nginx:latest" if i % 5 else f"app-{i}:main") for i in range(count)]


@test
def text__longer_than_its_limit__says_so_and_full_lists_all():
    for count, rest in ((100, 0), (101, 1), (130, 30)):
        found = dump(many(count))
        short, full = scan_dump(found, output="text").out, scan_dump(found, "--full", output="text").out
        check_equal((short.count("    main: "), full.count("    main: ")), (100, count))
        check_equal(f"... and {rest} more image" in short, rest > 0, short[-800:])
        check("--full lists all, --summary counts them" in " ".join(short.split()) or rest == 0, short[-800:])
        check("... and" not in full and f"on re-creation      {count} images of {count} workloads" in short, full[-800:])


@test
def text__owners_of_unknown_operators__have_a_limit():
    found = [pod("data", f"p{i}", made(f"g{i}.x.io/v1", "Thing", f"ns-{i}", "n", {}), web="a:latest") for i in range(60)]
    for i, one in enumerate(found):
        one["metadata"]["namespace"] = f"ns-{i // 20}"
    short, full = scan_dump(dump(found), output="text").out, scan_dump(dump(found), "--full", output="text").out
    check("  # and 10 more owners with an unknown account (--full lists all)\n" in short, short[-3000:])
    check_equal((short.count("unknown account: see"), full.count("unknown account: see")), (50, 60))


@test
def summary__counts_by_image_namespace_and_owner__largest_first():
    found = dump(many(130) + [workload("Deployment", "dev-one", "warned", main="redis")])
    text = scan_dump(found, "--summary", output="text").out
    tables = {part.split()[0]: part.splitlines()[1:] for part in text.split("by ")[1:]}
    check_equal([re.split(r"  +", line.strip()) for line in tables["image"][:2]], [["nginx:latest", "104", "104", "0"], ["app-0:main", "1", "1", "0"]])
    check("  ... and 7 more (--full lists all)" in tables["image"], text)
    check_equal([line.split() for line in tables["namespace"][:3]], [[f"team-{i}", str(44 - (i > 0)), str(44 - (i > 0)), "0"] for i in range(3)])
    check_equal(len([line for line in tables["owner"] if line.startswith("  Deployment team-")]), 20)
    check("would be denied:" in text and "    main: " not in text and "redis" not in text, text)
    groups = scan_dump(found, "--summary", "--warned").json["groups"]
    check_equal([len(groups[by]) for by in ("image", "namespace", "owner")], [28, 4, 131])
    check_equal(groups["owner"][-1], {"name": "Deployment team-2/web-128", "images": 1, "workloads": 1, "pods": 0})
    check("groups" not in scan_dump(found).json)
    clean = scan_dump(dump([workload("Deployment", "shop", "ok", main="redis:7.4.1")]), "--summary", output="text").out
    check(clean.startswith("would be denied:"), clean)


@test
def control_characters_in_names__do_not_reach_the_terminal():
    bad = "a\x1b[31m\n- b\x9b"
    owner = made("x.io/v1" + bad, "Kind" + bad, "data" + bad, "n" + bad, {})
    found = [workload("Deployment", "shop" + bad, "web" + bad, **{"main" + bad: "nginx:latest" + bad}),
             pod("data" + bad, "p", owner, **{"main" + bad: "nginx:latest"}),
             role("o", ([""], ["pods"], ["*"]), (["x.io"], ["*"], ["*"])),
             binding("o", "ClusterRole", "o", "data" + bad, "op" + bad)]
    for output in ("text", "tsv"):
        result = scan_dump(dump(found), output=output)
        check(result.status == 1 and "nginx" in result.out, result)
        highest = 160 if output == "text" else 127
        check(not any(ord(c) < 32 and c not in "\n\t" or 127 <= ord(c) < highest for c in result.out), repr(result.out))
        check(not any(line.startswith("- b") for line in result.out.splitlines()), result.out)


def on_terminal(words, columns, env=None):
    """Runs on a terminal of so many columns; what it shows."""
    require_terminal()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update({"TERM": "xterm", **(env or {})})
        subprocess.run(["stty", "cols", str(columns), "rows", "40"], check=False)
        os.execv(words[0], words)
    shown = b""
    while select.select([terminal], [], [], 120)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode()


@test
def terminal__colours_within_its_columns_and_none_with_no_color():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "dump.json", dump(deployment("shop", "web", web="registry.example.com/team/some/name:latest")))
        for columns in (80, 120):
            shown = on_terminal([TAGMOOR, "scan", path], columns)
            check("\x1b[1;31mdenied" in shown, repr(shown))
            plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", shown)
            check(all(len(line) <= columns for line in plain.replace("\r", "").split("\n")), plain)
        check("\x1b[" not in on_terminal([TAGMOOR, "scan", path], 80, {"NO_COLOR": "1"}))
        check("\x1b[" not in on_terminal([TAGMOOR, "scan", path], 80, {"TERM": "dumb"}))


@test
def terminal__progress_while_it_takes_long_and_cleared():
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, Cluster(example()), ["-A"])
        slow = write(folder, "kubectl", f'#!/bin/sh\nsleep 0.3\nexec {KUBECTL} "$@"\n')
        os.chmod(slow, 0o755)
        shown = on_terminal([TAGMOOR, "scan", "-A", "--kubectl", slow], 100, {"FAKE_CLUSTER": folder})
    check(re.search(r"\d+ workloads, \d+ Pods, 0\.0 MiB; reading \w", shown), repr(shown))
    last = shown.rindex("; reading ")
    check("\r\x1b[K" in shown[last:] and "would be denied" in shown[last:], repr(shown[last:]))


@test
def plugin__by_its_name():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kubectl-tagmoor")
        os.symlink(TAGMOOR, path)
        said = subprocess.run([path, "scan", "--help"], capture_output=True, check=False, timeout=60).stdout.decode()
        check(said.startswith("usage: kubectl tagmoor scan [OPTION]... "), said)
        done = subprocess.run([path, "scan", "--nonsense"], capture_output=True, check=False, timeout=60)
        check(b"see 'kubectl tagmoor scan --help'" in done.stderr, done.stderr)
        check(b"'kubectl tagmoor COMMAND --help'" in subprocess.run([path], capture_output=True, check=False).stderr)


@test
def large_dump__memory_is_at_most_twice_its_size():
    if IS_SANITIZED:
        raise Skip("an instrumented build has memory of its own")
    found = []
    for i in range(500):
        found += deployment(f"ns-{i // 50}", f"web-{i}", pods=10, web="nginx:latest" if i % 3 else "nginx:1.27.3")
    for one in found:
        one["metadata"]["annotations"] = {"example.com/long": "x" * 8000}
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, "dump.json", dump(found))
        code = ("import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
                "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(done.returncode, used.ru_maxrss)")
        for command in ("scan", "check"):
            done = subprocess.run([sys.executable, "-c", code, TAGMOOR, command, path], capture_output=True, check=True)
            status, kib = (int(word) for word in done.stdout.split())
            size = os.path.getsize(path)
            check_equal(status, 1, command)
            print(f"# {command}: {kib // 1024} MiB for {size // 1024 // 1024} MiB")
            check(size > 40 * 2**20 and kib * 1024 <= 2 * size, command, kib, size)


main()
