#!/usr/bin/env python3
"""Clients that leave the rules of TLS or HTTP, at any moment, and a system that refuses what the server asks for:
no thread stands still, no memory is held without a limit, the others are served."""
import itertools
import os
import select
import socket
import ssl
import subprocess
import threading
import time

from certificates import FOLDER
from harness import (IS_SANITIZED, JSON, SLACK, BareServer, Skip, ask, check, check_equal, connect, connect_raw, main,
                     post, read_response, request_bytes, seconds_until_closed, test)

MIB = 1 << 20
FAULT_SHIM = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tests/server/fault_shim.so")
ALERTS = {"close notify": b"\x15\x03\x03\x00\x02\x01\x00", "user canceled": b"\x15\x03\x03\x00\x02\x01\x5a",
          "warning, unknown CA": b"\x15\x03\x03\x00\x02\x01\x30", "fatal, internal": b"\x15\x03\x03\x00\x02\x02\x50"}


# --- below the TLS layer ----------------------------------------------------------------------------
class Half:
    """A TLS client whose records are sent by hand, so that bytes can be put between them."""

    def __init__(self, server, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if version:
            context.maximum_version = version
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.sock = connect_raw(server)

    def flush(self):
        self.sock.sendall(self.outgoing.read())

    def hello(self):
        """The first flight; returns the server's."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.flush()
        return self.sock.recv(65536)

    def handshake(self):
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush()
                self.incoming.write(self.sock.recv(65536))
        self.flush()

    def ask(self, data):
        self.tls.write(data)
        self.flush()
        self.incoming.write(self.sock.recv(65536))
        return self.tls.read(65536)

    def say_goodbye(self):
        """close_notify."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.flush()


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
    before = server.cpu_seconds()
    time.sleep(0.5)
    used = server.cpu_seconds() - before
    check(used < 0.25, "a thread spins", used)
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


@test
def key_updates__few__allowed():
    with BareServer() as server:
        key_updates(server, 20)
        check_equal(server.counters().get("limit tls_messages", 0), 0)


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


# --- judging that takes long --------------------------------------------------------------------------
@test
def large_bodies_judged_slowly__one_thread_waits_for_no_other():
    with BareServer("--threads", 2) as server:
        body = b"sleep 700 " + b" " * 100000
        slow = [threading.Thread(target=post, args=(server, body)) for _ in range(4)]
        for thread in slow:
            thread.start()
        time.sleep(0.3)
        start = time.monotonic()
        check_equal(post(server).status, 200)
        took = time.monotonic() - start
        check(took < 0.35, "a small request waited for a large one", took)
        for thread in slow:
            thread.join()


@test
def many_slow_requests_at_once__others_served_between_them():
    with BareServer("--threads", 1, "--request-timeout", 20000) as server:
        posts = [threading.Thread(target=post, args=(server, b"sleep 300")) for _ in range(8)]
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


# --- a thread that stands still -----------------------------------------------------------------------
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
        stuck = threading.Thread(target=post, args=(server, b"sleep 7500"))
        stuck.start()
        time.sleep(6.5)
        answer = probe(server, "/livez")
        check_equal(answer.status, 503)
        check(b"has not turned for" in answer.body, answer)
        check("has not turned for" in server.log(), server.log())
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


# --- a system that refuses ------------------------------------------------------------------------------
class Faulty(BareServer):
    """The server whose calls fail as `faults` says: {"epoll_add": 1}, every N-th of them."""
    NAMES = ("epoll_add", "epoll_wait", "accept", "ssl_new")

    def __init__(self, *flags):
        if IS_SANITIZED or "coverage" in FAULT_SHIM:
            raise Skip("the sanitizer's own calls would fail too")
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
        posts = [threading.Thread(target=lambda: answers.append(post(server).status)) for _ in range(30)]
        for thread in posts:
            thread.start()
        time.sleep(1)
        check_equal((ask(kept, "GET", "/livez").status, answers), (200, []))
        server.fail()
        for thread in posts:
            thread.join()
        check_equal(answers, [200] * 30)
        server.wait_for("new connections have to wait: No space left on device")
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
        check("event loop: Bad file descriptor" in server.log(), server.log())


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
        late = threading.Thread(target=post, args=(server,))
        late.start()
        server.wait_for("new connections have to wait: Too many open files")
        time.sleep(1)
        check(server.log().count("have to wait") < 15, server.log())
        server.fail()
        late.join()
        check_equal(server.counters()["server requests"], 1)


# --- more clients than places ---------------------------------------------------------------------------
def check_burst(cap, clients, requests=1):
    with BareServer("--max-connections", cap) as server:
        failures = []
        start = threading.Barrier(clients)

        def client():
            start.wait()
            try:
                for _ in range(requests):
                    check_equal(post(server).status, 200)
            except Exception as error:
                failures.append(repr(error))

        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_equal(failures, [])
        check(server.counters()["server open"] <= cap)


@test
def burst_of_100_clients__90_places__all_served():
    check_burst(90, 100)


@test
def burst_of_100_clients__20_places__all_served():
    check_burst(20, 100, 2)


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
                    with connect(server, timeout=20) as sock:
                        while time.monotonic() < end:
                            answer = ask(sock, "POST", "/validate", b"abc", JSON)
                            check_equal(answer.status, 200)
                            done += 1
                            if answer.headers.get("connection") == "close":
                                break
            except Exception as error:
                failures.append(repr(error))
            counts.append(done)

        threads = [threading.Thread(target=client) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_equal(failures, [])
        check(min(counts) > 0, "a client was never served", counts)


main()
