#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stress.py - everything bad at once, beside a steady client whose every answer must be right.

Runs for STRESS_SECONDS (default 240).  The faults are in faults.py and faults_of_states.py, each group in a process
of its own; the steady client is here: threads that post real reviews, on connections that they keep and on new ones,
and compare each answer byte for byte with what `tagmoor review` says.  In the end: no wrong answer, no request lost,
the server alive and within its memory, exit status 0 after SIGTERM.  Prints TAP and a table.  Only 127.0.0.1.
"""
import collections
import json
import multiprocessing
import os
import random
import re
import threading
import time
import traceback

import faults
import faults_of_states
from harness import IS_SANITIZED, Address, Tagmoor, connect, read_response
from reviews import golden_cases
import tap

SECONDS = float(os.environ.get("STRESS_SECONDS", "240"))
SEED = int(os.environ.get("STRESS_SEED", str(int(time.time()))))
KEEPERS, COMERS = 4, 2
PAUSE_S = 0.004
MOST_RSS_KIB = 64 * 1024
MOST_RSS_AFTER_KIB = 20 * 1024
SHOWN = 20
GROUPS = {**faults.GROUPS, **faults_of_states.GROUPS}
BAD_INPUTS = faults.BAD_INPUTS | faults_of_states.BAD_INPUTS


# --- the steady client ----------------------------------------------------------------------------------
class Steady:
    """Threads that ask until they are told to stop; what they saw is in `seconds`, `lost` and `wrong`."""

    def __init__(self, server, cases):
        self.server, self.cases = server, cases
        self.stop = threading.Event()
        self.seconds = {"kept": [], "new": []}
        self.lost, self.wrong, self.refused = [], [], []
        kinds = [("kept", self.keep)] * KEEPERS + [("new", self.come)] * COMERS
        self.threads = [threading.Thread(target=run, args=(kind, number), daemon=True) for number, (kind, run) in enumerate(kinds)]
        for thread in self.threads:
            thread.start()

    def ask(self, kind, sock, case):
        start = time.monotonic()
        try:
            sock.sendall(case.bytes)
            response = read_response(sock)
        except OSError as error:
            self.lost.append(f"{kind} {case.name}: {error!r} after {time.monotonic() - start:.3f} s")
            return None
        self.seconds[kind].append(time.monotonic() - start)
        if not case.is_answered_by(response):
            self.wrong.append(f"{case.name}: {response}")
        return response

    def open(self):
        """A connection refused before a request was sent is counted for itself; a client dials again."""
        while not self.stop.is_set():
            try:
                return connect(self.server, timeout=30)
            except OSError as error:
                self.refused.append(repr(error))
                time.sleep(0.01)
        return None

    def keep(self, kind, number):
        dice = random.Random(f"{SEED} {number}")
        sock = None
        while not self.stop.is_set():
            sock = sock or self.open()
            if sock is None:
                return
            response = self.ask(kind, sock, dice.choice(self.cases))
            if response is None or response.headers["connection"] == "close":
                sock.close()
                sock = None
            time.sleep(PAUSE_S)
        if sock is not None:
            sock.close()

    def come(self, kind, number):
        dice = random.Random(f"{SEED} {number}")
        while not self.stop.is_set():
            sock = self.open()
            if sock is not None:
                self.ask(kind, sock, dice.choice(self.cases))
                sock.close()
            time.sleep(PAUSE_S)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
        return not any(thread.is_alive() for thread in self.threads)


# --- the faults ---------------------------------------------------------------------------------------------
def attack(group, port, until, queue):
    dice = random.Random(f"{SEED} {group}")
    server, tried, ended, wrong = Address(port), collections.Counter(), collections.Counter(), []
    while time.monotonic() < until:
        fault = dice.choice(GROUPS[group])
        tried[fault.__name__] += 1
        try:
            fault(server, dice)
        except faults.Wrong as report:
            wrong.append(f"{fault.__name__}: {report}")
        except (OSError, TimeoutError):
            ended[fault.__name__] += 1  # the server closed: its right
        except Exception:
            wrong.append(f"{fault.__name__}: {traceback.format_exc()}")
        time.sleep(0.002)
    queue.put((group, dict(tried), dict(ended), wrong[:SHOWN]))


class Attacks:
    def __init__(self, port, until):
        self.queue = multiprocessing.Queue()
        self.processes = [multiprocessing.Process(target=attack, args=(group, port, until, self.queue), daemon=True)
                          for group in GROUPS]
        for process in self.processes:
            process.start()

    def results(self, seconds):
        found = [self.queue.get(timeout=seconds) for _ in self.processes]
        for process in self.processes:
            process.join(10)
        return found


# --- the log ------------------------------------------------------------------------------------------------
class Audit:
    """Reads every line: each is JSON, and the sequence has no gap that is not a dropped line."""

    def __init__(self):
        self.lines, self.bad, self.last, self.missing = 0, [], 0, 0
        self.limits = collections.Counter()

    def __call__(self, line):
        self.lines += 1
        bite = re.search(rb"connection from '\S+' closed: (\w+)", line)
        if bite:
            self.limits[bite.group(1).decode()] += 1
        try:
            sequence = json.loads(line)["sequence"]
            self.missing += sequence - self.last - 1
            self.last = sequence
        except (ValueError, KeyError) as error:
            self.bad.append(f"{error!r}: {line[:300]!r}")


# --- the end ------------------------------------------------------------------------------------------------
def percentile(seconds, share):
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def rss_after(server, seconds=10):
    """The least resident memory seen within that time after the load."""
    end, least = time.monotonic() + seconds, 1 << 40
    while time.monotonic() < end and least > MOST_RSS_AFTER_KIB:
        least = min(least, server.memory_kib("VmRSS"))
        time.sleep(0.25)
    return least


def print_table(rows):
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"#   {name:<{width}}  {value}")


def table(server, steady, results, audit, peak_kib, after_kib, cpu):
    tried, ended = collections.Counter(), collections.Counter()
    for _, names, closed, _ in results:
        tried.update(names)
        ended.update(closed)
    bad_names = {fault.__name__ for fault in BAD_INPUTS}
    asked = sum(len(seconds) for seconds in steady.seconds.values())
    print(f"# stress of {SECONDS:.0f} s, seed {SEED}")
    rows = [("load held, steady requests", f"{asked} ({asked / SECONDS:.0f}/s), each answer compared"),
            ("faults injected", sum(count for name, count in tried.items() if name not in bad_names)),
            ("bad inputs tried", sum(count for name, count in tried.items() if name in bad_names)),
            ("requests lost", len(steady.lost)),
            ("wrong answers", len(steady.wrong) + sum(len(wrong) for _, _, _, wrong in results)),
            ("connections refused before a request", len(steady.refused))]
    for kind, seconds in steady.seconds.items():
        times = " / ".join(f"{percentile(seconds, share):.1f}" for share in (0.5, 0.99, 1))
        rows.append((f"p50 / p99 / longest, connections {kind}", times + " ms"))
    rows += [("resident memory, highest / after", f"{peak_kib / 1024:.1f} / {after_kib / 1024:.1f} MiB"),
             ("connections closed by limits",
              ", ".join(f"{name} {count}" for name, count in audit.limits.most_common())),
             ("processor time", f"{cpu:.1f} s"), ("log lines, dropped", f"{audit.lines}, {audit.missing}")]
    print_table(rows)
    print("# each fault: times tried, of them ended by the server or in time")
    print_table([(name, f"{count}, {ended[name]}") for name, count in sorted(tried.items())])


def main():
    faults.prepare()
    faults_of_states.prepare()
    cases = golden_cases()
    audit = Audit()
    with Tagmoor("--lame-duck", "500ms", "--log-requests", "all", "--log-level", "debug", on_line=audit) as server:
        attacks = Attacks(server.port, time.monotonic() + SECONDS)
        steady = Steady(server, cases)
        results = attacks.results(SECONDS + 240)
        ended = steady.end()
        peak_kib, cpu = server.memory_kib("VmHWM"), server.cpu_seconds()
        after_kib = rss_after(server)
        alive = server.is_running()
        status = server.end(40)
    wrong = [line for _, _, _, lines in results for line in lines]
    table(server, steady, results, audit, peak_kib, after_kib, cpu)
    ask_for("steady client: no request lost", ended and not steady.lost, steady.lost)
    ask_for("steady client: no wrong answer", not steady.wrong, steady.wrong)
    ask_for("steady client: was steady", len(steady.seconds["kept"]) > SECONDS, len(steady.seconds["kept"]))
    ask_for("faults: no wrong answer", not wrong, wrong)
    ask_for("server alive, and ends with 0", alive and status == 0, [status, *server.lines[-SHOWN:]])
    ask_for("log: each line is JSON", audit.lines > 0 and not audit.bad, audit.bad)
    good = IS_SANITIZED or (peak_kib <= MOST_RSS_KIB and after_kib <= MOST_RSS_AFTER_KIB)
    ask_for("resident memory within its bound", good, f"{peak_kib} KiB at most, {after_kib} KiB after")
    tap.main()


def ask_for(name, condition, *explanation):
    tap.add(name, tap.check, condition, *explanation)


main()
