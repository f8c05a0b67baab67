#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands in NOTES.txt work as they are printed, with a kubectl that prints the log of a server."""
import os
import re
import sys
import tempfile

from chart import TOP, check, check_equal, main, template, test, tool
from notes import notes

sys.path.insert(0, os.path.join(TOP, "tests/server"))
from harness import JSON, Tagmoor, ask, connect  # noqa: E402  pylint: disable=wrong-import-position
from reviews import review  # noqa: E402  pylint: disable=wrong-import-position

def log_of_a_server():
    """The lines of a server that has evaluated a few requests, and a line of another program."""
    with Tagmoor("--log-requests", "changes") as server:
        with connect(server) as sock:
            for image, namespace in (("nginx", "shop"), ("nginx:latest", "shop"), ("nginx:1.27.3", "shop"), ("web:main", "bank"), ("nginx", "dev")):
                check_equal(ask(sock, "POST", "/validate", review(image, namespace=namespace), JSON).status, 200)
        server.signal("TERM")
        check_equal(server.wait(), 0)
        return "a line that is not JSON\n" + server.log()


@test
def findings__by_namespace__as_printed():
    text = notes()
    command = re.search(r"^  (kubectl logs .*\|\n(?:    .*\n)+)", text, re.M)[1]
    for flag in ("--tail=-1", "--selector app.kubernetes.io/instance=tagmoor,app.kubernetes.io/name=tagmoor", "--namespace gates"):
        check(flag in command, flag, command)
    check("--prefix" not in command, command)
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/log", "w", encoding="utf-8") as file:
            file.write(log_of_a_server())
        with open(f"{folder}/kubectl", "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncat '{folder}/log'\n")
        os.chmod(f"{folder}/kubectl", 0o755)
        done = tool("env", f"PATH={folder}:{os.environ['PATH']}", "sh", "-c", command)
    check_equal((done.returncode, done.stderr), (0, ""))
    check_equal(done.stdout.splitlines(), ["bank: requests: 1, images: web:main", "dev: requests: 1, images: nginx", "shop: requests: 2, images: nginx, nginx:latest"])


@test
def second_command__as_printed__keeps_the_values_and_the_new_defaults():
    text = notes()
    command = re.search(r"^  (helm upgrade .*)$", text, re.M)[1]
    check("--reset-then-reuse-values --set mode=enforce" in command, command)
    check("helm upgrade" not in notes({"mode": "enforce"}))


@test
def second_command__mode_is_in_the_policy__says_where():
    check("change it there" in notes({"policy": {"mode": "warn"}}))
    check("change it there" not in notes())


@test
def mode__of_the_policy__is_noted():
    check(notes({"policy": {"mode": "enforce"}}).startswith("tagmoor 0.1.0 is installed in mode enforce."))
    check(template().returncode == 0)


main()
