#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A system that lacks a resource: clients wait or are disconnected, and are served afterwards."""
import os
import threading
import time

from certificates import FOLDER
from harness import IS_SANITIZED, BareServer, Skip, ask, check, check_equal, connect, main, post, test

FAULT_SHIM = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tests/server/fault_shim.so")


# --- a system that refuses ------------------------------------------------------------------------------
class Faulty(BareServer):
    """The server whose calls fail as `faults` says: {"epoll_add": 1}, every N-th of them."""
    NAMES = ("epoll_add", "epoll_wait", "accept", "ssl_new")

    def __init__(self, *flags):
        if IS_SANITIZED or "coverage" in FAULT_SHIM:
            raise Skip("an instrumented build: its own calls would fail too")
        self.file = os.path.join(FOLDER.name, f"faults-{time.monotonic_ns()}")
        with open(self.file, "wb") as stream:
            stream.write(bytes(len(self.NAMES)))
        super().__init__(*flags, environment=dict(LD_PRELOAD=os.path.abspath(FAULT_SHIM), MOOR_FAULTS=self.file))

    def fail(self, **faults):
        with open(self.file, "r+b") as stream:
            stream.write(bytes(faults.get(name, 0) for name in self.NAMES))


@test
def descriptors_that_cannot_be_watched__clients_wait_and_are_served():
    with Faulty("--max-connections", 50) as server, connect(server) as kept:
        check_equal(ask(kept, "GET", "/livez").status, 200)
        server.fail(epoll_add=1)
        answers = []
        posts = [threading.Thread(target=lambda: answers.append(post(server).status), daemon=True) for _ in range(30)]
        for thread in posts:
            thread.start()
        time.sleep(1)
        check_equal((ask(kept, "GET", "/livez").status, answers), (200, []))
        server.fail()
        for thread in posts:
            thread.join()
        check_equal(answers, [200] * 30)
        server.wait_for("cannot accept connections: No space left on device")
        server.wait_below("server open", 2)


@test
def connections_lost_by_the_event_loop__closed_and_their_places_free():
    with Faulty("--max-connections", 50, "--threads", 1) as server, connect(server) as kept:
        check_equal(ask(kept, "GET", "/livez").status, 200)
        server.fail(epoll_add=2)
        turned_away = 0
        for _ in range(8):
            try:
                with connect(server, timeout=1) as sock:
                    check_equal(ask(sock, "GET", "/livez").status, 200)
            except OSError:
                turned_away += 1
            check_equal(ask(kept, "GET", "/livez").status, 200)
        check(turned_away > 0)
        server.fail()
        for _ in range(60):
            check_equal(post(server).status, 200)
        server.wait_below("server open", 2)
        check_equal(ask(kept, "GET", "/livez").status, 200)
        check_equal(server.end(), 0)


@test
def event_loop_that_cannot_go_on__process_ends():
    with Faulty() as server:
        server.fail(epoll_wait=1)
        check_equal(server.wait(), 1)
        check("event loop failed: Bad file descriptor" in server.log(), server.log())


@test
def no_memory_for_tls__client_turned_away_and_the_next_served():
    with Faulty() as server, connect(server) as kept:
        server.fail(ssl_new=1)
        for _ in range(5):
            try:
                post(server)
                check(False, "served without memory")
            except OSError:
                pass
        check_equal(ask(kept, "GET", "/livez").status, 200)
        server.fail()
        check_equal(post(server).status, 200)
        server.wait_for("no memory for a TLS connection")


@test
def no_descriptors__said_once_and_served_later():
    with Faulty() as server:
        server.fail(accept=1)
        late = threading.Thread(target=post, args=(server,), daemon=True)
        late.start()
        server.wait_for("cannot accept connections: Too many open files")
        time.sleep(1)
        check(server.log().count("have to wait") < 15, server.log())
        server.fail()
        late.join()
        check_equal(server.counters()["server requests"], 1)


main()
