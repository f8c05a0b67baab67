#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A test is skipped only for a reason that tests/README.md lists: no Debian package can provide what it needs."""
import glob
import os
import re
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)
from tap import check, check_equal, main, test  # noqa: E402


def listed():
    with open(f"{TESTS}/README.md", encoding="utf-8") as file:
        return re.findall(r"^\| `([^`]+)` \|", file.read().split("\n## What is skipped\n")[1], re.M)


def reasons():
    """[(where, reason)] of the tests that `make test` runs; of a reason that is made at run time, the part before `{`."""
    found = []
    for path in sorted({f"{TESTS}/tap.py", *glob.glob(f"{TESTS}/*/*.py")} - set(glob.glob(f"{TESTS}/cluster/*.py"))):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for match in re.finditer(r'raise Skip\((?:f?"([^"{]*))?', text):
            found.append((f"{os.path.relpath(path, TESTS)}:{text[:match.start()].count(chr(10)) + 1}", match.group(1) or ""))
    return found


@test
def reason_of_each_skip__listed():
    rows = listed()
    check_equal([(where, reason) for where, reason in reasons() if not any(reason.startswith(row) for row in rows)], [])


@test
def reason_that_is_listed__used():
    check_equal([row for row in listed() if not any(reason.startswith(row) for _, reason in reasons())], [])


@test
def tap_of_skips__comes_from_tap_alone():
    """A program that printed `# SKIP` by itself would hide its reason from this test."""
    programs = [path for path in glob.glob(f"{TESTS}/*/*_test.*") if path != os.path.abspath(__file__)]
    own = [path for path in programs if "# SKIP" in open(path, encoding="utf-8").read()]
    check(not own, own)


main()
