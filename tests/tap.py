# SPDX-License-Identifier: Apache-2.0
"""Tests as functions, and TAP: shared by the Python tests of every folder.

    @test
    def what_is_done__in_which_case__what_follows():
        check(condition, "explanation", value)

    main()

A program runs the tests whose name contains its first argument, or one of several `with,commas`.
"""
import os
import pty
import sys
import time
import traceback

TESTS = []
SHOWN = 20  # entries of a list that a failure prints


class Skip(Exception):
    """Raised by a test that the machine cannot run, with the reason."""


def test(function):
    """Collects a test; its name is the function's, its failure any exception."""
    add(function.__name__, function)
    return function


def add(name, function, *arguments):
    """Collects a test that is a row of a table."""
    TESTS.append((name, function, arguments))


def alone(function):
    """Marks a test that measures time: tests/run runs it while no other test does.  Stands above @test."""
    function.runs_alone = True
    return function


def check(condition, *explanation):
    if not condition:
        raise AssertionError(" ".join(map(shown, explanation)) or "not true")


def check_equal(actual, expected, *explanation):
    check(actual == expected, repr(actual), "is not", repr(expected), *explanation)


def shown(part):
    """An explanation as text; of a long list the first entries, one a line."""
    return "\n".join(map(str, part[:SHOWN])) if isinstance(part, list) and part else str(part)


def require_terminal():
    """Skips the test if no pseudo-terminal can be made, as in a root without /dev/pts."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as why:
        raise Skip(f"no terminal can be made here: {why}") from why


def commented(text):
    return "".join("# " + line for line in text.splitlines(True))


def is_chosen(name, function):
    """Whether the test is in the part that tests/run asks for, and its name contains an argument."""
    part = os.environ.get("MOOR_TEST_PART")
    in_part = part is None or (part == "alone") == hasattr(function, "runs_alone")
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    return in_part and any(word in name for word in wanted.split(","))


def run_one(number, name, function, arguments, note):
    """Prints the line of a test; whether it failed."""
    start = time.monotonic()
    note(f"\n##### {name}")
    try:
        function(*arguments)
    except Skip as reason:
        print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        return False
    except Exception:  # pylint: disable=broad-except
        note(traceback.format_exc())
        print(commented(traceback.format_exc()), flush=True)
        print(f"not ok {number} - {name} # {time.monotonic() - start:.1f} s", flush=True)
        return True
    print(f"ok {number} - {name} # {time.monotonic() - start:.1f} s", flush=True)
    return False


def main(setup=None, note=lambda text: None):
    """Runs the chosen tests and exits.  If `setup` fails, so do all of them; `note` gets a record of what happens."""
    chosen = [row for row in TESTS if is_chosen(row[0], row[1])]
    if not chosen and len(sys.argv) > 1:
        sys.exit(f"no test of {os.path.basename(sys.argv[0])} has a name with {sys.argv[1]}")
    print(f"1..{len(chosen)}", flush=True)
    try:
        if setup and chosen:
            note("##### setup")
            setup()
    except Exception:  # pylint: disable=broad-except
        print(commented(traceback.format_exc()), flush=True)
        for number, (name, *_) in enumerate(chosen, 1):
            print(f"not ok {number} - {name} # setup failed")
        sys.exit(1)
    failures = [run_one(number, *row, note) for number, row in enumerate(chosen, 1)]
    sys.exit(1 if any(failures) else 0)
