#!/usr/bin/env python3
"""Every state that a connection can be in, crossed with whatever a client may do next: memory stays within the bound of
the defaults, no thread spins, a new client is answered, and all places and the memory come back.

STATES and SEQUELS are multiplied; none of the products is written down.  STATES_SECONDS=N plays each combination alone
with ALONE connections, in random order (STATES_SEED), for N seconds.
"""
import collections
import itertools
import multiprocessing
import os
import random
import ssl
import time

from harness import (CERT, JSON, KEY, SLACK, ask, check, check_equal, close_with_reset, connect, main,
                     openssl, path, request_bytes, test)
from peers import ENDED, READ, REACHED, WRITE, Crowd, Peer, client_context, record
from serving import is_sanitized, pod
from webhook import Webhook, make_ca, make_leaf, review, scrape

SECONDS = float(os.environ.get("STATES_SECONDS", "0"))
SEED = int(os.environ.get("STATES_SEED", str(int(time.time()))))
CAP = 512
ALONE = 480
TOGETHER = 12  # connections of a combination, of each version of TLS
FLOOD_BYTES = 2 << 20
FLOOD_S = 0.3
ARRIVAL_S = 10
BOUND_KIB = 64 << 10
AFTER_KIB = 20 << 10
ANSWERED_S = 2 + SLACK

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
REVIEW = request_bytes("POST", "/validate", pod(), JSON)
POST = b"POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LARGE = 7 << 20
ALERT, HANDSHAKE, DATA = 21, 22, 23


# --- states -------------------------------------------------------------------------------------------
# reach: steps of a peer up to the state.  more: bytes that may follow there; `inside` what TLS carries.
# seen: where the server counts its connections then; None: they pass on too soon to be counted.
State = collections.namedtuple("State", "name reach more inside seen")


def nothing(peer):
    return
    yield


def part_of_hello(peer):
    yield from peer.send(peer.take_flight()[:100])


def hello_in_fragments(peer):
    content = peer.take_flight()[5:-1]
    yield from peer.send(b"".join(record(HANDSHAKE, content[at:at + 7]) for at in range(0, len(content), 7)))


def full_record_of_a_hello(peer):
    yield from peer.send(record(HANDSHAKE, b"\x01\x00\x40\x00\x03\x03" + bytes(16378)))


def announced_hello(peer):
    """The most that OpenSSL makes room for."""
    yield from peer.send(record(HANDSHAKE, b"\x01\x02\x01\x40\x03\x03" + bytes(100)))


def servers_flight_came(peer):
    yield from peer.send(peer.take_flight())
    peer.incoming.write((yield from peer.receive()))


