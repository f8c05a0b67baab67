#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With --log-format json, `tagmoor serve` writes only JSON: before it serves, when it cannot start, and at a reload."""
import json
import subprocess

from certificates import CERT, KEY, path
from harness import TAGMOOR, Tagmoor, add, check, check_equal, main, test

POLICY = """version: 1
environments:
- {name: all, default: true, enforce: digest}
exemptions:
- {name: %s, reason: until it is rebuilt, expires: 2020-01-31, match: {namespaces: [shop]}, enforce: any}
"""
TLS = ["--tls-cert-file", CERT, "--tls-private-key-file", KEY]


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)
    return path(name)


def lines_of(text):
    """The lines as JSON; any other line fails the test."""
    check(text, "nothing was written")
    return [json.loads(line) for line in text.splitlines()]


def check_warned(lines, name):
    found = [line for line in lines if name in line["msg"] and line["level"] == "warn"]
    check_equal(len(found), 1, lines)
    check("has expired" in found[0]["msg"], found)


@test
def warnings_of_the_policy__at_start_and_at_reload__are_lines():
    policy = write("ended.yaml", POLICY % "first")
    with Tagmoor("--policy", policy, metrics="127.0.0.1:0") as server:
        check_warned(lines_of(server.log()), "first")
        write("ended.yaml", POLICY % "second")
        server.wait_metric('tagmoor_policy_reloads_total{result="success"}', 1)
        server.wait_for("policy reloaded")
        check_warned(lines_of(server.log()), "second")
        write("ended.yaml", "version: 1\nenviroments: []\n")
        server.wait_metric('tagmoor_policy_reloads_total{result="failure"}', 1)
        server.wait_for("not reloaded")
        server.signal("TERM")
        check_equal(server.wait(), 0)
        check([line for line in lines_of(server.log()) if line["level"] == "error" and "enviroments" in line["msg"]])


def start__fails__only_json(flags, *texts):
    done = subprocess.run([TAGMOOR, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--log-format", "json", *flags],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20, check=False)
    check_equal((done.returncode, done.stdout), (2, ""), done.stderr)
    lines = lines_of(done.stderr)
    for text in texts:
        check([line for line in lines if text in line["msg"] and line["level"] == "error"], text, lines)
    check_equal([line["sequence"] for line in lines], list(range(1, len(lines) + 1)))


BAD = write("bad.yaml", "version: 1\nenviroments: []\n")
FAILURES = {
    "no_certificate": ([], "--tls-cert-file and --tls-private-key-file are required"),
    "no_file": ([*TLS, "--policy", "/none.yaml"], "cannot open '/none.yaml'"),
    "bad_policy": ([*TLS, "--policy", BAD], "bad.yaml:2", "has 1 error"),
    "bad_key": (["--tls-cert-file", CERT, "--tls-private-key-file", CERT], "key"),
    "bad_address": ([*TLS, "--listen", "nonsense"], "nonsense"),
}
for name, (arguments, *messages) in FAILURES.items():
    add(f"start__{name}__only_json", start__fails__only_json, arguments, *messages)


@test
def start_in_text__bad_policy__as_other_commands_print_it():
    done = subprocess.run([TAGMOOR, "serve", *TLS, "--log-format", "text", "--policy", BAD], stderr=subprocess.PIPE, text=True, timeout=20, check=False)
    check_equal(done.returncode, 2)
    check(done.stderr.startswith(f"{BAD}:2") and "\ntagmoor: policy '" in done.stderr, done.stderr)


main()
