"""Tests as functions, and TAP: what the script tests of every folder share."""
import os
import pty
import sys
import time
import traceback

TESTS = []


class Skip(Exception):
    """Raised by a test where the machine has not what it needs; says what."""


def test(function):
    """Collects a test; its name is the function's, its failure any exception."""
    TESTS.append(function)
    return function


def check(condition, *explanation):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in explanation) or "not true")


def check_equal(actual, expected, *explanation):
    check(actual == expected, repr(actual), "is not", repr(expected), *explanation)


def require_terminal():
    """Skips the test where no pseudo-terminal can be had, as in a root without /dev/pts."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as why:
        raise Skip(f"no terminal can be made here: {why}") from why


def main():
    """Runs the tests, or those whose name holds the first argument."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [function for function in TESTS if wanted in function.__name__]
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, function in enumerate(chosen, 1):
        start = time.monotonic()
        try:
            function()
            print(f"ok {number} - {function.__name__} # {time.monotonic() - start:.1f} s", flush=True)
        except Skip as reason:
            print(f"ok {number} - {function.__name__} # SKIP {reason}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print("".join("# " + line for line in traceback.format_exc().splitlines(True)), flush=True)
            print(f"not ok {number} - {function.__name__}", flush=True)
    sys.exit(1 if failed else 0)
