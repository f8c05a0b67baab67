#!/usr/bin/env python3
"""Each folder of tests/golden/review is a case: what `tagmoor review` answers to a request.

  request.json   the AdmissionReview or ImageReview, byte for byte
  policy.yaml    the policy to judge by (absent: the embedded default)
  environment    the name in the URL path (absent: none)
  now            the time by which exemptions are judged, RFC 3339 (absent: the clock's)
  answer.json    the answer expected, or
  refusal.txt    what is said of the file on standard error where the request is refused unjudged

A case needs no more than such a folder.  `--write` writes the answers of cases that have none: read
them before they are committed.
"""
import json
import os
import subprocess
import sys

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "review")
TAGMOOR = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor")


def path(case, name):
    return os.path.join(CASES, case, name)


def review(case):
    command = [TAGMOOR, "review"]
    if os.path.exists(path(case, "policy.yaml")):
        command += ["--policy", path(case, "policy.yaml")]
    if os.path.exists(path(case, "environment")):
        with open(path(case, "environment")) as stream:
            command += ["--environment", stream.read().strip()]
    if os.path.exists(path(case, "now")):
        with open(path(case, "now")) as stream:
            command += ["--now", stream.read().strip()]
    return subprocess.run(command + [path(case, "request.json")], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)


def prefix(case):
    return f"tagmoor: review: {path(case, 'request.json')}: ".encode()


def check(case):
    """Returns what is wrong, or None."""
    done = review(case)
    if os.path.exists(path(case, "refusal.txt")):
        with open(path(case, "refusal.txt"), "rb") as stream:
            expected = prefix(case) + stream.read()
        if done.returncode != 2 or done.stderr != expected or done.stdout:
            return f"exit status {done.returncode}, expected 2\n{done.stderr}\nis not\n{expected}"
        return None
    with open(path(case, "answer.json")) as stream:
        expected = json.load(stream)
    if done.returncode not in (0, 1):
        return f"exit status {done.returncode}: {done.stderr}"
    answer = json.loads(done.stdout)
    if answer != expected:
        return f"{json.dumps(answer, indent=2)}\nis not\n{json.dumps(expected, indent=2)}"
    if (done.returncode == 0) != answer.get("response", answer.get("status"))["allowed"]:
        return f"exit status {done.returncode} does not fit the answer"
    return None


def write(case):
    done = review(case)
    if done.returncode == 2:
        with open(path(case, "refusal.txt"), "wb") as stream:
            stream.write(done.stderr.removeprefix(prefix(case)))
    else:
        with open(path(case, "answer.json"), "w") as stream:
            stream.write(json.dumps(json.loads(done.stdout), indent=2, ensure_ascii=False) + "\n")


def main():
    cases = sorted(os.listdir(CASES))
    if sys.argv[1:] == ["--write"]:
        for case in cases:
            if not any(os.path.exists(path(case, name)) for name in ("answer.json", "refusal.txt")):
                write(case)
                print(case)
        return
    if "MOOR_SHORT_TESTS" in os.environ:  # under qemu a start takes a fifth of a second
        cases = cases[::4]
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        wrong = check(case)
        if wrong is not None:
            failed += 1
            print("\n".join("# " + line for line in wrong.splitlines()))
        print(f"{'ok' if wrong is None else 'not ok'} {number} - review golden {case}")
    sys.exit(1 if failed else 0)


main()
