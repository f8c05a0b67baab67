#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory with the defaults: 512 connections, 16 of them with the largest reviews over and over.

MEMORY_SECONDS says how long (default 8; by hand 120).  The server runs in a cgroup of its own where that can be
made, and may not write a byte to any file: the kernel ends it where it tries.
"""
import multiprocessing
import os
import resource
import signal
import subprocess
import threading
import time

from certificates import FOLDER
from harness import (IS_SANITIZED, JSON, MEASURES_COVERAGE, Address, Skip, Tagmoor, ask, check, check_equal,
                     close_with_reset, connect, main, read_response, request_bytes, test)
from reviews import Case, large_pod, pod

SECONDS = float(os.environ.get("MEMORY_SECONDS", "8"))
MIB_IN_KIB = 1024
BOUND_KIB = 64 * MIB_IN_KIB
START_KIB = 12 * MIB_IN_KIB
AFTER_KIB = 20 * MIB_IN_KIB
MOST_THREADS = 4
HELD, LARGE_CLIENTS = 496, 16
CGROUP_V1 = "/sys/fs/cgroup/memory"


# --- limits of the kernel ---------------------------------------------------------------------------------
class Cgroup:
    """A memory cgroup (version 1) with the bound; `path` is None where none can be made."""

    def __init__(self):
        self.path = f"{CGROUP_V1}/tagmoor-test-{os.getpid()}"
        try:
            os.mkdir(self.path)
            self.write("memory.limit_in_bytes", BOUND_KIB * 1024)
            self.write("memory.swappiness", 0)
        except OSError:
            self.path = None

    def write(self, name, value):
        with open(f"{self.path}/{name}", "w") as stream:
            stream.write(str(value))

    def enter(self):
        if self.path is not None:
            self.write("cgroup.procs", os.getpid())

    def remove(self):
        if self.path is not None:
            os.rmdir(self.path)


def may_write_no_file():
    """SIGXFSZ ends whoever writes to a file; pipes and sockets are none."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


# --- clients ------------------------------------------------------------------------------------------------
def post_over_and_over(port, case, until, clients, queue):
    """Each thread one connection after the other; puts (answered, wrong answers, what was cut off)."""
    answered, wrong, cut = [0], [], []

    def ask_while_open():
        with connect(Address(port), timeout=60) as sock:
            while time.monotonic() < until:
                sock.sendall(case.bytes)
                response = read_response(sock)
                if not case.is_answered_by(response):
                    wrong.append(repr(response))
                answered[0] += 1

    def client():
        while time.monotonic() < until:
            try:
                ask_while_open()
            except OSError as error:
                cut.append(repr(error))

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put((answered[0], wrong, cut))


def load(server, case, seconds, processes=2):
    queue = multiprocessing.Queue()
    until = time.monotonic() + seconds
    started = [multiprocessing.Process(target=post_over_and_over,
                                       args=(server.port, case, until, LARGE_CLIENTS // processes, queue))
               for _ in range(processes)]
    for process in started:
        process.start()
    results = [queue.get(timeout=seconds + 120) for _ in started]
    for process in started:
        process.join()
    return (sum(answered for answered, _, _ in results), [line for _, lines, _ in results for line in lines],
            [line for _, _, lines in results for line in lines])


def hold_idle(server, small):
    """A connection; every second one has been used."""
    for number in range(HELD):
        sock = connect(server, timeout=20)
        if number % 2:
            answer = ask(sock, "POST", "/validate", small.body, JSON)
            check(small.is_answered_by(answer), answer)
        yield sock


def hold_unfinished(server, small):
    """A connection with nearly as much of a request as is never paused."""
    head = request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"}))
    for _ in range(HELD):
        sock = connect(server, timeout=20)
        sock.sendall(head + b" " * 15500)
        yield sock


def least_rss_kib(server, enough_kib, seconds):
    end, least = time.monotonic() + seconds, 1 << 40
    while least > enough_kib and time.monotonic() < end:
        least = min(least, server.memory_kib("VmRSS"))
        time.sleep(0.1)
    return least


def check_bound(hold, body, *flags):
    if IS_SANITIZED:
        raise Skip("an instrumented build needs memory and files of its own")
    if MEASURES_COVERAGE:
        raise Skip("an instrumented build does not answer enough")
    small, large = Case("small", pod()), Case("large", body)
    check_equal(large.status, 200)
    cgroup = Cgroup()

    def prepare():
        may_write_no_file()
        cgroup.enter()

    try:
        with Tagmoor(*flags, prepare=prepare) as server:
            start_kib = server.memory_kib("VmRSS")
            held = list(hold(server, small))
            answered, wrong, cut = load(server, large, SECONDS)
            peak_kib = server.memory_kib("VmHWM")
            for sock in held:
                close_with_reset(sock)
            after_kib = least_rss_kib(server, AFTER_KIB, 10)
            with connect(server) as sock:
                check(small.is_answered_by(ask(sock, "POST", "/validate", small.body, JSON)))
            print(f"# {answered} reviews of {len(large.body)} bytes, {len(cut)} cut off, in {SECONDS:.0f} s; "
                  f"resident memory {start_kib} KiB at start, {peak_kib} at most, {after_kib} after; "
                  f"{'in a cgroup of 64 MiB' if cgroup.path else 'no cgroup'}", flush=True)
            check_equal(wrong, [])
            check(answered >= LARGE_CLIENTS, answered)
            # A client that the machine does not let send for a second may be cut off: others wait for its bytes.
            check(10 * len(cut) <= answered, cut)
            check_equal(server.end(), 0)
    finally:
        cgroup.remove()
    check(start_kib <= START_KIB, "at start", start_kib)
    check(peak_kib <= BOUND_KIB, "at most", peak_kib)
    check(after_kib <= AFTER_KIB, "after", after_kib)


@test
def limit_of_files__ends_who_writes():
    path = os.path.join(FOLDER.name, "written")
    done = subprocess.run(["sh", "-c", f"echo x >{path}"], preexec_fn=may_write_no_file, stderr=subprocess.DEVNULL)
    check_equal(done.returncode, -signal.SIGXFSZ)


@test
def largest_reviews_beside_idle_connections__within_the_bound_and_no_file_written():
    check_bound(hold_idle, large_pod())


@test
def dense_reviews_beside_unfinished_requests__with_the_threads_of_a_larger_machine__within_the_bound():
    check_bound(hold_unfinished, large_pod(0), "--threads", MOST_THREADS)


main()
