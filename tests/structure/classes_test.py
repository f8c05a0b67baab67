#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The classes of references against their page, policy/REASONS.md, and against the tags with known classes."""
import csv
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, ".."))
from tap import add, check, check_equal, main, test  # noqa: E402


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def classes():
    """(enumerator, name, level)"""
    found = re.findall(r'ROW\((\w+),\s+"([\w-]+)",\s+(\w+),', read("policy/image/class.h"))
    check(len(found) > 20, found)
    return [(enumerator, name, level.lower()) for enumerator, name, level in found]


def sections():
    """The text of the page for each class."""
    return dict(part.split("\n", 1) for part in read("policy/REASONS.md").split("\n# Faults")[0].split("\n## ")[1:])


@test
def page__a_section_for_every_class_and_no_other():
    check_equal(sorted(sections()), sorted(name for _, name, _ in classes()))


def check_level(name, level):
    check(re.search(rf"[Ll]evel `{level}`", sections()[name]), name, "has another level than", level)


for row in classes():
    if row[1] != "repository":  # the policy says its level
        add("page__level_of__" + row[1], check_level, *row[1:])


@test
def sources__each_class_is_given():
    sources = "".join(read(path) for path in glob.glob("policy/**/*.c", root_dir=ROOT, recursive=True))
    check_equal([name for enumerator, name, _ in classes() if not re.search(rf"\bMOOR_CLASS_{enumerator}\b", sources)], [])


@test
def vectors__a_tag_for_every_class_of_tags():
    returned = set(re.findall(r"^    \{MOOR_CLASS_(\w+), ", read("policy/image/tag.c"), re.M))
    check(len(returned) > 10, returned)
    rows = [row for name in ("tag-vectors", "tag-vectors-more") for row in csv.DictReader(read(f"tests/data/{name}.tsv").splitlines(), delimiter="\t")]
    names = {enumerator: name for enumerator, name, _ in classes()}
    check_equal(sorted({names[one] for one in returned} - {row["class"] for row in rows}), [])


main()
