#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""policies - the golden policies of tests/golden/policy, for the scripts that read them; policy_golden_test.c checks their reports.

  good/NAME.yaml       loads; NAME.txt has the warnings, if there are any
  bad/TOPIC.yaml       policies that do not load.  A line `# case: NAME` begins one.  A line `# expect: LINE:COLUMN: TEXT` is a report,
                       and comes after the line that it concerns.  The policy is what remains without these lines; its first line is 1.
  bad/whole/NAME.yaml  one whose bytes matter, or a very long one; its reports are in NAME.txt

`policies.py --update` writes the reports into these files, and shows what changed: read it before it is committed.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

from cli import TAGMOOR
from rewrite import rewrite

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "policy")
CASE, EXPECT = b"# case: ", b"# expect: "


def read(path):
    with open(path, "rb") as file:
        return file.read()


def files(pattern):
    """{name: bytes} of the files, a file a policy."""
    return {os.path.basename(path).removesuffix(".yaml"): read(path) for path in sorted(glob.glob(os.path.join(FOLDER, pattern)))}


def split(text):
    """{name: bytes} of the policies in a file of a topic."""
    found = {}
    for line in text.splitlines(True):
        if line.startswith(CASE):
            name = line.removeprefix(CASE).strip().decode()
            found[name] = b""
        elif not line.startswith(EXPECT):
            found[name] += line
    return found


def good():
    return files("good/*.yaml")


def bad():
    """{name: bytes} of every policy that does not load."""
    found = files("bad/whole/*.yaml")
    for text in files("bad/*.yaml").values():
        found.update(split(text))
    return found


# --- updating -----------------------------------------------------------------------------------


def reports(name, text):
    """The lines that `tagmoor policy check` reports of a policy."""
    with tempfile.TemporaryDirectory(prefix="tagmoor-policy-") as folder:
        with open(os.path.join(folder, name + ".yaml"), "wb") as file:
            file.write(text)
        done = subprocess.run([TAGMOOR, "policy", "check", name + ".yaml"], cwd=folder, capture_output=True, timeout=60)
    lines = [line for line in (done.stdout + done.stderr).decode().splitlines() if line.startswith(name + ".yaml:") and ".yaml: valid, " not in line]
    # A new key must change no file here: policy_golden_test takes `has ...` for any list of keys.
    return [re.sub(r"(: unknown key .* has ).+$", r"\1...", line) for line in lines]


def with_reports(name, text):
    """The policy as it is written in the file of a topic."""
    lines = [line.decode() for line in text.splitlines(True)]
    told = [line.removeprefix(name + ".yaml:") for line in reports(name, text)]
    for report in reversed(told):
        lines.insert(min(int(report.split(":")[0]), len(lines)), EXPECT.decode() + report + "\n")
    return CASE.decode() + name + "\n" + "".join(lines)


def update():
    for path in glob.glob(os.path.join(FOLDER, "bad/*.yaml")):
        rewrite(path, "".join(with_reports(*policy) for policy in split(read(path)).items()))
    for pattern in ("good/*.yaml", "bad/whole/*.yaml"):
        for name, text in files(pattern).items():
            told = reports(name, text)
            path = os.path.join(FOLDER, os.path.dirname(pattern), name + ".txt")
            if os.path.exists(path):
                rewrite(path, "".join(line + "\n" for line in told))


if __name__ == "__main__" and sys.argv[1:] == ["--update"]:
    update()
