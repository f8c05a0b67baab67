#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that hold every connection lock nobody out, and a server without descriptors does not spin."""
import resource
import threading
import time

from harness import (JSON, BareServer, PromptClient, Tagmoor, ask, check, check_equal, close_with_reset, connect, connect_raw,
                     main, request_bytes, test)
from reviews import Case, pod

CAP = 512
PATIENCE_S = 1.1  # a request under way is not taken for a held connection within a second
SMALL = Case("small", pod())


def ask_new(server, count=20):
    """Asks over new connections; the slowest."""
    slowest = 0.0
    for _ in range(count):
        start = time.monotonic()
        with PromptClient(server, timeout=20) as sock:
            check(SMALL.is_answered_by(ask(sock, "POST", "/validate", SMALL.body, JSON)))
        slowest = max(slowest, time.monotonic() - start)
    return slowest


def hold_raw(server):
    return connect_raw(server)


def hold_tls(server):
    return connect(server)


def hold_used(server):
    sock = connect(server)
    check(SMALL.is_answered_by(ask(sock, "POST", "/validate", SMALL.body, JSON)))
    return sock


def hold_unfinished(server):
    sock = connect(server)
    sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "5000"})) + b"{")
    return sock


def hold_used_then_unfinished(server):
    sock = hold_used(server)
    sock.sendall(b"POST /validate HTTP/1.1\r\n")
    return sock


def check_nobody_locked_out(hold):
    """One client holds more than all connections; a used one of another client's lives on, new ones are served."""
    with Tagmoor("--lame-duck", "0s") as server, connect(server) as kept:
        check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
        held = []
        for number in range(CAP + 50):
            try:
                held.append(hold(server))
            except OSError:
                pass  # turned away itself: of no harm
            if number % 50 == 0:
                check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
        time.sleep(PATIENCE_S)
        slowest = ask_new(server)
        check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
        check(slowest < 3, slowest)
        for sock in held:
            close_with_reset(sock)
        check_equal(server.end(), 0)


@test
def connections_without_handshake__nobody_locked_out():
    check_nobody_locked_out(hold_raw)


@test
def tls_connections_without_request__nobody_locked_out():
    check_nobody_locked_out(hold_tls)


@test
def used_connections__nobody_locked_out():
    check_nobody_locked_out(hold_used)


@test
def unfinished_requests__nobody_locked_out():
    check_nobody_locked_out(hold_unfinished)


@test
def used_connections_with_an_unfinished_request__nobody_locked_out():
    check_nobody_locked_out(hold_used_then_unfinished)


@test
def flood_that_goes_on__steady_client_served():
    stop = threading.Event()

    def flood(server):
        held = []
        while not stop.is_set():
            held.append(connect_raw(server))
            if len(held) > 600:
                close_with_reset(held.pop(0))
        for sock in held:
            close_with_reset(sock)

    with Tagmoor("--lame-duck", "0s") as server, connect(server) as kept:
        check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
        thread = threading.Thread(target=flood, args=(server,), daemon=True)
        thread.start()
        try:
            end = time.monotonic() + 2
            while time.monotonic() < end:
                check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
                time.sleep(0.01)
        finally:
            stop.set()
            thread.join()
        ask_new(server)
        check_equal(server.end(), 0)


@test
def request_that_arrives_while_its_connection_is_chosen_to_leave__answered():
    """The only thread is busy from before the newcomer comes until the request is there."""
    with BareServer("--threads", 1, "--max-connections", 5) as server:
        first, *_, busy, busier = socks = [connect(server) for _ in range(5)]
        for sock in (busy, busier):
            check_equal(ask(sock, "GET", "/livez").status, 200)
        time.sleep(PATIENCE_S)
        busy.sendall(request_bytes("POST", "/validate", b"sleep 300", JSON))
        time.sleep(0.1)
        busier.sendall(request_bytes("POST", "/validate", b"sleep 1500", JSON))
        newcomer = connect_raw(server)
        time.sleep(0.5)
        check_equal(ask(first, "POST", "/validate", b"{}", JSON).status, 200)
        for sock in (*socks, newcomer):
            sock.close()


def lower_descriptors(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


@test
def too_few_descriptors__refused_with_advice():
    server = Tagmoor(prepare=lower_descriptors(200), wait=False)
    check_equal(server.wait(), 2)
    check("raise 'ulimit -n' or lower --max-connections" in server.log(), server.log())


def take_descriptors_away(server, count):
    """What an administrator's prlimit does to a process that runs."""
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (count, count))


@test
def descriptors_used_up__no_spin__served_again_once_there_are_some():
    with Tagmoor("--lame-duck", "0s") as server, connect(server) as kept:
        take_descriptors_away(server, 40)
        held = [connect_raw(server) for _ in range(100)]
        server.wait_calm(window=1.5, share=0.2)
        check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
        for sock in held:
            close_with_reset(sock)
        check(ask_new(server) < 3)
        check_equal(server.end(), 0)


main()
