#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tagmoor review` on every golden review: cases.py says what a case is, review_answer.py what is expected of its answer.

`--update [PART_OF_A_NAME]` writes the answers into the tables and files, and shows what changed: read it before it is committed.
A new row begins with `answer: {}`.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import yaml
from cases import Loader, all_cases, read
from cli import TAGMOOR
from review_answer import faults, response_of, summary
from rewrite import rewrite
from yaml_flow import folded

PREFIX = b"tagmoor: review: standard input: "


def review(case, folder):
    """(exit status, the answer or what is said of an error)"""
    done = subprocess.run([TAGMOOR, "review", *case.flags(folder), "-"], input=case.body, capture_output=True, timeout=60)
    if done.returncode in (0, 1):
        return done.returncode, json.loads(done.stdout)
    if done.returncode != 2 or done.stdout or not done.stderr.startswith(PREFIX):
        raise AssertionError(f"{case.name}: exit status {done.returncode}: {done.stderr}")
    return 2, done.stderr.removeprefix(PREFIX).decode().removesuffix("\n")


def actual(case, status, answer):
    """The answer in the form in which the case expects one."""
    if status == 2:
        return {"error": answer}
    return answer if isinstance(case.answer, str) else summary(answer, case.body)


def expected(case):
    """What the case expects, with the order of its images."""
    if isinstance(case.answer, str):
        return json.loads(read(os.path.join(case.folder, case.answer)))
    return case.answer


def shown(value):
    return json.dumps(value, indent=2, ensure_ascii=False)


def check(case, folder):
    """Returns what is wrong, or None."""
    status, answer = review(case, folder)
    found = actual(case, status, answer)
    if shown(found) != shown(expected(case)):
        return f"{shown(found)}\nis not\n{shown(expected(case))}"
    if status == 2:
        return None
    if (status == 0) != response_of(answer)[0]["allowed"]:
        return f"exit status {status} does not fit the answer"
    return faults(answer, case.body)


# --- updating -----------------------------------------------------------------------------------


def answer_places(text):
    """The start and end of each row's `answer` in the text of a table, by the row's name."""
    rows = dict((key.value, value) for key, value in yaml.compose(text, Loader).value)["cases"].value
    for row in rows:
        keys = {key.value: value for key, value in row.value}
        if "answer" in keys:
            yield keys["name"].value, keys["answer"].start_mark.index, keys["answer"].end_mark.index


def update_table(table, answers):
    """Writes the answers, by the row's name, in place of those of the table."""
    text = read(table).decode()
    for name, start, end in reversed(list(answer_places(text))):
        if name in answers:
            text = text[:start] + folded(answers[name], 4) + text[end:]
    rewrite(table, text)


def update(wanted, folder):
    tables = {}
    for case in all_cases().values():
        if wanted not in case.name:
            continue
        found = actual(case, *review(case, folder))
        if isinstance(case.answer, str):
            rewrite(os.path.join(case.folder, case.answer), shown(found) + "\n")
        elif shown(found) != shown(case.answer):
            tables.setdefault(case.table, {})[case.row["name"]] = found
    for table, answers in tables.items():
        update_table(table, answers)


def main():
    sys.setrecursionlimit(50000)  # json's reader recurses as deep as a request is nested
    with tempfile.TemporaryDirectory(prefix="tagmoor-review-") as folder:
        if sys.argv[1:2] == ["--update"]:
            update("".join(sys.argv[2:]), folder)
            return
        cases = list(all_cases().values())
        if "MOOR_SHORT_TESTS" in os.environ:  # under qemu a start takes a fifth of a second
            cases = cases[::4]
        print(f"1..{len(cases)}")
        failed = 0
        for number, case in enumerate(cases, 1):
            wrong = check(case, folder)
            if wrong is not None:
                failed += 1
                print("\n".join("# " + line for line in wrong.splitlines()))
            print(f"{'ok' if wrong is None else 'not ok'} {number} - review golden {case.name}")
        sys.exit(1 if failed else 0)


main()
