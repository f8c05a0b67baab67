# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: running tagmoor, checking, TAP."""
import os
import pty
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import Skip, check, check_equal, main, require_terminal, test  # noqa: E402,F401

BUILD = os.environ.get("MOOR_BUILD", "build/gcc")
TAGMOOR = os.path.abspath(os.path.join(BUILD, "tagmoor"))
# Sanitizers and coverage make other figures.
IS_PLAIN_BUILD = os.path.basename(os.path.normpath(BUILD)) in ("gcc", "clang-14", "clang-19")


def tagmoor(*args, stdin=b"", **more):
    done = subprocess.run([TAGMOOR, *args], input=stdin, capture_output=True, timeout=120, **more)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def check_fails(result, text):
    status, out, err = result
    check(status == 2 and out == "" and err.startswith("tagmoor: ") and text in err, result)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def folder():
    return tempfile.TemporaryDirectory(prefix="tagmoor-test-")


def on_terminal(*args, columns=80, environment=None):
    """Runs tagmoor with a terminal of this width as its standard output."""
    require_terminal()
    leader, follower = pty.openpty()
    import fcntl  # pylint: disable=import-outside-toplevel
    import struct  # pylint: disable=import-outside-toplevel
    import termios  # pylint: disable=import-outside-toplevel
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    env["TERM"] = "xterm"
    env.update(environment or {})
    with subprocess.Popen([TAGMOOR, *args], stdin=subprocess.DEVNULL, stdout=follower, env=env) as process:
        os.close(follower)
        parts = []
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
        status = process.wait(timeout=120)
    os.close(leader)
    return status, b"".join(parts).decode().replace("\r\n", "\n")
