#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""instructions.py MICRO BODIES [--write] - instructions a call of fixed inputs, counted by callgrind.

Compares them with tests/bench/instructions.tsv and fails if one has grown by more than 3 %; --write
writes the file anew, for a change that is worth its price.  Counts do not depend on the machine's load;
they do on the compiler, so the file is for gcc of Debian 12.
"""
import concurrent.futures
import os
import re
import subprocess
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.tsv")
CASES = {"answer-6kb": 20, "answer-denied": 20, "answer-46kb": 10, "answer-3mb": 2, "classify-6-references": 50, "policy-load": 3}
GROWTH = 1.03


def total(micro, bodies, case, count):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", micro, bodies, case, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"failed: {' '.join(command)}\n{done.stderr}")
    return int(found[1])


def measure(micro, bodies, case):
    """What one call adds, so that what comes before and behind does not count."""
    count = CASES[case]
    return (total(micro, bodies, case, 1 + count) - total(micro, bodies, case, 1)) // count


def read_table():
    with open(TABLE, encoding="utf-8") as file:
        return {name: int(value) for name, value in (line.split("\t") for line in file if not line.startswith("#"))}


def main():
    micro, bodies = sys.argv[1:3]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        now = dict(zip(CASES, pool.map(lambda case: measure(micro, bodies, case), CASES)))
    if "--write" in sys.argv:
        with open(TABLE, "w", encoding="utf-8") as file:
            file.write("# instructions a call, gcc 12, x86-64: make bench-check\n")
            file.writelines(f"{name}\t{value}\n" for name, value in now.items())
        return
    before, failed = read_table(), False
    for name, value in now.items():
        grown = value > before.get(name, 0) * GROWTH
        failed = failed or grown
        print(f"  {name}: {value} instructions, {value / before.get(name, value) * 100 - 100:+.1f} %{': more than 3 % more' if grown else ''}")
    if failed:
        sys.exit("bench-check: find out why; a change that is worth it runs `make bench-check WRITE=1`")


main()
