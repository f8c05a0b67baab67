#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More clients than places: each is served."""
import threading
import time

from harness import JSON, BareServer, PromptClient, alone, ask, check, check_equal, main, test


# --- more clients than places ---------------------------------------------------------------------------
def check_burst(cap, clients, requests=1):
    with BareServer("--max-connections", cap) as server:
        failures = []
        start = threading.Barrier(clients)

        def client():
            start.wait()
            try:
                for _ in range(requests):
                    with PromptClient(server) as sock:
                        check_equal(ask(sock, "POST", "/validate", b"{}", JSON).status, 200)
            except Exception as error:
                failures.append(repr(error))

        threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_equal(failures, [])
        check(server.counters()["server open"] <= cap)


@alone
@test
def burst_of_100_clients__90_places__all_served():
    check_burst(90, 100)


@alone
@test
def burst_of_100_clients__20_places__all_served():
    check_burst(20, 100, 2)


@alone
@test
def burst_of_kept_connections__new_clients_served_without_a_lost_request():
    """20 clients of kept connections without pause, 10 places: one that is asked to end comes again."""
    with BareServer("--max-connections", 10) as server:
        failures, counts = [], []
        end = time.monotonic() + 4

        def client():
            done = 0
            try:
                while time.monotonic() < end:
                    with PromptClient(server, timeout=20) as sock:
                        while time.monotonic() < end:
                            answer = ask(sock, "POST", "/validate", b"abc", JSON)
                            check_equal(answer.status, 200)
                            done += 1
                            if answer.headers.get("connection") == "close":
                                break
            except Exception as error:
                failures.append(repr(error))
            counts.append(done)

        threads = [threading.Thread(target=client, daemon=True) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_equal(failures, [])
        check(min(counts) > 0, "a client was never served", counts)


main()
