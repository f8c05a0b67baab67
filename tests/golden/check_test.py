#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each folder of tests/golden/check is a case: what `tagmoor check` says of some files.

  files/         the folder in which it runs
  args           its arguments, one a line (absent: `.`)
  stdin          what standard input gives (absent: nothing)
  bin/           programs of its own, beside which PATH has none (absent: the PATH of the tests)
  expected/      status, and what is said: stderr, and for each format wanted text, tsv, json, ...

A case needs no more than such a folder.  `--update [PART_OF_A_NAME]` writes what is printed now, of the formats
text and tsv where there is no expected/ yet, and shows what changed: read it before it is committed.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from rewrite import rewrite

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check")
TAGMOOR = os.path.abspath(os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor"))
FORMATS = ("text", "tsv", "json", "sarif", "junit", "github", "codequality", "markdown")


def read(path, absent=None):
    if not os.path.exists(path):
        return absent
    with open(path, "rb") as stream:
        return stream.read()


def settle(name, data):
    """What changes with every version is no matter of a case."""
    if name == "json":
        data = re.sub(rb'"tagmoor": "[^"]*"', b'"tagmoor": "VERSION"', data)
    if name == "sarif":
        report = json.loads(data)
        driver = report["runs"][0]["tool"]["driver"]
        driver["version"] = driver["semanticVersion"] = "VERSION"
        driver["rules"] = [rule["id"] for rule in driver["rules"]]
        for result in report["runs"][0]["results"]:
            result["ruleIndex"] = driver["rules"][result["ruleIndex"]]
        del driver["rules"]
        data = json.dumps(report, indent=1, ensure_ascii=False).encode() + b"\n"
    return data


def run(case, formats):
    """All formats in one run, each to a file; returns what each holds, and status and stderr."""
    folder = os.path.join(CASES, case)
    args = read(os.path.join(folder, "args"), b".\n").decode().splitlines()
    programs = os.path.join(folder, "bin")
    environment = {**os.environ, "PATH": programs} if os.path.isdir(programs) else os.environ
    with tempfile.TemporaryDirectory() as out:
        outputs = [word for name in formats for word in ("-o", f"{name}={out}/{name}")]
        done = subprocess.run([TAGMOOR, "check", *outputs, *args], cwd=os.path.join(folder, "files"),
                              input=read(os.path.join(folder, "stdin"), b""), capture_output=True, timeout=60, env=environment)
        said = {name: settle(name, read(f"{out}/{name}", b"")) for name in formats
                if os.path.exists(f"{out}/{name}")}
    said["stderr"] = done.stderr
    said["status"] = b"%d\n" % done.returncode
    if done.stdout:
        said["stdout"] = done.stdout
    return said


def wanted(case):
    folder = os.path.join(CASES, case, "expected")
    return [name for name in FORMATS if os.path.exists(os.path.join(folder, name))]


def check(case):
    said = run(case, wanted(case))
    for name in sorted(os.listdir(os.path.join(CASES, case, "expected"))):
        expected = read(os.path.join(CASES, case, "expected", name))
        if said.get(name) != expected:
            return f"{name}:\n{said.get(name, b'').decode(errors='replace')}\nis not\n{expected.decode(errors='replace')}"
    if "stdout" in said:
        return f"standard output: {said['stdout']}"
    return None


def update(case):
    folder = os.path.join(CASES, case, "expected")
    os.makedirs(folder, exist_ok=True)
    for name, data in run(case, wanted(case) or ["text", "tsv"]).items():
        rewrite(os.path.join(folder, name), data.decode())


def main():
    cases = sorted(name for name in os.listdir(CASES) if os.path.isdir(os.path.join(CASES, name)))
    if sys.argv[1:2] == ["--update"]:
        for case in cases:
            if "".join(sys.argv[2:]) in case:
                update(case)
        return
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        wrong = check(case)
        if wrong is not None:
            failed += 1
            print("\n".join("# " + line for line in wrong.splitlines()))
        print(f"{'ok' if wrong is None else 'not ok'} {number} - check golden {case}")
    sys.exit(1 if failed else 0)


main()
