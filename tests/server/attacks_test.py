#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that leave the rules of TLS or HTTP, at any moment: no thread stands still, no memory is held without a limit."""
import itertools
import ssl
import subprocess
import time

from half_tls import Half
from harness import (IS_SANITIZED, JSON, MIB, SLACK, BareServer, alone, check, check_equal, connect, main, post,
                     read_response, request_bytes, seconds_until_closed, test)

ALERTS = {"close notify": b"\x15\x03\x03\x00\x02\x01\x00", "user canceled": b"\x15\x03\x03\x00\x02\x01\x5a",
          "warning, unknown CA": b"\x15\x03\x03\x00\x02\x01\x30", "fatal, internal": b"\x15\x03\x03\x00\x02\x02\x50"}


def before_hello(half):
    del half


def after_hello(half):
    half.hello()


def in_the_second_flight(half):
    """All but the last ten bytes of it."""
    half.incoming.write(half.hello())
    try:
        half.tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    half.sock.sendall(half.outgoing.read()[:-10])


def after_handshake(half):
    half.handshake()


def after_a_request(half):
    half.handshake()
    half.ask(request_bytes("GET", "/livez"))


def in_a_head(half):
    half.handshake()
    half.tls.write(b"POST /validate HTTP/1.1\r\nHost: x\r\n")
    half.flush()


def in_a_body(half):
    half.handshake()
    half.tls.write(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "100000"})) + b"x" * 20000)
    half.flush()


MOMENTS = [before_hello, after_hello, in_the_second_flight, after_handshake, after_a_request, in_a_head, in_a_body]


def check_at_rest(server):
    """No thread spins, and every one of them serves."""
    server.wait_calm()
    for _ in range(4):
        check_equal(post(server).status, 200)


@test
def alerts_at_any_moment__no_thread_spins():
    with BareServer("--lame-duck", 0, "--drain", 1000) as server:
        halves = []
        for moment, (name, alert), times, rest, version in itertools.product(
                MOMENTS, ALERTS.items(), (1, 2, 6), (b"", b"\x15", b"\x17\x03\x03\x00\x20" + b"x" * 32),
                (None, ssl.TLSVersion.TLSv1_2)):
            half = Half(server, version)
            moment(half)
            try:
                half.sock.sendall(alert * times + rest)
            except OSError:
                check(False, "closed before the alert", moment.__name__, name)
            halves.append(half)
            if len(halves) > 100:
                halves.pop(0).sock.close()
        check_at_rest(server)
        for half in halves:
            half.sock.close()
        check_at_rest(server)
        check_equal(server.end(), 0)


@test
def bytes_after_close_notify__not_read():
    for moment in (after_handshake, after_a_request, in_a_head, in_a_body):
        with BareServer() as server:
            half = Half(server)
            moment(half)
            half.say_goodbye()
            sent, chunk = 0, (b"\x17\x03\x03\x40\x00" + b"x" * 16384) * 16
            try:
                while sent < 100 * MIB:
                    sent += half.sock.send(chunk)
            except OSError:
                pass
            check(sent < 4 * MIB, moment.__name__, "was read", sent)
            if not IS_SANITIZED:
                check(server.memory_kib("VmHWM") < 24 * 1024, moment.__name__, server.memory_kib("VmHWM"))
            server.wait_idle()


@test
def close_notify_with_the_request__answered_then_closed():
    with BareServer() as server:
        half = Half(server)
        half.handshake()
        half.tls.write(request_bytes("POST", "/validate", b"abc", JSON))
        try:
            half.tls.unwrap()
        except ssl.SSLError:
            pass
        half.flush()
        half.sock.settimeout(5)
        data = b""
        while more := half.sock.recv(65536):
            data += more
        half.incoming.write(data)
        try:
            answer = half.tls.read(65536)
        except ssl.SSLError:
            answer = b""  # OpenSSL's client gives nothing more after its own close_notify
        check(b"200 OK" in answer or len(data) > 150, len(data))
        check_equal(server.wait_counted("server requests", 1)["server requests"], 1)
        server.wait_idle()


