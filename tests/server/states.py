# SPDX-License-Identifier: Apache-2.0
"""Every state that a connection can be in, and everything that a client may do next, as steps of a peer.

STATES, MUTUAL_STATES and PLAIN_STATES are each multiplied with SEQUELS; none of the products is written down.
"""
import collections
import random
import ssl
import time

from harness import JSON, close_with_reset, request_bytes
from reviews import pod
from peers import ENDED, READ, REACHED, WRITE, Crowd, Peer, client_context, record

FLOOD_BYTES = 2 << 20
FORGED_TURNS = 60
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


def longest_hello(peer):
    """All but its last bytes."""
    yield from peer.send(record(HANDSHAKE, b"\x01\x00\x20\x00\x03\x03" + bytes(8180)))


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
    State("in the longest ClientHello", longest_hello, record(HANDSHAKE, bytes(16384)), False, "handshake"),
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


def inside(make):
    """Records that `make` forges and TLS 1.3 carries; once a turn of them more bytes of the state."""
    def sequel(peer, state):
        forger = peer.forger()
        for _ in range(FORGED_TURNS if forger else 0):
            yield from peer.send(make(forger) + forger.record(DATA, state.more * 10))
            yield WRITE
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

KEY_UPDATE, CERTIFICATE, CLIENT_HELLO = b"\x18\x00\x00\x01\x01", b"\x0b\x01\x00\x00", b"\x01\x01\x00\x00"
SEQUELS_INSIDE = {
    **{name + " inside": inside(lambda forger, alert=alert: forger.record(ALERT, alert)) for name, alert in ALERTS.items()},
    "empty records inside": inside(lambda forger: b"".join(forger.record(DATA, b"") for _ in range(20))),
    "padding inside": inside(lambda forger: forger.record(DATA, b" ", padding=16000)),
    "padding alone inside": inside(lambda forger: forger.record(0, b"", padding=16000)),
    "many KeyUpdates in a record": inside(lambda forger: forger.record(HANDSHAKE, KEY_UPDATE * 3000)),
    "a KeyUpdate in pieces": inside(lambda forger: forger.record(HANDSHAKE, KEY_UPDATE[:1])),
    "a certificate inside": inside(lambda forger: forger.record(HANDSHAKE, CERTIFICATE + bytes(16000))),
    "a ClientHello inside": inside(lambda forger: forger.record(HANDSHAKE, CLIENT_HELLO + bytes(16000))),
    "an empty handshake record": inside(lambda forger: forger.record(HANDSHAKE, b"")),
    "a change of the cipher inside": inside(lambda forger: forger.record(20, b"\x01")),
    "an unknown type inside": inside(lambda forger: forger.record(99, b"x" * 16000)),
}


def life(peer, state, sequel):
    yield from state.reach(peer)
    yield REACHED
    yield from (SEQUELS | SEQUELS_INSIDE)[sequel](peer, state)


def both_versions(chain=None):
    return [client_context(version, chain) for version in VERSIONS]


def keep_busy(port, contexts, states, dice, places, seconds, life_s=0.5):
    """Keeps `places` connections open, each in a random state with a random sequel, at most `life_s` old; the Crowd."""
    sequels = list(SEQUELS | SEQUELS_INSIDE if any(context.keylog_filename for context in contexts) else SEQUELS)
    crowd, young, end = Crowd(), collections.deque(), time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        while young and (young[0][0] < now - life_s or young[0][1].status == ENDED):
            crowd.discard(young.popleft()[1], dice.random() < 0.3)
        for _ in range(min(places - len(young), 40)):
            peer, state, sequel = Peer(port, dice.choice(contexts)), dice.choice(states), dice.choice(sequels)
            young.append((now, crowd.add(state.name, peer, life(peer, state, sequel))))
        crowd.run(0.02)
        crowd.go_on()
    return crowd
