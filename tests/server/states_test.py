#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every state that a connection can be in, crossed with whatever a client may do next: memory stays within the bound of
the defaults, no thread spins, a new client is answered, and all places and the memory come back.

The states are in states.py.  STATES_SECONDS=N plays each combination alone with ALONE connections, in random order
(STATES_SEED), for N seconds, and all of them at once for as long.
"""
import itertools
import multiprocessing
import os
import random
import ssl
import time

from certificates import CERT, KEY, make_ca, make_leaf, make_pair, path
from harness import (IS_SANITIZED, JSON, SLACK, Address, PromptClient, Skip, Tagmoor, ask, check, check_equal,
                     connect, connect_raw, main, request_bytes, test)
from reviews import review
from peers import Crowd, Peer, client_context
from states import (MUTUAL_STATES, PLAIN_STATES, SEQUELS, SEQUELS_INSIDE, STATES, VERSIONS, both_versions, established,
                    keep_busy, life)

REVIEW = review("docker.io/library/nginx:1.25.3")
SECONDS = float(os.environ.get("STATES_SECONDS", "0"))
SEED = int(os.environ.get("STATES_SEED", str(int(time.time()))))
CAP = 512
ALONE, CERTIFIED = 480, 200
TOGETHER = 3 if IS_SANITIZED else 12  # connections of a combination, of each version of TLS
FLOOD_S = 0.3
ARRIVAL_S = 10
BOUND_KIB = 64 << 10
AFTER_KIB = 20 << 10
ANSWERED_S = 30 if IS_SANITIZED else 2 + SLACK
ALL_AT_ONCE_S = max(6, SECONDS)


# --- the server under them ------------------------------------------------------------------------------
class Watched(Tagmoor):
    """With the defaults; its port for the attackers and its figures."""

    def __init__(self, flags=(), context=None):
        super().__init__(*flags, cert=CERT, key=KEY, metrics="127.0.0.1:0")
        self.context = context
        self.descriptors = self.open_descriptors()

    def open_descriptors(self):
        return self.metrics()["process_open_fds"]

    def wait_counted_as(self, state, least, what, seconds=5):
        end = time.monotonic() + seconds
        while (counted := self.metrics()[f'tagmoor_connections{{state="{state}"}}']) < least:
            check(time.monotonic() < end, what, f"{counted} and not {least} are {state}")
            time.sleep(0.01)

    def check_alive(self, what):
        check(self.process.poll() is None, what, "the server has ended:", self.log()[-2000:])

    def check_memory(self, what):
        peak = self.memory_kib("VmHWM")
        check(IS_SANITIZED or peak <= BOUND_KIB, what, f"{peak} KiB")
        return peak

    def check_answers(self, what):
        start = time.monotonic()
        with PromptClient(self, self.context) as sock:
            check_equal(ask(sock, "POST", "/validate", REVIEW, JSON).status, 200)
        self.metrics()
        check(time.monotonic() - start < ANSWERED_S, what, "a new client waited", time.monotonic() - start)

    def check_places_back(self, what, seconds=ANSWERED_S + 10):
        end = time.monotonic() + seconds
        while self.open_descriptors() > self.descriptors:
            check(time.monotonic() < end, what, self.open_descriptors() - self.descriptors, "connections stay open")
            time.sleep(0.01)

    def check_memory_back(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not IS_SANITIZED and self.memory_kib("VmRSS") > AFTER_KIB:
            check(time.monotonic() < end, what, "memory does not go back:", self.memory_kib("VmRSS"))
            time.sleep(0.05)


# --- rounds -----------------------------------------------------------------------------------------------
def check_after(server, what, crowd):
    """With the connections open and silent, and once they are closed; the most memory so far."""
    server.check_alive(what)
    server.check_answers(what)
    server.wait_calm(ANSWERED_S, window=0.1, share=0.3)
    peak = server.check_memory(what)
    crowd.close()
    server.check_places_back(what)
    server.check_answers(what)
    server.check_memory_back(what)
    return peak


def play(server, state, sequels, count, contexts, port):
    """The state with each of the sequels at once, `count` connections of each context; checks all that was promised."""
    what = f"{state.name}, then {' / '.join(sequels) if len(sequels) < 3 else 'anything'}:"
    crowd = Crowd()
    for _, sequel, context in itertools.product(range(count), sequels, contexts):
        peer = Peer(port, context)
        crowd.add(sequel, peer, life(peer, state, sequel))
    crowd.run(ARRIVAL_S)
    reached = sum(crowd.count(lambda client: client.reached).values())
    if state.seen:
        check(reached > len(crowd.clients) / 4, what, f"{reached} of {len(crowd.clients)} got there")
        server.wait_counted_as(state.seen, reached / 2, what)
    crowd.go_on()
    crowd.run(FLOOD_S)
    crowd.hush()
    return check_after(server, what, crowd)


def play_until_one_fails(server, states, sequels, count, contexts, port):
    """Takes off the list what was played; returns what failed, or None."""
    while states:
        state, start = states.pop(0), time.monotonic()
        try:
            peak = play(server, state, list(sequels), count, contexts, port)
        except (AssertionError, OSError) as failure:
            return f"{state.name}: {failure!r}"
        print(f"# {state.name}: {time.monotonic() - start:.1f} s, {peak} KiB at most", flush=True)
    check_equal(server.end(), 0)
    return None


def play_each(states, contexts, port_of=lambda server: server.port, sequels=SEQUELS, count=TOGETHER, **options):
    left, failures = list(states), []
    while left:
        with Watched(**options) as server:
            failures.append(play_until_one_fails(server, left, sequels, count, contexts, port_of(server)))
    failures = list(filter(None, failures))
    check(not failures, "\n".join(failures))


def mutual():
    """Contexts of attackers with a certificate and seven others of 300 names each, and what a Watched needs for it."""
    make_ca("states-ca")
    cert, key = make_leaf("states-client", "states-ca")
    names, _ = make_pair("states-names", san=",".join(["DNS:a"] * 300))
    with open(path("states-chain.crt"), "wb") as chain:
        chain.write(open(cert, "rb").read() + open(names, "rb").read() * 7)
    own = ssl.create_default_context(cafile=CERT)
    own.load_cert_chain(cert, key)
    return both_versions((path("states-chain.crt"), key)), {"flags": ("--client-ca-file", path("states-ca.crt")),
                                                            "context": own}


@test
def each_state_of_a_tls_connection__whatever_follows():
    play_each(STATES, both_versions())


def forging_context():
    return client_context(ssl.TLSVersion.TLSv1_3, key_log=path("keys"))


def ask_with_forged_records(peer, heard):
    """A request in two forged records after one of its own."""
    yield from peer.handshake()
    yield from peer.say(request_bytes("GET", "/livez"))
    while not heard.endswith(b"ok\n"):
        heard += yield from peer.hear()
    forger, again = peer.forger(), request_bytes("GET", "/readyz")
    yield from peer.send(forger.record(23, again[:5]) + forger.record(23, again[5:], padding=100))
    while heard.count(b"ok\n") < 2:
        heard += yield from peer.hear()


@test
def forged_records__as_good_as_others():
    with Watched() as server:
        heard, crowd = bytearray(), Crowd()
        peer = Peer(server.port, forging_context())
        crowd.add("", peer, ask_with_forged_records(peer, heard))
        crowd.run(ARRIVAL_S)
        check_equal(heard.count(b"HTTP/1.1 200"), 2)
        crowd.close()


@test
def states_inside_tls_1_3__whatever_follows_inside():
    wanted = ("established", "used", "in a head", "in a body", "in chunks", "judged, small", "paused by the budget")
    play_each([state for state in STATES if state.name in wanted], [forging_context()], sequels=SEQUELS_INSIDE)


@test
def each_state_of_mutual_tls__whatever_follows():
    contexts, options = mutual()
    play_each(MUTUAL_STATES, contexts, count=TOGETHER // 2 or 1, **options)


def ask_meanwhile(server, until, results):
    """New clients, one after the other; those whose connection ends before a request is sent come again."""
    longest, refused, asked, lost = 0.0, 0, 0, []
    while time.monotonic() < until:
        start = time.monotonic()
        try:
            sock = connect(server, timeout=20)
        except OSError:
            refused += 1
            continue
        with sock:
            try:
                check_equal(ask(sock, "POST", "/validate", REVIEW, JSON).status, 200)
            except (OSError, AssertionError) as error:
                lost.append(repr(error))
        longest, asked = max(longest, time.monotonic() - start), asked + 1
        time.sleep(0.02)
    results.put((asked, longest, refused, lost))


@test
def all_states_at_once__the_others_answered():
    print(f"# seed {SEED}")
    with Watched() as server:
        results = multiprocessing.Queue()
        others = multiprocessing.Process(target=ask_meanwhile, args=(Address(server.port),
                                                                     time.monotonic() + ALL_AT_ONCE_S, results))
        others.start()
        crowd = keep_busy(server.port, both_versions() + [forging_context()], STATES, random.Random(SEED), CAP, ALL_AT_ONCE_S)
        asked, longest, refused, lost = results.get(timeout=60)
        others.join()
        print(f"# {asked} new clients beside {CAP}, {refused} refused before a request, the slowest {longest:.2f} s")
        crowd.hush()
        check_after(server, "all at once:", crowd)
        check_equal(lost, [])
        check(asked > (0 if IS_SANITIZED else ALL_AT_ONCE_S), asked)
        check_equal(server.end(), 0)


def each_combination_alone__for_the_time_given():
    dice, end, count = random.Random(SEED), time.monotonic() + SECONDS, 0
    every = list(itertools.product(STATES, SEQUELS))
    dice.shuffle(every)
    with Watched() as server:
        for state, sequel in every:
            if time.monotonic() > end:
                break
            peak = play(server, state, [sequel], ALONE // 2, both_versions(), server.port)
            count += 1
        print(f"# seed {SEED}: {count} of {len(every)} combinations, {peak} KiB at most")
        check_equal(server.end(), 0)


if SECONDS > 0:
    test(each_combination_alone__for_the_time_given)


def kib_of_a_connection(contexts, options):
    with Watched(**options) as server:
        server.check_answers("before")
        before, crowd = server.memory_kib("VmRSS"), Crowd()
        for number in range(CERTIFIED):
            peer = Peer(server.port, contexts[number % 2])
            crowd.add("", peer, established(peer))
        crowd.run(ARRIVAL_S)
        server.wait_counted_as("idle", 0.9 * CERTIFIED, "with certificates:")
        for _ in range(100):  # their end makes the server give back what its heap keeps
            connect_raw(server).close()
        time.sleep(1.5)
        each = (server.memory_kib("VmRSS") - before) / CERTIFIED
        crowd.close()
        return each


@test
def certificates_beside_the_own_one__not_kept():
    if IS_SANITIZED:
        raise Skip("an instrumented build needs memory of its own")
    contexts, options = mutual()
    alone = [client_context(version, (path("states-client.crt"), path("states-client.key"))) for version in VERSIONS]
    more = kib_of_a_connection(contexts, options) - kib_of_a_connection(alone, options)
    print(f"# {more:.1f} KiB a connection", flush=True)
    check(more < 12, more, "KiB a connection")


@test
def each_state_of_a_plain_connection__whatever_follows():
    play_each(PLAIN_STATES, [None], lambda server: server.metrics_port)


main()
