#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""webhook/http/LIMITS.md against the sources: values, names of metrics, and the limits of limit.h, which `--update` writes."""
import glob
import os
import re
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, ".."))
from tap import add, check, check_equal, main, test  # noqa: E402

UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
PER_SECOND = {"_us": 1000000, "_ms": 1000}
SECONDS = {"s": 1000, "ms": 1}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def page_values():
    """(name, value with its unit, file) of each row of the table of values."""
    return re.findall(r"^\| `(\w+)` \| ([\d.]+(?: \w+)?) \| `([\w/.]+)` \|", read("webhook/http/LIMITS.md"), re.M)


def page_value(name, text):
    """The number that the source has for this text: times are in the unit of the name."""
    number, _, unit = text.partition(" ")
    if unit in SECONDS:
        return int(number) * SECONDS[unit] * PER_SECOND[name[-3:].lower()] // 1000
    return int(number) * UNITS[unit]


def source_value(name, path):
    text = read(path)
    found = (re.search(rf"#define {name}\s+(.+?)(?:/\*|$)", text, re.M) or
             re.search(rf"ROW\(\w+, {name}, (.+?)\) *(?:/\*|\\|$)", text, re.M))
    check(found, name, "is not in", path)
    plain = re.sub(r"\(size_t\)|UINT64_C|(?<=\d)U\b", "", found[1])
    check(re.fullmatch(r"[\d\s()<+*-]+", plain), name, "is no number in", path, found[1])
    return eval(plain)  # pylint: disable=eval-used


def check_value(name, text, path):
    check_equal(page_value(name, text), source_value(name, path), name)


for row in page_values():
    add("value__" + row[0] + "__as_in_" + os.path.basename(row[2]), check_value, *row)


@test
def values__every_default_of_the_configuration__is_on_the_page():
    defaults = re.findall(r"^ +ROW\(\w+, (\w+), ", read("webhook/config.h"), re.M)
    check(len(defaults) > 5, defaults)
    check_equal(sorted(set(defaults) - {row[0] for row in page_values()}), [])


def limits():
    """(name, label, when it is reached, what the client sees) of each limit."""
    text = r'((?:"[^"]*"\s*)+)'
    rows = re.findall(rf'ROW\((\w+), "(\w+)",\s*{text},\s*{text}\)', read("webhook/http/limit.h").replace("\\\n", ""))
    check(len(rows) > 10, rows)
    return [(name, label, *("".join(re.findall('"([^"]*)"', part)) for part in texts)) for name, label, *texts in rows][1:]


def page_with_limits():
    """The page with the table of limits as limit.h has it."""
    before, after = read("webhook/http/LIMITS.md").split("|---|---|---|\n", 1)
    rows = "".join(f"| `{label}` | {when} | {sees} |\n" for _, label, when, sees in limits())
    return f"{before}|---|---|---|\n{rows}\n{after.split(chr(10) * 2, 1)[1]}"


def manual_with_limits():
    """tagmoor-output(5) with the values of the label `limit` as limit.h has them."""
    lines = textwrap.wrap(" , ".join(label for _, label, *_ in limits()), 96)
    values = ".It Va limit\n" + "".join(f".Cm {line}\n" for line in lines)
    return re.sub(r"\.It Va limit\n(\.Cm .*\n)+", values, read("cmd/tagmoor-output.5"))


WRITTEN = {"webhook/http/LIMITS.md": page_with_limits, "cmd/tagmoor-output.5": manual_with_limits}


@test
def limits__pages__as_in_limit_h():
    for path, text in WRITTEN.items():
        check_equal(read(path), text(), "write it: tests/structure/limits_page_test.py --update")


@test
def limits__every_one__is_enforced_and_crossed_by_a_test():
    sources = "".join(read(path) for path in glob.glob("webhook/http/*.c", root_dir=ROOT))
    tests = "".join(read(path) for path in glob.glob("tests/server/*.py", root_dir=ROOT))
    check_equal([name for name, *_ in limits() if not re.search(rf"\bMOOR_LIMIT_{name}\b", sources)], [], "not enforced")
    check_equal([label for _, label, *_ in limits() if not re.search(rf"\b{label}\b", tests)], [], "not tested")


@test
def metrics__every_name__exists():
    for name in re.findall(r"^\| `(tagmoor_\w+)", read("webhook/http/LIMITS.md"), re.M):
        check(f'"{name}"' in read("webhook/observe/metrics.c"), name)


if sys.argv[1:] == ["--update"]:
    for name, updated in {path: text() for path, text in WRITTEN.items()}.items():
        with open(os.path.join(ROOT, name), "w", encoding="utf-8") as page:
            page.write(updated)
else:
    main()
