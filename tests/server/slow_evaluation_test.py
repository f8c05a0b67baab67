#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Evaluation that takes long: other clients are served meanwhile, and a thread that stands still shows in /livez."""
import select
import socket
import ssl
import threading
import time

from half_tls import Half
from harness import (JSON, SLACK, BareServer, alone, ask, check, check_equal, connect, main, post,
                     read_response, request_bytes, test, wait_until)


@alone
@test
def large_bodies_judged_slowly__one_thread_waits_for_no_other():
    with BareServer("--threads", 2) as server:
        body = b"sleep 1200 " + b" " * 100000
        slow = [threading.Thread(target=post, args=(server, body), daemon=True) for _ in range(3)]
        for thread in slow:
            thread.start()
        time.sleep(0.3)
        start = time.monotonic()
        check_equal(post(server).status, 200)
        took = time.monotonic() - start
        check(took < 0.8, "a small request waited for a large one", took)
        for thread in slow:
            thread.join()


@alone
@test
def many_slow_requests_at_once__others_served_between_them():
    with BareServer("--threads", 1, "--request-timeout", 20000) as server:
        posts = [threading.Thread(target=post, args=(server, b"sleep 300"), daemon=True) for _ in range(8)]
        with connect(server) as sock:
            check_equal(ask(sock, "GET", "/livez").status, 200)
            for thread in posts:
                thread.start()
            time.sleep(0.15)
            slowest = 0.0
            for _ in range(3):
                start = time.monotonic()
                check_equal(ask(sock, "GET", "/livez").status, 200)
                slowest = max(slowest, time.monotonic() - start)
        for thread in posts:
            thread.join()
        check(slowest < 1.2, "it waited for all of them", slowest)


@alone
@test
def many_handshakes_at_once__others_served_between_them():
    with BareServer("--threads", 1) as server, connect(server) as kept:
        check_equal(ask(kept, "GET", "/livez").status, 200)
        halves = [Half(server) for _ in range(200)]
        time.sleep(0.3)
        server.signal("STOP")  # so that all of it is there at once
        for half in halves:
            try:
                half.tls.do_handshake()
            except ssl.SSLWantReadError:
                half.flush()
        kept.sendall(request_bytes("GET", "/livez"))
        server.signal("CONT")
        check_equal(read_response(kept).status, 200)
        begun = len(select.select([half.sock for half in halves], [], [], 0)[0])
        check(begun < 150, "it waited for all of them", begun)
        for half in halves:
            check(half.sock.recv(65536), "no answer to a ClientHello")
            half.sock.close()


def probe(server, target):
    with socket.create_connection(("127.0.0.1", server.metrics_port), 10) as sock:
        sock.sendall(request_bytes("GET", target))
        return read_response(sock)


class Probed(BareServer):
    """With a listener for probes."""

    def __init__(self, *flags):
        super().__init__("--metrics-listen", "127.0.0.1:0", *flags)
        self.metrics_port = int(self.wait_for(r"probes and metrics on '.*:(\d+)'"))


@test
def thread_that_stands_still__livez_fails_until_it_turns_again():
    with Probed("--threads", 2) as server:
        check_equal(probe(server, "/livez").status, 200)
        stuck = threading.Thread(target=post, args=(server, b"sleep 7500"), daemon=True)
        stuck.start()
        wait_until(lambda: probe(server, "/livez").status == 503, 7.4, "/livez fails")
        check(b"has not turned for" in probe(server, "/livez").body)
        server.wait_for("has not turned for")
        stuck.join()
        server.wait_for("turns again")
        check_equal(probe(server, "/livez").status, 200)


@test
def thread_that_stands_still__sigterm_ends_in_time():
    with Probed("--threads", 2, "--lame-duck", 0, "--drain", 500) as server:
        raw = connect(server)
        raw.sendall(request_bytes("POST", "/validate", b"sleep 60000", JSON))
        time.sleep(0.3)
        start = time.monotonic()
        check_equal(server.end(), 1)
        check(time.monotonic() - start < 5 + SLACK)
        raw.close()


main()
