#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_static.py STATIC DYNAMIC - checks the static program for the command line: that it needs no file of a system, and that it
answers as the program with the server does.  Run by `make check-static`, which also runs the tests of the command line with it."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import Skip, main, test  # noqa: E402

STATIC, DYNAMIC = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
LIMIT_BYTES = 8 * 1000 * 1000
MANIFEST = """apiVersion: v1
kind: Pod
metadata: {name: web, namespace: prod}
spec: {containers: [{name: web, image: "nginx:1.25"}]}
"""


def output(command, **more):
    done = subprocess.run(command, capture_output=True, check=False, **more)
    return done.returncode, done.stdout, done.stderr


def references():
    """Every reference, tag vector and tag of the test data, as references."""
    found = []
    for name in sorted(os.listdir("tests/data")):
        if name.endswith(".tsv"):
            with open(f"tests/data/{name}", "rb") as file:
                for line in file:
                    if not line.startswith(b"#"):
                        fields = line.rstrip(b"\n").split(b"\t")
                        found += [fields[0], b"registry.example/app:" + fields[0]]
    return b"\n".join(found) + b"\n"


@test
def file__sections__no_loader_and_no_library():
    headers = subprocess.run(["readelf", "-l", "-d", STATIC], capture_output=True, text=True, check=True).stdout
    assert "INTERP" not in headers and "NEEDED" not in headers, headers


@test
def file__size_stripped__within_the_limit():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["strip", "-o", f"{folder}/tagmoor", STATIC], check=True)
        assert os.path.getsize(f"{folder}/tagmoor") <= LIMIT_BYTES, os.path.getsize(f"{folder}/tagmoor")


@test
def explain__all_vectors__same_bytes_as_with_the_server():
    for form in ("tsv", "json"):
        ask = {"input": references()}
        ours = output([STATIC, "explain", "-o", form, "-"], **ask)
        theirs = output([DYNAMIC, "explain", "-o", form, "-"], **ask)
        assert ours == theirs and ours[1].count(b"\n") > 1000, (form, ours[0], theirs[0], len(ours[1]))


@test
def serve__any_options__says_where_the_server_is():
    status, out, err = output([STATIC, "serve", "--tls-cert-file=x"])
    assert status == 2 and out == b"" and b"without the server" in err and b"Debian package" in err, err


@test
def empty_root__every_command__works():
    if os.geteuid() != 0:
        raise Skip("needs root for an empty root")
    with tempfile.TemporaryDirectory() as root:
        for name in ("tagmoor", "kubectl-tagmoor"):
            shutil.copy(STATIC, f"{root}/{name}")
        shutil.copy("tests/golden/review/recorded/pod-create.json", f"{root}/review.json")
        shutil.copy("tests/data/cluster-dump.json", f"{root}/dump.json")
        with open(f"{root}/pod.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST)

        def inside(*command):
            return output(["/usr/sbin/chroot", root, *command], env={}, stdin=subprocess.DEVNULL)

        for status, command in ((1, "check /pod.yaml"), (0, "explain nginx:1.25"), (0, "policy show"), (0, "certs /tls"), (0, "version"),
                                (0, "help"), (0, "review /review.json"), (1, "scan /dump.json"), (0, "policy export vap")):
            done = inside("/tagmoor", *command.split())
            assert done[0] == status, (command, done)
        done = inside("/kubectl-tagmoor", "--help")
        assert done[0] == 0 and b"usage: kubectl tagmoor" in done[1], done
        assert inside("/tagmoor", "check", "/pod.yaml")[1].startswith(b"/pod.yaml:4:"), inside("/tagmoor", "check", "/pod.yaml")
        assert sorted(os.listdir(f"{root}/tls")), "no certificate"


main()
