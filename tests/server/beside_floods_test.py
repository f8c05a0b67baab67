#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An API server's client beside each flood in turn: no request is lost, each answer is right.

The client is Go's net/http with the settings of client-go: 100 requests in parallel, connections that are pooled and
kept, 3 s for a request (tests/bench/apiclient).  FLOOD_SECONDS says how long a flood lasts (default 2; by hand 20).
Prints the latencies; they are not asserted: the machine decides.
"""
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import time

import faults
import faults_of_states
from certificates import CERT, FOLDER
from harness import BUILD, IS_SANITIZED, MEASURES_COVERAGE, Skip, Tagmoor, check, check_equal, main, test
from reviews import pod
from states import STATES, keep_busy

SECONDS = float(os.environ.get("FLOOD_SECONDS", "2"))
BOUND_KIB = 64 << 10
SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench", "apiclient")
PROGRAM = os.path.join(BUILD, "tests/bench/apiclient")
BODY = os.path.join(FOLDER.name, "review.json")
HANDSHAKES = [state for state in STATES if state.seen == "handshake"]
REQUESTS = [state for state in STATES if state.seen == "receiving"]


# --- the client -----------------------------------------------------------------------------------------
def is_built():
    """Whether the client of an earlier run is younger than its sources: linking it takes seconds."""
    sources = [os.path.getmtime(os.path.join(SOURCE, name)) for name in os.listdir(SOURCE)]
    return os.path.exists(PROGRAM) and os.path.getmtime(PROGRAM) > max(sources)


def build_client():
    go = shutil.which(os.environ.get("GO", "go"))
    version = go and subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, cwd=SOURCE).stdout
    if not go or tuple(map(int, re.findall(r"\d+", version)[:2])) < (1, 25):
        raise Skip("there is no Go 1.25 here")
    if IS_SANITIZED or MEASURES_COVERAGE:
        raise Skip("an instrumented build: 3 s for a request are for a server at its speed")
    if not os.path.exists(BODY):
        if not is_built():
            subprocess.run([go, "build", "-o", PROGRAM, "."], cwd=SOURCE, check=True, env=dict(os.environ, CGO_ENABLED="0"))
        with open(BODY, "wb") as body:
            body.write(pod())
        faults.prepare_small()
        faults_of_states.prepare()


def ask(server, seconds):
    done = subprocess.run([PROGRAM, "-url", f"https://127.0.0.1:{server.port}/validate?timeout=3s", "-body", BODY, "-ca", CERT,
                           "-d", f"{seconds}s", "-want", '"allowed":true'], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# --- the floods -----------------------------------------------------------------------------------------
def of_states(states):
    def flood(server, dice):
        keep_busy(server.port, faults_of_states.CONTEXTS, states, dice, 500, 5).close()
    return flood


def repeat(flood, server, number, until):
    dice = random.Random(number)
    while time.monotonic() < until:
        try:
            flood(server, dice)
        except (OSError, TimeoutError):
            pass  # the server ends it: its right


def check_beside(name, flood, processes=1):
    build_client()
    with Tagmoor("--lame-duck", "0s") as server:
        until = time.monotonic() + SECONDS + 0.5
        started = [multiprocessing.Process(target=repeat, args=(flood, server, number, until), daemon=True)
                   for number in range(processes if flood else 0)]
        for process in started:
            process.start()
        time.sleep(0.5)
        found = ask(server, SECONDS)
        for process in started:
            process.terminate()
            process.join()
        peak = server.memory_kib("VmHWM")
        print(f"# {name}: {found['asked']} requests, {found['lost']} lost, {found['dials']} connections, p50 / p99 / longest "
              f"{found['p50_us'] / 1000:.1f} / {found['p99_us'] / 1000:.1f} / {found['max_us'] / 1000:.1f} ms, "
              f"{peak / 1024:.0f} MiB", flush=True)
        check_equal((found["lost"], found["wrong"]), (0, 0), found)
        check(found["asked"] > 20 * SECONDS, found)
        check(peak <= BOUND_KIB, peak)
        check_equal(server.end(), 0)


FLOODS = {
    "nothing": (None, 0),
    "silent_connections": (faults_of_states.flood_of_silence, 2),
    "silent_tls_connections": (faults.flood_of_tls_connections, 2),
    "half_handshakes": (of_states(HANDSHAKES), 1),
    "half_requests": (of_states(REQUESTS), 1),
    "any_state": (of_states(STATES), 1),
    "key_updates": (faults_of_states.flood_of_key_updates, 2),
    "requests_for_key_updates": (faults_of_states.flood_of_requests_for_key_updates, 2),
    "small_records": (faults_of_states.flood_of_small_records, 2),
    "slow_heads": (faults.slow_heads, 4),
    "slow_large_bodies": (faults.slow_large_bodies, 4),
    "unread_answers": (faults.slow_readers, 4),
    "new_connections": (faults.churn, 2),
    "costly_reviews": (faults_of_states.costly_reviews, 8),
}


def make_test(name, flood, processes):
    def function():
        check_beside(name, flood, processes)
    function.__name__ = f"client_of_an_api_server_beside_{name}__no_request_lost"
    return test(function)


for row in FLOODS.items():
    make_test(row[0], *row[1])
main()
