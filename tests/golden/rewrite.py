# SPDX-License-Identifier: Apache-2.0
"""rewrite - writes what a golden test expects, and shows what changed."""
import difflib
import os
import sys


def rewrite(path, text):
    before, name = "", os.path.relpath(path)
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), name, name, n=1))
    if text != before:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
