#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that send little and make the server hold or compute much: refused, or within the limits of all."""
import argparse
import base64
import multiprocessing
import random
import select
import ssl
import struct
import threading
import time

from certificates import CERT, KEY, make_ca, make_leaf, make_pair, openssl, path
from harness import (IS_SANITIZED, JSON, BareServer, Tagmoor, alone, ask, check, check_equal, connect, connect_raw,
                     main, post, request_bytes, test)

MIB_IN_KIB = 1024

# --- the ClientHello ------------------------------------------------------------------------------------
def extension(number, content):
    return struct.pack(">HH", number, len(content)) + content


def with_length(content):
    return struct.pack(">H", len(content)) + content


def client_hello(groups, shares, padding=0):
    """A ClientHello of TLS 1.3 in its records; `shares` is [(group, bytes)]."""
    extensions = (extension(43, b"\x02\x03\x04") + extension(13, with_length(b"\x04\x03\x08\x04\x04\x01")) +
                  extension(10, with_length(b"".join(struct.pack(">H", group) for group in groups))) +
                  extension(51, with_length(b"".join(struct.pack(">H", group) + with_length(share)
                                                     for group, share in shares))) +
                  (extension(21, b"\0" * padding) if padding else b""))
    body = b"\x03\x03" + b"R" * 32 + b"\x00" + with_length(b"\x13\x01") + b"\x01\x00" + with_length(extensions)
    return in_records(b"\x01" + len(body).to_bytes(3, "big") + body, 16384)


def in_records(message, size):
    return b"".join(b"\x16\x03\x01" + with_length(message[at:at + size]) for at in range(0, len(message), size))


X25519_SHARE = (29, b"\x09" + b"\0" * 31)


def answer_to(server, data):
    """What comes back for the first flight; nothing where the connection is closed."""
    with connect_raw(server) as sock:
        try:
            sock.sendall(data)
            return sock.recv(65536)
        except OSError:
            return b""


@test
def hello_of_thousands_of_groups_and_shares__refused_before_it_is_read():
    with BareServer() as server:
        groups = [0xfe00 + i % 100 for i in range(8000)] + [0xfd01]
        costly = client_hello(groups, [(0xfd01, b"x")] * 2500)
        start = server.cpu_seconds()
        for _ in range(40):
            check_equal(answer_to(server, costly), b"")
        used = server.cpu_seconds() - start
        check_equal(server.wait_counted("handshake limit", 40)["limit handshake_bytes"], 40)
        check(used < 0.2 or IS_SANITIZED, "the hellos were read", used)


@test
def hello_as_clients_send_it__answered():
    with BareServer() as server:
        for padding in (0, 1700, 6000):
            hello = client_hello([29, 23], [X25519_SHARE], padding)
            check(answer_to(server, hello)[5:6] == b"\x02", padding)
            for size in (100, 1000):  # in several records
                check(answer_to(server, in_records(hello[5:], size))[5:6] == b"\x02", padding, size)
        for group in ("P-384", "P-521"):  # after a HelloRetryRequest
            context = ssl.create_default_context(cafile=CERT)
            context.set_ecdh_curve({"P-384": "secp384r1", "P-521": "secp521r1"}[group])
            with connect(server, context) as sock:
                check_equal(ask(sock, "GET", "/livez").status, 200)
        check_equal(server.counters().get("limit handshake_bytes", 0), 0)


