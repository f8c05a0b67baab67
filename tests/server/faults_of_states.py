# SPDX-License-Identifier: Apache-2.0
"""More of what stress.py does to the server: clients that leave the rules of TLS at any moment, floods, slow judging."""
import os
import ssl
import subprocess
import time

from faults import SMALL, Wrong, check_right
from certificates import path
from harness import JSON, connect, connect_raw, read_response, request_bytes
from reviews import Case, pod
from peers import client_context
from states import STATES, both_versions, keep_busy

CONTEXTS = []
COSTLY = []
TLS_FLOOD = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tests/server/tls_flood")


def prepare():
    """The contexts, and the answers to the costliest reviews."""
    CONTEXTS.extend(both_versions() + [client_context(ssl.TLSVersion.TLSv1_3, key_log=path("keys"))])
    tag, teams = "a" * 120, "/".join(f"team-{i}" for i in range(100, 125))
    lists = {"nested teams": [f"r{i}.example.com/{teams}:{tag}{i}" for i in range(4096)],
             "long domains": [f"{'a' * 1200}{i}.example.com/app:{tag}" for i in range(4096)],
             "words": [f"registry.example.com/app-{i}:main-{i}-alpine-jdk-rc-snapshot" for i in range(16384)],
             "invalid": [f"Registry/App-{i}" for i in range(16384)]}
    COSTLY.extend(Case(name, pod(images=images)) for name, images in lists.items())
    images = [f"registry.example.com/team/app-{i}:{tag}{i}" for i in range(16384)]
    COSTLY.append(Case("update", pod(images=images, old=[name + "x" for name in images])))


# --- the states -----------------------------------------------------------------------------------------
def any_state(server, random):
    """Alerts in half handshakes, bytes after close_notify, plaintext records in the middle, and all else there is."""
    crowd = keep_busy(server.port, CONTEXTS, STATES, random, 200, 3)
    crowd.close()


def any_state_by_the_hundred(server, random):
    """One state of all connections."""
    crowd = keep_busy(server.port, CONTEXTS, [random.choice(STATES)], random, 500, 2)
    crowd.close()


# --- cheap to send --------------------------------------------------------------------------------------
def flood(server, kind):
    subprocess.run([TLS_FLOOD, str(server.port), "3", kind], stdout=subprocess.DEVNULL, timeout=60, check=True)


def flood_of_key_updates(server, random):
    flood(server, "updates")


def flood_of_requests_for_key_updates(server, random):
    flood(server, "requests")


def flood_of_small_records(server, random):
    flood(server, "records")


# --- silence --------------------------------------------------------------------------------------------
def flood_of_silence(server, random):
    """Raw connections without a pause, each as long as the server lets it."""
    socks, end = [], time.monotonic() + 4
    while time.monotonic() < end:
        try:
            socks.append(connect_raw(server, 3))
        except OSError:
            time.sleep(0.01)
        if len(socks) > 900:
            socks.pop(0).close()
    for sock in socks:
        sock.close()


# --- evaluation -----------------------------------------------------------------------------------------
def costly_reviews(server, random):
    """On one connection without a pause."""
    case = random.choice(COSTLY)
    with connect(server, timeout=60) as sock:
        for _ in range(20):
            sock.sendall(case.bytes)
            check_right(case, read_response(sock))


def costly_reviews_that_nobody_reads(server, random):
    case = random.choice(COSTLY)
    socks = [connect(server, timeout=5) for _ in range(4)]
    for sock in socks:
        sock.sendall(case.bytes)
    for sock in socks:
        sock.close()


# --- where a body ends ----------------------------------------------------------------------------------
UNCLEAR = [b"Content-Length: 3\r\nContent-Length: 4", b"Content-Length: 4\r\nContent-Length: 3",
           b"Content-Length: 4\r\nX: a\r\n b", b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
           b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Content-Length: 4, 5", b"Content-Length: +4",
           b"Content-Length : 4\r\nContent-Length: 5", b"Transfer-Encoding: chunked, gzip"]


def unclear_framing(server, random):
    """No answer but an error, and the connection ends."""
    rest = random.choice(UNCLEAR)
    with connect(server, timeout=5) as sock:
        sock.sendall(request_bytes("POST", "/validate", None, JSON)[:-2] + rest + b"\r\n\r\n" + SMALL[0].body)
        response = read_response(sock)
        if response.status < 400 or response.headers.get("connection") != "close":
            raise Wrong(f"{rest}: {response}")


GROUPS = {"states": [any_state, any_state_by_the_hundred],
          "cheap": [flood_of_key_updates, flood_of_requests_for_key_updates, flood_of_small_records]
                   + [unclear_framing] * 6 + [flood_of_silence],
          "judging": [costly_reviews] * 3 + [costly_reviews_that_nobody_reads]}
BAD_INPUTS = {unclear_framing}
