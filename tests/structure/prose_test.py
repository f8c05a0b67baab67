#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/prose finds each kind of fault in a text, in each kind of file, and no fault in good texts."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from tap import add, check, check_equal, main  # noqa: E402

LONG = "This sentence " + "goes on and " * 20 + "ends."
FAULTS = [  # name of a file, text, the fault's line, a part of the rule
    ("a.md", "# A\n\nWhat cannot be used is logged.\n", 3, "relative clause"),
    ("a.c", "int a;\n/* Whoever calls this frees it. */\n", 2, "relative clause"),
    ("a.h", "/*\n * A page.\n *\n * The tag stands in the image.\n */\n", 4, "'stands'"),
    ("a.md", "The digest is behind the tag.\n", 1, "'behind'"),
    ("a.py", "x = 1\n# Nobody reads this.\n", 2, "person"),
    ("a.yaml", "# -- The webhook is told to end.\nkey: 1\n", 1, "a program does not"),
    ("a.md", "The server refuses a mutable tag.\n", 1, "'refuse'"),
    ("a.sh", "#!/bin/sh\n# The image is judged.\n", 2, "'judged'"),
    ("a.c", "int a; /* of one request */\n", 1, "begins with 'of'"),
    ("a.1", ".Sh NAME\n.Pp\nThe old file stands.\n", 3, "'stands'"),
    ("a.md", LONG + "\n", 1, "over 40 words"),
]
GOOD = [
    ("a.md", "If a file is invalid, tagmoor keeps the previous one.\n\n    What code says stands in an example.\n"),
    ("a.c", 'const char *a = "What stands behind";\n/* Keeps the file, because readers may have it open. */\n'),
    ("a.md", "What is a level? The `stands` key is quoted.\n"),
]


def prose(name, text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([os.path.join(HERE, "..", "prose"), path], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


def check_fault(name, text, line, rule):
    status, out = prose(name, text)
    check_equal(status, 1, out)
    check(any(f"{name}:{line}: " in found and rule in found for found in out.splitlines()), out)


def check_good(name, text):
    status, out = prose(name, text)
    check_equal(status, 0, out)


for number, row in enumerate(FAULTS):
    add(f"fault_{number}__in_{row[0]}__found", check_fault, *row)
for number, row in enumerate(GOOD):
    add(f"good_{number}__in_{row[0]}__no_fault", check_good, *row)
main()