@test
def hundreds_of_second_hellos_at_once__others_served_between_them():
    """The server signs after the second one, where the first had no usable key share."""
    openssl("req", "-x509", "-newkey", "rsa:4096", "-nodes", "-keyout", "rsa.key", "-out", "rsa.crt", "-subj", "/CN=x",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2")
    with BareServer("--threads", 1, cert=path("rsa.crt"), key=path("rsa.key")) as server:
        with connect(server, ssl.create_default_context(cafile=path("rsa.crt")), timeout=60) as kept:
            socks = [connect_raw(server, timeout=60) for _ in range(150)]
            for sock in socks:
                sock.sendall(client_hello([30, 29], [(30, b"x" * 56)]))
            for sock in socks:
                check_equal(sock.recv(65536)[5:6], b"\x02")
            server.signal("STOP")  # so that all are there in the same turn
            for sock in socks:
                sock.sendall(b"\x14\x03\x03\x00\x01\x01" + client_hello([30, 29], [X25519_SHARE]))
            start, longest = time.monotonic(), 0
            server.signal("CONT")
            while select.select(socks, [], [], 0)[0] != socks:
                asked = time.monotonic()
                check_equal(ask(kept, "GET", "/livez").status, 200)
                longest = max(longest, time.monotonic() - asked)
            took = time.monotonic() - start
            check(longest < took / 2, f"one request waited {longest:.2f} of {took:.2f} s")


# --- certificates of clients ----------------------------------------------------------------------------
def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def der_integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


PRIME = 15 * 2**654 + 1  # a square root modulo this takes a hundred thousand multiplications


def costly_certificate(number):
    """Its key is a compressed point on a curve of its own, as is the generator."""
    size = (PRIME.bit_length() + 7) // 8
    x, y, a = (random.Random(number * 3 + i).randrange(PRIME) for i in range(3))
    b = (y * y - x**3 - a * x) % PRIME
    point = bytes([2 + (y & 1)]) + x.to_bytes(size, "big")
    field = der(0x30, der(6, b"\x2a\x86\x48\xce\x3d\x01\x01"), der_integer(PRIME))
    curve = der(0x30, der(4, a.to_bytes(size, "big")), der(4, b.to_bytes(size, "big")))
    parameters = der(0x30, der_integer(1), field, curve, der(4, point), der_integer(PRIME), der_integer(1))
    key = der(0x30, der(0x30, der(6, b"\x2a\x86\x48\xce\x3d\x02\x01"), parameters), der(3, b"\0", point))
    name = der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(0x0c, b"costly"))))
    signature = der(0x30, der(6, b"\x2a\x86\x48\xce\x3d\x04\x03\x02"))
    validity = der(0x30, der(0x17, b"200101000000Z"), der(0x17, b"400101000000Z"))
    body = der(0x30, der(0xa0, der_integer(2)), der_integer(number + 1), signature, name, validity, name, key)
    return der(0x30, body, signature, der(3, b"\0", der(0x30, der_integer(1), der_integer(1))))


def pem(certificate):
    return "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(certificate).decode() + "-----END CERTIFICATE-----\n"


def context_with_chain(pair, *more, version=None):
    """A client that sends the certificate of a pair, and more behind it."""
    chain = path(f"chain-{time.monotonic_ns()}.crt")
    with open(chain, "w") as out:
        for part in (open(pair[0]).read(), *more):
            out.write(part)
    context = ssl.create_default_context(cafile=CERT)
    context.load_cert_chain(chain, pair[1])
    if version:
        context.maximum_version = version
    return context


CLIENT_CA = make_ca("costly-ca")
CLIENT = make_leaf("costly-client", "costly-ca")
FOREIGN = make_pair("foreign")


def check_refused(server, context, why):
    before = len(server.events(why))
    check_not_served(server, context)
    server.wait_for(why, before + 1)


def check_not_served(server, context):
    try:
        with connect(server, context) as sock:
            ask(sock, "GET", "/livez")
    except OSError:
        return
    check(False, "was served")


@test
def certificates_whose_keys_take_a_second_to_decode__refused_undecoded():
    costly = [pem(costly_certificate(number)) for number in range(3)]
    with Tagmoor("--client-ca-file", CLIENT_CA, cert=CERT, key=KEY) as server:
        for pair in (FOREIGN, CLIENT):
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                context = context_with_chain(pair, *costly, version=version)
                start = server.cpu_seconds()
                check_refused(server, context, "bad_client_certificate: it defines an elliptic curve of its own")
                used = server.cpu_seconds() - start
                check(used < 0.3 or IS_SANITIZED, "the keys were decoded", used)
        with connect(server, context_with_chain(CLIENT)) as sock:
            check_equal(ask(sock, "GET", "/livez").status, 200)


@test
def chain_of_many_certificates__refused_undecoded():
    more = open(CLIENT_CA).read()
    with Tagmoor("--client-ca-file", CLIENT_CA, cert=CERT, key=KEY) as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for count in (0, 1, 7):
                with connect(server, context_with_chain(CLIENT, more * count, version=version)) as sock:
                    check_equal(ask(sock, "GET", "/livez").status, 200)
            check_refused(server, context_with_chain(CLIENT, more * 8, version=version),
                          "bad_client_certificate: it has too many certificates")
            check_not_served(server, context_with_chain(CLIENT, more * 60, version=version))