def own_flight(peer, cut):
    yield from servers_flight_came(peer)
    flight = peer.take_flight()
    yield from peer.send(flight[:len(flight) // 2 if cut is None else cut])


def in_the_second_flight(peer):
    yield from own_flight(peer, -10)


def in_the_certificates(peer):
    yield from own_flight(peer, None)


def established(peer):
    yield from peer.handshake()


def used(peer):
    yield from peer.handshake()
    yield from peer.say(REVIEW)
    yield from peer.hear()


def after(*data, wait=False, first=established):
    """Once connected, these bytes; and until an answer is there, unread."""
    def reach(peer):
        yield from first(peer)
        for piece in data:
            yield from peer.say(piece)
        if wait:
            yield READ
    return reach


def length(count):
    return POST + b"Content-Length: %d\r\n\r\n" % count


HEADERS, REQUESTS, CONTENT = b"X: y\r\n", REVIEW, b" " * 1000
HTTP_STATES = [
    ("in a head", (POST,), {}, HEADERS, "receiving"),
    ("in a long head", (POST, HEADERS * 80, b"X: " + b"y" * 60000), {}, b"y" * 1000, "receiving"),
    ("in a body", (length(100000), CONTENT), {}, CONTENT, "receiving"),
    ("in chunks", (CHUNKED, b"100000\r\n", CONTENT), {}, CONTENT, "receiving"),
    ("in small chunks", (CHUNKED, b"1\r\nx\r\n" * 100), {}, b"1\r\nx\r\n", "receiving"),
    ("in a chunk extension", (CHUNKED, b"5;a=b"), {}, b";a=b", "receiving"),
    ("in trailers", (CHUNKED, b"2\r\n{}\r\n0\r\n", HEADERS), {}, HEADERS, None),
    ("after 100 Continue", (length(100000).replace(b"\r\n", b"\r\nExpect: 100-continue\r\n", 1),), {"wait": True},
     CONTENT, "receiving"),
    ("answered and unread", (REVIEW,), {"wait": True}, REQUESTS, None),
    ("pipelined", (REVIEW * 20,), {}, REQUESTS, None),
    ("closing after an error", (b"what?\r\n\r\n",), {"wait": True}, REQUESTS, None),
    ("closing after too large a body", (length(1 << 40),), {"wait": True}, CONTENT, None),
    ("closing after its last answer", (REVIEW.replace(b"\r\n", b"\r\nConnection: close\r\n", 1),), {"wait": True}, REQUESTS,
     None),
]
BIG_REVIEWS = [request_bytes("POST", "/validate", pod(images=["nginx:1.2.3"] * count), JSON) for count in (400, 1600)]
STATES = [
    State("before anything", nothing, bytes(5), False, "handshake"),
    State("in a ClientHello", part_of_hello, bytes(100), False, "handshake"),
    State("in a fragmented ClientHello", hello_in_fragments, record(HANDSHAKE, bytes(7)), False, "handshake"),
    State("in a ClientHello of full records", full_record_of_a_hello, record(HANDSHAKE, bytes(16384)), False, "handshake"),
    State("in a ClientHello that is announced", announced_hello, record(HANDSHAKE, bytes(16384)), False, None),
    State("after the server's flight", servers_flight_came, record(HANDSHAKE, bytes(16384)), False, "handshake"),
    State("in the second flight", in_the_second_flight, bytes(10), False, "handshake"),
    State("established", established, REQUESTS, True, "idle"),
    State("used", used, REQUESTS, True, "idle"),
    *[State(name, after(*data, **how), more, True, seen) for name, data, how, more, seen in HTTP_STATES],
    State("in the head of a later request", after(POST, first=used), HEADERS, True, "receiving"),
    State("judged, small", after(BIG_REVIEWS[0]), REQUESTS, True, None),
    State("judged, large", after(BIG_REVIEWS[1]), REQUESTS, True, None),
    State("paused by the budget", after(length(LARGE), b" " * 300000), CONTENT, True, "receiving"),
]
MUTUAL_STATES = [State("in the client's certificates", in_the_certificates, bytes(1000), False, "handshake"),
                 State("in the second flight, mutual TLS", in_the_second_flight, bytes(10), False, "handshake"),
                 State("established, mutual TLS", established, REQUESTS, True, "idle")]
PLAIN_STATES = [State("before anything, plain", nothing, REQUESTS, True, None),
                *[State(name + ", plain",
                        after(*(piece.replace(b"POST /validate", b"GET /metrics") for piece in data), first=nothing, **how),
                        more.replace(b"POST /validate", b"GET /metrics"), True, None)
                  for name, data, how, more, _ in HTTP_STATES]]


# --- what follows -------------------------------------------------------------------------------------
GARBAGE = random.Random(1).randbytes(1 << 16)
DATA_RECORDS = record(DATA, bytes(16384)) * 4
EMPTY_RECORDS = record(DATA, b"") * 1000
CIPHER_CHANGES = record(20, b"\x01") * 1000
ALERTS = {"close_notify": b"\x01\x00", "user_canceled": b"\x01\x5a", "no_renegotiation": b"\x01\x64",
          "a warning": b"\x01\x30", "a fatal alert": b"\x02\x50", "a wrong level": b"\x07\x00",
          "an alert in two": b"\x01", "two alerts in one": b"\x01\x5a\x01\x5a"}


def more(peer, state):
    say = peer.say_again_and_again if state.inside else peer.flood
    yield from say(state.more, FLOOD_BYTES)


def flood_of(data):
    return lambda peer, state: peer.flood(data, FLOOD_BYTES)


def alert_then(alert, data):
    def sequel(peer, state):
        yield from peer.send(record(ALERT, alert))
        yield WRITE
        yield from peer.flood(data, FLOOD_BYTES)
    return sequel


def goodbye_then(data):
    def sequel(peer, state):
        if peer.tls:
            yield from peer.goodbye()
        yield from peer.flood(data, FLOOD_BYTES)
    return sequel


def half_close(peer, state):
    peer.sock.shutdown(1)
    return
    yield


def half_close_within(peer, state):
    yield from peer.say(state.more[:7]) if state.inside else peer.send(state.more[:7])
    peer.sock.shutdown(1)


def reset(peer, state):
    close_with_reset(peer.sock)
    return
    yield


def silence(peer, state):
    return
    yield


SEQUELS = {
    "more of it": more, "garbage": flood_of(GARBAGE), "plaintext records": flood_of(DATA_RECORDS),
    "empty records": flood_of(EMPTY_RECORDS), "changes of the cipher": flood_of(CIPHER_CHANGES),
    **{name + ", then records": alert_then(alert, DATA_RECORDS) for name, alert in ALERTS.items()},
    "an alert again and again": flood_of(record(ALERT, ALERTS["a warning"]) * 1000),
    "its own close_notify, then records": goodbye_then(DATA_RECORDS),
    "its own close_notify, then garbage": goodbye_then(GARBAGE),
    "half a close": half_close, "a byte or two and half a close": half_close_within, "a reset": reset, "silence": silence,
}


def life(peer, state, sequel):
    yield from state.reach(peer)
    yield REACHED
    yield from SEQUELS[sequel](peer, state)


# --- the server under them ------------------------------------------------------------------------------
class Watched(Webhook):
    """With the defaults; its port for the attackers and its figures."""

    def __init__(self, flags=(), context=None):
        super().__init__(*flags, cert=CERT, key=KEY, metrics="127.0.0.1:0")
        self.context = context
        self.descriptors = self.open_descriptors()

    def open_descriptors(self):
        return scrape(self)["process_open_fds"]

    def wait_counted_as(self, state, least, what, seconds=5):
        end = time.monotonic() + seconds
        while (counted := scrape(self)[f'tagmoor_connections{{state="{state}"}}']) < least:
            check(time.monotonic() < end, what, f"{counted} and not {least} are {state}")
            time.sleep(0.01)

    def cpu_seconds(self):
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/schedstat") as stat:
                total += int(stat.read().split()[0])
        return total / 1e9

    def check_alive(self, what):
        check(self.process.poll() is None, what, "the server has ended:", self.log()[-2000:])

    def check_memory(self, what):
        peak = self.status("VmHWM")
        check(is_sanitized() or peak <= BOUND_KIB, what, f"{peak} KiB")
        return peak

    def check_answers(self, what):
        start = time.monotonic()
        with connect(self, self.context) as sock:
            check_equal(ask(sock, "POST", "/validate", review("docker.io/library/nginx:1.25.3"), JSON).status, 200)
        scrape(self)
        check(time.monotonic() - start < ANSWERED_S, what, "a new client waited", time.monotonic() - start)

    def check_at_rest(self, what, seconds=3, window=0.1):
        """Within that time: next to no CPU is used while no client sends."""
        end = time.monotonic() + seconds
        while True:
            before = self.cpu_seconds()
            time.sleep(window)
            used = self.cpu_seconds() - before
            if used < 0.3 * window:
                return
            check(time.monotonic() < end, what, f"a thread spins: {used:.2f} s of {window} s")

    def check_places_back(self, what, seconds=3 + SLACK):
        end = time.monotonic() + seconds
        while self.open_descriptors() > self.descriptors:
            check(time.monotonic() < end, what, self.open_descriptors() - self.descriptors, "connections stay open")
            time.sleep(0.01)

    def check_memory_back(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not is_sanitized() and self.status("VmRSS") > AFTER_KIB:
            check(time.monotonic() < end, what, "memory does not go back:", self.status("VmRSS"))
            time.sleep(0.05)


# --- rounds -----------------------------------------------------------------------------------------------
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
    server.check_alive(what)
    server.check_answers(what)
    server.check_at_rest(what)
    peak = server.check_memory(what)
    crowd.close()
    server.check_places_back(what)
    server.check_answers(what)
    server.check_memory_back(what)
    return peak


def play_until_one_fails(server, states, contexts, port, count):
    """Takes off the list what was played; returns what failed, or None."""
    while states:
        state, start = states.pop(0), time.monotonic()
        try:
            peak = play(server, state, list(SEQUELS), count, contexts, port)
        except (AssertionError, OSError) as failure:
            return f"{state.name}: {failure!r}"
        print(f"# {state.name}: {time.monotonic() - start:.1f} s, {peak} KiB at most", flush=True)
    check_equal(server.end(), 0)
    return None


def play_each(states, contexts, port_of=lambda server: server.port, count=TOGETHER, **options):
    left, failures = list(states), []
    while left:
        with Watched(**options) as server:
            failures.append(play_until_one_fails(server, left, contexts, port_of(server), count))
    failures = list(filter(None, failures))
    check(not failures, "\n".join(failures))


def both_versions(chain=None):
    return [client_context(version, chain) for version in VERSIONS]


def mutual():
    """Contexts of attackers with a certificate and 60 others that are small, and what a Watched needs for it."""
    make_ca("states-ca")
    cert, key = make_leaf("states-client", "states-ca")
    openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "small.key", "-out", "small.crt", "-subj", "/CN=a",
            "-config", "/dev/null")
    with open(path("states-chain.crt"), "wb") as chain:
        chain.write(open(cert, "rb").read() + open(path("small.crt"), "rb").read() * 60)
    own = ssl.create_default_context(cafile=CERT)
    own.load_cert_chain(cert, key)
    return both_versions((path("states-chain.crt"), key)), {"flags": ("--client-ca-file", path("states-ca.crt")),
                                                            "context": own}


@test
def each_state_of_a_tls_connection__whatever_follows():
    play_each(STATES, both_versions())


@test
def each_state_of_mutual_tls__whatever_follows():
    contexts, options = mutual()
    play_each(MUTUAL_STATES, contexts, count=TOGETHER // 2, **options)


@test
def certificates_beside_the_own_one__not_kept():
    contexts, options = mutual()
    with Watched(**options) as server:
        server.check_answers("before")
        before, crowd = server.status("VmRSS"), Crowd()
        for number in range(100):
            peer = Peer(server.port, contexts[number % 2])
            crowd.add("", peer, established(peer))
        crowd.run(ARRIVAL_S)
        server.wait_counted_as("idle", 90, "with certificates:")
        each = (server.status("VmRSS") - before) / 100
        check(is_sanitized() or each < 80, each, "KiB a connection")
        crowd.close()


@test
def each_state_of_a_plain_connection__whatever_follows():
    play_each(PLAIN_STATES, [None], lambda server: server.metrics_port)


main()
