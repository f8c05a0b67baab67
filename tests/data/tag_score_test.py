#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the verdicts on tags whose history is known to a floor.

Judges every reference of official-tags-sample.tsv with `tagmoor explain -o tsv -` and scores the
answers with tag-score.  A change of the rules that lowers a figure below its floor fails here; one
that raises it should raise the floor.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from server_process import TAGMOOR  # noqa: E402
from tap import add, check, main  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "official-tags-sample.tsv")
SCORE = os.path.join(HERE, "tag-score")

# The figure's line and column of tag-score's output, its floor in per cent.
FLOORS = [
    ("tags_moved_to_another_release__judged_rolling__of_all_tags", "version", 1, 94.2),
    ("tags_moved_to_another_release__judged_rolling__mean_of_images", "version", 3, 94.7),
    ("tags_that_named_one_release__accepted__of_all_tags", "fixed", 1, 97.25),
    ("tags_that_named_one_release__accepted__mean_of_images", "fixed", 3, 93.7),
]


def references():
    done = subprocess.run([SCORE, SAMPLE, "--references"], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def explain(names):
    """The answers on these references, a line each; a refusal among them is no failure."""
    done = subprocess.run([TAGMOOR, "explain", "-o", "tsv", "-"], input="\n".join(names) + "\n",
                          capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if len(lines) < len(names):
        sys.exit(f"{TAGMOOR} answered {len(lines)} of {len(names)} references, status "
                 f"{done.returncode}: {done.stderr[:500]}")
    return lines


def score(lines):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as verdicts:
        verdicts.write("\n".join(lines) + "\n")
        verdicts.flush()
        done = subprocess.run([SCORE, SAMPLE, verdicts.name], check=True, capture_output=True, text=True)
    return {fields[0]: fields for fields in (line.split("\t") for line in done.stdout.splitlines())}


def check_floor(value, floor):
    check(value >= floor, value, "is below the floor", floor)


def check_timed(names):
    timed = explain([f"{name}-20240107123456" for name in names if len(re.split(":", name)[1]) < 110])
    weak = [line for line in timed if line.split("\t")[2] not in ("build", "release")]
    check(timed and not weak, weak)


names = references()
figures = score(explain(names))
for name, line, column, floor in FLOORS:
    add(name, check_floor, float(figures[line][column]), floor)
add("every_tag_with_a_time_behind_it__accepted", check_timed, names)
main()