# --- requests whose answers are not read --------------------------------------------------------------------
def wait_answered(server):
    """Until no more requests are answered: a next one would be pipelined otherwise."""
    before = -1
    while (answered := server.counters().get("server requests", 0)) != before:
        before = answered
        time.sleep(0.1)


@test
def long_paths_whose_answers_are_not_read__charged():
    """libh2o allocates nine bytes for each byte of a path that it normalises: 550 KiB here."""
    with BareServer("--max-body-bytes", 65536, "--max-buffered-bytes", 1 << 20) as server:
        before, peak = server.memory_kib("VmRSS"), 0
        fill = request_bytes("POST", "/validate", b"reply 8000", JSON)
        costly = request_bytes("GET", "/./" + "a" * 60000)
        socks = [connect(server, receive_bytes=2048) for _ in range(24)]
        for sock in socks:
            sock.settimeout(0.05)
        for request in [fill] * 4 + [costly] * 45:  # the last answers find no room on their way out
            for sock in list(socks):
                try:
                    sock.sendall(request)
                except OSError:
                    socks.remove(sock)
            wait_answered(server)
            peak = max(peak, server.memory_kib("VmRSS"))
        check(peak - before < 10 * MIB_IN_KIB or IS_SANITIZED, before, peak)
        check_equal(post(server).status, 200)


@test
def metrics_asked_for_by_all_clients_at_once__made_one_after_the_other():
    with BareServer("--metrics-listen", "127.0.0.1:0", "--metrics-bytes", 2 << 20) as server:
        probes = argparse.Namespace(port=int(server.wait_for(r"probes and metrics on '.*:(\d+)'")))
        before = server.memory_kib("VmRSS")
        held = [connect_raw(probes, receive_bytes=2048) for _ in range(32)]
        for sock in held:
            ask(sock, "GET", "/livez")
        server.signal("STOP")  # so that all requests are there in the same turn
        for sock in held:
            sock.sendall(request_bytes("GET", "/metrics"))
        server.signal("CONT")
        time.sleep(1)
        grown = server.memory_kib("VmHWM") - before
        check(grown < 24 * MIB_IN_KIB or IS_SANITIZED, "all texts were held at once", grown)
        for sock in held:
            sock.close()
        with connect_raw(probes) as sock:
            answer = ask(sock, "GET", "/metrics")
            check_equal((answer.status, len(answer.body) >= 2 << 20), (200, True))
            check_equal(ask(sock, "GET", "/livez").status, 200)


def ask_over_and_over(probes):
    """A request each 200 ms on a kept connection, and a new connection where that ends."""
    while True:
        try:
            with connect_raw(probes) as sock:
                while ask(sock, "GET", "/livez").headers["connection"] != "close":
                    time.sleep(0.2)
        except OSError:
            pass


def keep_busy(probes, clients):
    """Runs in a process of its own, so that the probes do not wait for the clients' interpreter."""
    for _ in range(clients):
        threading.Thread(target=ask_over_and_over, args=(probes,), daemon=True).start()
    time.sleep(60)


def seconds_to_answer(probes):
    """Infinite if the connection is closed without an answer: the kubelet counts that as a failed probe."""
    start = time.monotonic()
    try:
        with connect_raw(probes) as sock:
            check_equal(ask(sock, "GET", "/livez").status, 200)
    except OSError:
        return float("inf")
    return time.monotonic() - start


@alone
@test
def probes_while_twice_as_many_clients_as_places_keep_theirs_busy__answered_in_time():
    with BareServer("--metrics-listen", "127.0.0.1:0") as server:
        probes = argparse.Namespace(port=int(server.wait_for(r"probes and metrics on '.*:(\d+)'")))
        with connect_raw(probes) as sock:  # as long as there are places, connections are kept
            check_equal([ask(sock, "GET", "/livez").headers["connection"] for _ in range(3)], ["keep-alive"] * 3)
        clients = multiprocessing.Process(target=keep_busy, args=(probes, 64), daemon=True)
        clients.start()
        time.sleep(1)
        waited = [seconds_to_answer(probes) for _ in range(5)]
        clients.terminate()
        clients.join()
        check(sorted(waited)[2] < 1, "the kubelet gives up after a second", waited)


main()