# --- cheap to send, dear to read --------------------------------------------------------------------
def key_updates(server, count):
    """s_client sends one for each line that begins with k; returns once the connection has ended."""
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    try:
        for _ in range(count):
            client.stdin.write(b"k\n")
            client.stdin.flush()
            time.sleep(0.005)
    except OSError:
        pass
    client.kill()
    client.wait()


@alone
@test
def key_updates__few__allowed():
    with BareServer() as server:
        key_updates(server, 20)
        check_equal(server.counters().get("limit tls_messages", 0), 0)


@alone
@test
def key_updates__many__cut():
    with BareServer() as server:
        key_updates(server, 60)
        check_equal(server.wait_counted("limit tls_messages", 1)["limit tls_messages"], 1)
        server.wait_idle()


def send_in_pieces(server, head, body, size, goodbye=False):
    """The answer to a request whose body comes in records of `size` bytes; None: it was cut."""
    with connect(server) as sock:
        try:
            sock.sendall(head)
            for at in range(0, len(body), size):
                sock.sendall(body[at:at + size])
            return read_response(sock)
        except OSError:
            return None


@test
def records_of_a_byte__cut():
    with BareServer() as server:
        head = request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "3000"}))
        check_equal(send_in_pieces(server, head, b"x" * 3000, 1), None)
        check_equal(server.wait_counted("limit small_records", 1)["limit small_records"], 1)
        check_equal(send_in_pieces(server, b"", head + b"x" * 3000, 1), None)


@test
def empty_records_between_small_ones__cut():
    with BareServer() as server:
        with connect(server) as sock:
            sock.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nX: ")
            try:
                for _ in range(3000):
                    sock.sendall(b"y")
            except OSError:
                pass
        server.wait_counted("limit small_records", 1)


@test
def small_records__as_clients_send_them__allowed():
    with BareServer() as server:
        for size, total in ((1200, 7 * MIB), (256, 100000), (1, 100), (512, 2 * MIB)):
            head = request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": str(total)}))
            answer = send_in_pieces(server, head, b"x" * total, size)
            check(answer is not None and answer.status == 200, size, total)
        with connect(server) as sock:  # each request has its own allowance
            for _ in range(50):
                for byte in request_bytes("GET", "/livez"):
                    sock.sendall(bytes([byte]))
                check_equal(read_response(sock).status, 200)
        check_equal(server.counters().get("limit small_records", 0), 0)


@test
def key_exchange_that_costs_milliseconds__not_offered():
    with BareServer() as server:
        for group, accepted in (("X25519", True), ("P-256", True), ("P-384", True), ("P-521", True),
                                ("ffdhe2048", False), ("ffdhe8192", False), ("X448", False)):
            done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-groups", group],
                                  input=b"", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20)
            check_equal(done.returncode == 0, accepted, group)


# --- where a body ends --------------------------------------------------------------------------------
@test
def unclear_body_lengths__refused_and_closed():
    lengths = (b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b"Content-Length: 4\r\nContent-Length: 3\r\n\r\nabcd",
               b"Content-Length: 3\r\nX: a\r\n b\r\n\r\nabc",
               b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    with BareServer() as server:
        for rest in lengths:
            with connect(server) as sock:
                sock.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + rest)
                answer = read_response(sock)
                check_equal((answer.status, answer.headers["connection"]), (400, "close"), rest)
                check(seconds_until_closed(sock) < SLACK, rest)
        check_equal(server.counters()["request malformed"], len(lengths))


@test
def length_beside_chunks__answered_and_closed():
    with BareServer() as server, connect(server) as sock:
        sock.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        answer = read_response(sock)
        check_equal((answer.status, answer.headers["connection"], answer.body), (200, "close", b"3 \n"))
        check(seconds_until_closed(sock) < SLACK)


main()
