# SPDX-License-Identifier: Apache-2.0
"""A server as a child process: its start, log, metrics, memory, CPU time and end.

Used by the tests, the stress test, the benchmarks and the scenarios on a cluster.
"""
import glob
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request

BUILD = os.path.abspath(os.environ.get("MOOR_BUILD", "build/gcc"))
TAGMOOR = os.path.join(BUILD, "tagmoor")
VARIANT = os.path.basename(BUILD)
IS_SANITIZED = bool(re.search("address|thread|undefined", VARIANT))  # memory and speed then mean nothing
MEASURES_COVERAGE = "coverage" in VARIANT
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "server", "lsan.supp")
ENVIRONMENT = dict(os.environ, LSAN_OPTIONS="print_suppressions=0:suppressions=" + SUPPRESSIONS, TSAN_OPTIONS="atexit_sleep_ms=0")
KEPT_LINES = 20000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Server:
    """A command that serves; it is killed at the end of a `with` if it still runs.

    Its log is read from standard error, unless `stderr` names a file.  `on_line` gets each line; the lines of reviews are then
    not kept.  `environment` adds variables, `prepare` runs in the child, and other options go to Popen.
    """

    def __init__(self, command, *, stderr=subprocess.PIPE, on_line=None, environment=None, prepare=None, **options):
        self.lines, self.on_line, self.reader = [], on_line, None
        self.started = time.monotonic()
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
                                        env=ENVIRONMENT | (environment or {}), preexec_fn=prepare, **options)
        if stderr == subprocess.PIPE:
            self.reader = threading.Thread(target=self._read, daemon=True)
            self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            if self.on_line is not None:
                self.on_line(line)
            if self.on_line is None or b'"msg":"review' not in line:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
            if self.on_line is not None:
                del self.lines[:-KEPT_LINES]
        self.process.stderr.close()

    # --- its log
    def log(self):
        return "\n".join(self.lines)

    def wait_for(self, pattern, count=1, seconds=20):
        """The last group of match number `count` in the log."""
        end = time.monotonic() + seconds
        while True:
            has_ended = self.process.poll() is not None
            if has_ended and self.reader:
                self.reader.join(1)
            found = re.findall(pattern, self.log())
            if len(found) >= count:
                return found[count - 1]
            if has_ended or time.monotonic() > end:
                raise AssertionError(f"no {pattern!r} in the server's log:\n{self.log()}")
            time.sleep(0.01)

    def json_lines(self):
        return [json.loads(line) for line in list(self.lines) if line.startswith("{")]

    def events(self, pattern=""):
        """(level, message) of the lines that match."""
        return [(line["level"], line["msg"]) for line in self.json_lines() if re.search(pattern, line["msg"])]

    def reviews(self):
        return [line for line in self.json_lines() if line["msg"] == "review"]

    def wait_reviews(self, count=1):
        """The lines of reviews, once there are so many."""
        self.wait_for('"msg":"review"', count)
        return self.reviews()

    # --- its figures
    def metrics(self):
        """{'name{label="value"}': number} of /metrics."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10).read().decode()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in text.splitlines() if line and not line.startswith("#")}

    def wait_metric(self, name, value, seconds=10):
        """The metrics once `name` has the value: the server learns after its client that an answer is through."""
        end = time.monotonic() + seconds
        while (found := self.metrics())[name] != value:
            if time.monotonic() > end:
                raise AssertionError(f"{name} is {found[name]} and not {value}")
            time.sleep(0.01)
        return found

    def memory_kib(self, field="VmRSS"):
        """A figure of /proc/PID/status."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"^{field}:\s+(\d+)", status.read(), re.M).group(1))

    def cpu_seconds(self):
        """Of all threads, as the scheduler accounts for them."""
        total = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def wait_calm(self, seconds=10, window=0.5, share=0.4):
        """Until it uses little CPU: a thread that spins never lets it."""
        end = time.monotonic() + seconds
        while True:
            before = self.cpu_seconds()
            time.sleep(window)
            used = self.cpu_seconds() - before
            if used < share * window:
                return
            if time.monotonic() > end:
                raise AssertionError(f"a thread spins: {used:.2f} s of {window} s")

    # --- its end
    def signal(self, name):
        self.process.send_signal(getattr(signal, "SIG" + name))

    def hup(self, pattern):
        """Sends SIGHUP and waits for one more line that matches."""
        before = len(re.findall(pattern, self.log()))
        self.signal("HUP")
        self.wait_for(pattern, before + 1)

    def is_running(self):
        return self.process.poll() is None

    def wait(self, seconds=30):
        """The exit status, once the log is read to its end."""
        code = self.process.wait(seconds)
        if self.reader:
            self.reader.join(5)
        return code

    def end(self, seconds=30):
        """SIGTERM, and the exit status."""
        self.signal("TERM")
        return self.wait(seconds)

    def kill(self):
        if self.is_running():
            self.process.kill()
        return self.wait()

    def close(self):
        """Ends it if it still runs.  A server that is killed leaves no figures of what it ran: with coverage it is asked first."""
        if self.is_running() and MEASURES_COVERAGE:
            try:
                self.end(20)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
        if re.search(r"(Address|Leak|Thread)Sanitizer|runtime error", self.log()):
            raise AssertionError("a sanitizer reports:\n" + self.log())


class Tagmoor(Server):
    """`tagmoor serve` with flags.  With `wait` it listens when this returns, on `port` and, if it is asked to, `metrics_port`."""

    def __init__(self, *flags, cert, key, listen="127.0.0.1:0", metrics="off", prefix=(), wait=True, **options):
        super().__init__([*prefix, TAGMOOR, "serve", "--listen", listen, "--metrics-listen", metrics, "--log-format", "json",
                          "--tls-cert-file", cert, "--tls-private-key-file", key, "--lame-duck", "0s", *flags], **options)
        self.port = int(listen.rsplit(":", 1)[1])
        if wait and self.reader:
            self._wait_until_it_listens(metrics)

    def _wait_until_it_listens(self, metrics):
        try:
            self.port = int(self.wait_for(r"listening on '[^']*:(\d+)' with"))
            if metrics != "off":
                self.metrics_port = int(self.wait_for(r"probes and metrics on '[^']*:(\d+)'"))
        except AssertionError:
            self.close()
            raise
