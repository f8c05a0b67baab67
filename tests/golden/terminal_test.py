#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Colors, and the line that shows the progress: on a terminal, in a pipe, and as --color and the environment demand."""
import os
import pty
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import TAGMOOR, check, folder, main, on_terminal, require_terminal, test, write

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: app, image: nginx}]}\n"
DUMP = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"shop"},"spec":{"containers":[{"name":"app","image":"nginx"}]}}'


def commands(place):
    return [["check", write(place, "a.yaml", POD)], ["scan", write(place, "dump.json", DUMP)], ["explain", "nginx"]]


def in_pipe(*args, **variables):
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run([TAGMOOR, *args], capture_output=True, timeout=120, env={**env, **variables})
    return done.stdout.decode()


@test
def pipe__colored_only_if_asked_for():
    with folder() as place:
        for command in commands(place):
            for more, variables, colored in [([], {}, False), (["--color=always"], {}, True), (["--color", "never"], {"FORCE_COLOR": "1"}, False),
                                             (["--color=auto"], {"FORCE_COLOR": "1"}, True), ([], {"FORCE_COLOR": "0"}, False),
                                             ([], {"FORCE_COLOR": "false"}, False), ([], {"FORCE_COLOR": ""}, False),
                                             ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), (["--color=always"], {"NO_COLOR": "1"}, True),
                                             (["--color=always", "-o", "json"], {}, False)]:
                out = in_pipe(*command, *more, **variables)
                check(out != "" and ("\x1b[" in out) == colored, command, more, variables, repr(out))


@test
def pipe__colors_change_no_text():
    with folder() as place:
        for command in commands(place):
            plain, colored = in_pipe(*command), in_pipe(*command, "--color=always")
            check(not re.search(r"^\x1b\[0m", colored, re.M), "a reset begins a line", repr(colored))
            check(re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain, command, repr(colored))


@test
def terminal__colored_unless_refused():
    with folder() as place:
        for command in commands(place):
            for more, variables, colored in [([], {}, True), (["--color=never"], {}, False), ([], {"NO_COLOR": "1"}, False),
                                             ([], {"TERM": "dumb"}, False), ([], {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
                                             (["--color=always"], {"NO_COLOR": "1"}, True)]:
                _, out = on_terminal(*command, *more, environment=variables)
                check(("\x1b[" in out) == colored, command, more, variables, repr(out))


@test
def file_of_a_report__has_no_colors():
    with folder() as place:
        for command in commands(place):
            name = os.path.join(place, "r.txt")
            in_pipe(*command, "-o", f"text={name}", "--color=always", FORCE_COLOR="1")
            with open(name, encoding="utf-8") as file:
                text = file.read()
            check("nginx" in text and "\x1b" not in text, text)


def progress(wait_s, environment):
    """What `check -` prints on a terminal as its standard error, if its input takes so long."""
    require_terminal()
    leader, follower = pty.openpty()
    with subprocess.Popen([TAGMOOR, "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=follower,
                          env={**os.environ, "TERM": "xterm", **environment}) as process:
        time.sleep(wait_s)
        out, _ = process.communicate(POD.encode(), timeout=120)
    os.close(follower)
    said = b""
    try:
        while part := os.read(leader, 65536):
            said += part
    except OSError:
        pass  # the other end is closed
    os.close(leader)
    check(b"1 denied" in out, out)
    return said.decode()


@test
def progress__after_a_second_on_a_terminal_and_cleared():
    check(progress(1.2, {}) == "1 file, 0.0 MiB, 1 finding\r\x1b[K", repr(progress(1.2, {})))
    check(progress(0, {}) == "" and progress(1.2, {"TERM": "dumb"}) == "", "a line too early, or on a terminal that cannot clear it")


@test
def color__another_word__refused():
    done = subprocess.run([TAGMOOR, "check", "--color=sometimes", "-"], capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    check(done.returncode == 2 and b"invalid value 'sometimes' for '--color': use auto|always|never" in done.stderr, done.stderr)


main()
