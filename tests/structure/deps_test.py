#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/deps: names what is missing, and installs only when asked to."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, ".."))
from tap import check, check_equal, main, test  # noqa: E402


def deps(*arguments):
    return subprocess.run([os.path.join(HERE, "..", "deps"), *arguments], capture_output=True, text=True, check=False)


@test
def missing_package__asked_only__named_with_the_target():
    done = deps("--missing", "deps-test", "bash", "no-such-package")
    check_equal(done.returncode, 2, done.stderr)
    check("missing: no-such-package\n" in done.stderr, done.stderr)
    check("'make deps-test'" in done.stderr, done.stderr)


@test
def nothing_missing__silent():
    done = deps("--missing", "deps", "bash")
    check_equal((done.returncode, done.stdout + done.stderr), (0, ""))


@test
def makefile__only_run_test_and_deps__install():
    with open(os.path.join(ROOT, "Makefile"), encoding="utf-8") as file:
        text = file.read()
    installing = set(re.findall(r"^(deps[\w-]*):", text, re.M))
    check("deps-dev" in installing, installing)
    for target, needs in re.findall(r"^([\w-]+):([^#\n=]*)", text, re.M):
        if installing & set(needs.split()):
            check(target in ("run", "test"), target, "installs packages")


main()
