#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The log of `tagmoor serve`: floods of lines that clients cause, line ends, what is written before the process ends."""
import json
import os
import re
import resource
import ssl
import time

from certificates import make_pair, path
from harness import (JSON, SLACK, Tagmoor, ask, check, check_equal, connect, connect_raw, free_port, main, test,
                     wait_until)
from reviews import judge, review

CERT, KEY = make_pair("log")


def serve(*flags):
    return Tagmoor(*flags, cert=CERT, key=KEY)


def trusting():
    return ssl.create_default_context(cafile=CERT)


def omitted(events):
    """How many lines were left out, as the others tell."""
    return sum(int(number) for _, text in events for number in re.findall(r"(\d+) (?:omitted|more|were not logged)", text))


def check_limited(server, pattern, sent, seconds):
    """Few lines match, and together with the numbers in them they account for all that was sent."""
    server.signal("TERM")
    check_equal(server.wait(), 0)
    events = server.events(pattern)
    samples = [text for _, text in events if "not logged" not in text]
    check(1 <= len(samples) <= 12 + seconds + SLACK, len(samples), "lines for", sent)
    check_equal(len(samples) + omitted(events), sent)


@test
def bodies_that_are_no_review__few_lines_and_a_count():
    with serve() as server:
        start = time.monotonic()
        with connect(server, trusting()) as sock:
            for number in range(1500):
                body = (b"{}", b"nonsense", b"", b'{"kind":"AdmissionReview"}', b"\xff" * 300)[number % 5]
                check_equal(ask(sock, "POST", ("/validate", "/image-review")[number % 2], body, JSON).status, 400)
        seconds = int(time.monotonic() - start)
        for _, text in server.events("not evaluated"):
            check(not re.search(r"[\r\n]", text), repr(text))
        check_limited(server, "not evaluated|could not be evaluated", 1500, seconds)


@test
def unknown_environments__few_lines_where_nothing_else_asks_for_them():
    with serve("--log-requests", "findings") as server:
        start = time.monotonic()
        with connect(server, trusting()) as sock:
            for number in range(1000):
                body = review("nginx:1.27.3", operation=("DELETE", "CREATE")[number % 2])
                check_equal(ask(sock, "POST", f"/validate/odd-{number}", body, JSON).status, 200)
            # A denial is always logged, whatever else is left out.
            for number in range(30):
                check_equal(ask(sock, "POST", f"/validate/odd-{number}", review("nginx"), JSON).status, 200)
        seconds = int(time.monotonic() - start)
        server.signal("TERM")
        check_equal(server.wait(), 0)
        lines = server.reviews()
        check_equal(sum(line["decision"] == "deny" for line in lines), 30)
        allowed = sum(line["decision"] == "allow" for line in lines)
        check(1 <= allowed <= 12 + seconds + SLACK, allowed)
        check_equal(allowed + omitted(server.events("environments that the policy lacks")), 1000)


@test
def connections_at_level_debug__few_lines_and_a_count():
    with serve("--log-level", "debug") as server:
        start = time.monotonic()
        for _ in range(300):
            with connect_raw(server) as sock:
                sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
                try:
                    sock.recv(100)
                except OSError:
                    pass
        seconds = int(time.monotonic() - start)
        check_limited(server, "TLS handshake with|lines about connections", 300, seconds)


@test
def judged_requests__all_logged_whatever_the_rate():
    with serve() as server:
        with connect(server, trusting()) as sock:
            for _ in range(300):
                judge(server, sock=sock)
        server.wait_reviews(300)
        check_equal(server.end(), 0)


@test
def second_signal__its_line_is_written_before_the_end():
    for number in range(5):
        with serve("--lame-duck", "20s") as server:
            server.signal("TERM")
            server.wait_for("readiness fails")
            server.signal(("TERM", "INT")[number % 2])
            check_equal(server.wait(), 128 + (15, 2)[number % 2])
            server.wait_for("second signal received: exiting immediately", seconds=5)
            check_equal(json.loads(server.lines[-1])["level"], "warn")


@test
def log_file_at_its_size_limit__costs_lines_and_not_the_server():
    def log_lines():
        with open(path("limited.log"), encoding="utf-8") as log:
            return log.read().splitlines()

    with open(path("limited.log"), "w", encoding="utf-8") as log:
        server = Tagmoor(cert=CERT, key=KEY, listen=f"127.0.0.1:{free_port()}", stderr=log, restore_signals=True,
                         prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY)))
    with server:
        wait_until(lambda: any("listening on" in line for line in log_lines()) or not server.is_running(), 10, "it listens")
        with connect(server, trusting()) as sock:
            for _ in range(50):
                judge(server, sock=sock)
            wait_until(lambda: os.path.getsize(path("limited.log")) == 4096, 5, "the log is full")
            time.sleep(0.2)
            check_equal(os.path.getsize(path("limited.log")), 4096)
            # The limit is raised: what comes next is on lines of its own.
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 30, resource.RLIM_INFINITY))
            judge(server, sock=sock)
        check_equal(server.end(), 0)
    lines = log_lines()
    broken = [number for number, line in enumerate(lines) if not line.endswith("}")]
    check_equal(len(broken), 1, lines)
    check(json.loads(lines[broken[0] + 1])["sequence"] > 50, lines[broken[0] + 1])


main()
