#!/usr/bin/env python3
"""Each limit of the server is crossed: it bites, it is counted, and others are served meanwhile."""
import resource
import ssl
import subprocess
import threading
import time

from certificates import CERT, KEY
from harness import (BARE_SERVER, IS_SANITIZED, JSON, SLACK, BareServer, Skip, ask, check, check_equal,
                     close_with_reset, connect, connect_raw, main, post, read_response, request_bytes,
                     seconds_until_closed, test)

MIB = 1 << 20


def trickle(sock, text, seconds, pause=0.05):
    """Sends byte by byte; how long until the other side closed, at most `seconds`."""
    start = time.monotonic()
    sock.settimeout(pause)
    position = 0
    while time.monotonic() - start < seconds:
        try:
            sock.sendall(text[position % len(text):position % len(text) + 1])
            position += 1
            if not sock.recv(65536):
                break
        except (TimeoutError, ssl.SSLWantReadError):
            continue
        except OSError:
            break
    return time.monotonic() - start


def in_threads(functions):
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@test
def slow_requests_and_handshakes__cut__idle_connection_lives():
    with BareServer("--request-timeout", 700, "--handshake-timeout", 600, "--new-connection-idle", 3000) as server:
        idle = connect(server)
        check_equal(ask(idle, "GET", "/livez").status, 200)
        took = {}

        def slow_head():
            with connect(server) as sock:
                sock.sendall(b"POST /validate HTTP/1.1\r\nX-Long: ")
                took["head"] = trickle(sock, b"abc", 5)

        def slow_body():
            with connect(server) as sock:
                sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "5000"})))
                took["body"] = trickle(sock, b"abc", 5)

        def slow_chunks():
            with connect(server) as sock:
                sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Transfer-Encoding": "chunked"})))
                took["chunks"] = trickle(sock, b"1;extension\r\na\r\n", 5)

        def slow_next_request():
            with connect(server) as sock:
                ask(sock, "GET", "/livez")
                sock.sendall(b"GET /li")
                took["next"] = seconds_until_closed(sock, 5)

        def silent_handshake():
            with connect_raw(server) as sock:
                took["silence"] = seconds_until_closed(sock, 5)

        def half_handshake():
            with connect_raw(server) as sock:
                sock.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
                took["hello"] = trickle(sock, b"x", 5)

        in_threads([slow_head, slow_body, slow_chunks, slow_next_request, silent_handshake, half_handshake])
        for name, seconds in took.items():
            check(0.5 < seconds < 2.5 + SLACK, name, seconds)
        check_equal(len(took), 6)
        check_equal(ask(idle, "GET", "/livez").status, 200)
        counted = server.counters()
        check_equal(counted["limit request_timeout"], 4)
        check_equal(counted["limit handshake_timeout"], 2)
        check_equal(counted["handshake limit"], 2)


@test
def idle_connections__new_ones_closed_sooner_than_used_ones():
    with BareServer("--new-connection-idle", 500, "--idle-timeout", 4000) as server:
        fresh = connect(server)
        used = connect(server)
        ask(used, "GET", "/livez")
        check(0.3 < seconds_until_closed(fresh, 5) < 1.3 + SLACK)
        check_equal(ask(used, "GET", "/livez").status, 200)
        check(3 < seconds_until_closed(used, 10) < 5 + SLACK)
        check_equal(server.counters()["limit idle_timeout"], 2)


@test
def request_late_in_the_idle_time__not_cut_with_it():
    with BareServer("--idle-timeout", 1200, "--request-timeout", 3000) as server:
        with connect(server) as sock:
            ask(sock, "GET", "/livez")
            time.sleep(0.8)
            sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "3"})))
            time.sleep(1.0)
            sock.sendall(b"abc")
            check_equal(read_response(sock).status, 200)


@test
def unread_answer__cut():
    with BareServer("--unsent-timeout", 700) as server:
        sock = connect(server, receive_bytes=4096)
        sock.sendall(request_bytes("POST", "/validate", b"reply 8000000", JSON))
        check_equal(post(server).status, 200)
        time.sleep(1.5)
        counted = server.counters()
        check_equal(counted["limit unsent_timeout"], 1)
        check_equal(counted["server open"], 0)
        sock.close()


@test
def head__over_64_kib__refused():
    with BareServer("--request-timeout", 2000) as server:
        with connect(server) as sock:
            answer = ask(sock, "POST", "/validate", b"{}", dict(JSON, X="y" * 60000))
            check_equal(answer.status, 200)
            answer = ask(sock, "POST", "/validate", b"{}", dict(JSON, X="y" * 65536))
            check_equal(answer.status, 431)
            check(answer.headers["content-type"].startswith("text/plain"))
            check_equal(answer.headers["connection"], "close")
        with connect(server) as sock:
            try:
                sock.sendall(b"GET /livez HTTP/1.1\r\n" + b"X: " + b"y" * 100000)
            except OSError:
                pass
            check(seconds_until_closed(sock) < 1 + SLACK)
        counted = server.counters()
        check_equal(counted["limit head"], 2)
        check_equal(counted["request head_size"], 1)
        check_equal(post(server).status, 200)


@test
def handshake_input__over_32_kib__cut_before_its_timeout():
    with BareServer() as server:
        with connect_raw(server) as sock:
            record = b"\x16\x03\x01\x40\x00"
            hello = b"\x01\x01\xf0\x00\x03\x03" + b"\x00" * 16378
            try:
                sock.sendall(record + hello)
                for _ in range(3):
                    sock.sendall(record + b"\x00" * 16384)
            except OSError:
                pass
            check(seconds_until_closed(sock) < 1 + SLACK)
        counted = server.wait_counted("handshake limit", 1)
        check_equal(counted["limit handshake_bytes"], 1)


def check_cap(server, hold):
    """Holds more connections than allowed: a used one stays, and new clients are served."""
    used = connect(server)
    ask(used, "GET", "/livez")
    held = []
    for _ in range(60):
        held.append(hold())
    for _ in range(5):
        check_equal(post(server).status, 200)
    check_equal(ask(used, "POST", "/validate", b"abc", JSON).body, b"3 \n")
    time.sleep(0.3)
    counted = server.counters()
    check(counted["server open"] <= 20, counted)
    check(counted["limit connections"] >= 40, counted)
    for sock in [*held, used]:
        sock.close()


@test
def connection_cap__unused_tls_connections_give_way():
    with BareServer("--max-connections", 20) as server:
        check_cap(server, lambda: connect(server))


@test
def connection_cap__connections_without_handshake_give_way():
    with BareServer("--max-connections", 20) as server:
        check_cap(server, lambda: connect_raw(server))


@test
def connection_cap__unfinished_requests_give_way():
    def hold():
        sock = connect(server)
        sock.sendall(b"POST /validate HTTP/1.1\r\nContent-Length: 1000\r\n")
        return sock

    with BareServer("--max-connections", 20) as server:
        check_cap(server, hold)


@test
def connection_cap__of_used_ones_the_longest_idle_gives_way():
    with BareServer("--max-connections", 5, "--threads", 1) as server:
        socks = []
        for _ in range(5):
            socks.append(connect(server))
            ask(socks[-1], "GET", "/livez")
            time.sleep(0.02)
        ask(socks[0], "GET", "/livez")
        check_equal(post(server).status, 200)
        check(seconds_until_closed(socks[1]) < 1 + SLACK)
        for number in (0, 2, 3, 4):
            check_equal(ask(socks[number], "GET", "/livez").status, 200, number)


def post_many(server, clients, rounds, size):
    """Statuses of `clients` x `rounds` posts of `size` bytes, and the slowest small request meanwhile."""
    statuses, slowest = [], [0.0]
    body = b"x" * size
    done = threading.Event()

    def large():
        try:
            with connect(server, timeout=60) as sock:
                for _ in range(rounds):
                    statuses.append(ask(sock, "POST", "/validate", body, JSON).status)
        except OSError as error:
            statuses.append(error)

    def small():
        with connect(server) as sock:
            while not done.is_set():
                start = time.monotonic()
                check_equal(ask(sock, "POST", "/validate", b"x" * 5000, JSON).status, 200)
                slowest[0] = max(slowest[0], time.monotonic() - start)
                time.sleep(0.005)

    thread = threading.Thread(target=small)
    thread.start()
    in_threads([large] * clients)
    done.set()
    thread.join()
    return statuses, slowest[0]


@test
def buffered_budget__16_large_bodies_with_room_for_2__all_answered():
    with BareServer("--max-buffered-bytes", 8 * MIB) as server:
        statuses, slowest = post_many(server, 16, 2, 4 * MIB)
        check_equal(statuses, [200] * 32, server.log()[-2000:])
        counted = server.counters()
        check(counted["limit buffered_pause"] > 0, counted)
        server.wait_idle()
        check(slowest < 10, slowest)
        check(IS_SANITIZED or server.memory_kib("VmHWM") < 40 * 1024, server.memory_kib("VmHWM"))


@test
def buffered_budget__filled_by_stalled_requests__others_served():
    with BareServer("--max-body-bytes", MIB, "--max-buffered-bytes", MIB, "--request-timeout", 8000) as server:
        def stall():
            sock = connect(server)
            sock.settimeout(0.2)
            try:
                sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"})))
                sock.sendall(b"x" * 1000000)
            except OSError:
                pass
            return sock

        start = time.monotonic()
        stalled = [stall() for _ in range(3)]
        check_equal(post(server, b"x" * 10000).status, 200)
        check(time.monotonic() - start < 5 + SLACK, "a small one had to wait for the deadline of the others")
        check_equal(post(server, b"x" * 500000).status, 200)
        for sock in stalled:
            check(seconds_until_closed(sock, 12) < 6 + SLACK)
        counted = server.counters()
        check(counted["limit buffered_pause"] > 0, counted)
        check(counted["limit buffered_stall"] > 0, counted)
        server.wait_idle()


@test
def buffered_budget__filled_by_small_requests_that_never_end__large_ones_served():
    with BareServer("--max-body-bytes", MIB, "--max-buffered-bytes", MIB, "--request-timeout", 8000) as server:
        held = [connect(server) for _ in range(40)]
        for sock in held:
            sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"})))
            sock.sendall(b"x" * 15000)
        start = time.monotonic()
        for _ in range(3):
            check_equal(post(server, b"x" * 500000).status, 200)
        check(time.monotonic() - start < 5, "large ones had to wait")
        for sock in held:
            close_with_reset(sock)
        server.wait_idle()


class Trickle:
    """Clients with 60 KB of a large body each, of which a byte more comes now and then."""

    def __init__(self, server, count):
        head = request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"}))
        self.socks = [connect(server) for _ in range(count)]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._go_on)
        for sock in self.socks:
            sock.settimeout(0.05)
            self._send(sock, head + b"x" * 60000)
        self.thread.start()

    @staticmethod
    def _send(sock, data):
        try:
            sock.sendall(data)
        except OSError:
            pass

    def _go_on(self):
        while not self.done.wait(0.2):
            for sock in self.socks:
                self._send(sock, b"x")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()
        for sock in self.socks:
            close_with_reset(sock)


@test
def buffered_budget__filled_by_requests_that_trickle__others_served():
    with BareServer("--max-body-bytes", MIB, "--max-buffered-bytes", 4 * MIB, "--request-timeout", 60000) as server:
        with Trickle(server, 40), connect(server, timeout=60) as sock:
            start = time.monotonic()
            check_equal(ask(sock, "POST", "/validate", b"x" * 500000, JSON).status, 200)
            check(time.monotonic() - start < 30, "had to wait for the deadline of the others")
        server.wait_idle()


@test
def buffered_budget__paused_until_the_deadline__closed():
    with BareServer("--max-body-bytes", MIB, "--max-buffered-bytes", MIB, "--request-timeout", 900) as server:
        held = []
        for _ in range(2):
            held.append(connect(server))
            held[-1].settimeout(0.05)
            try:
                held[-1].sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"})))
                held[-1].sendall(b"x" * 1000000)
            except OSError:
                pass
        server.wait_counted("limit buffered_pause", 1, 0.7)
        for sock in held:
            check(seconds_until_closed(sock) < 2 + SLACK)
        counted = server.counters()
        # On a slow machine the stall of a connection that was not paused comes before its deadline.
        cut = [counted.get("limit " + limit, 0) for limit in ("request_timeout", "buffered_stall", "buffered_close")]
        check_equal(sum(cut), 2, counted)
        server.wait_idle()


@test
def buffered_budget__far_over__held_back_and_memory_bounded():
    with BareServer("--max-body-bytes", MIB, "--max-buffered-bytes", MIB, "--request-timeout", 5000) as server:
        socks = [connect(server) for _ in range(100)]
        for sock in socks:
            sock.settimeout(0.05)
            try:
                sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"})))
                sock.sendall(b"x" * 60000)
            except OSError:
                pass
        check_equal(post(server, b"x" * 10000).status, 200)
        counted = server.counters()
        # Paused, or closed where so much had come in already: that depends on who was faster.
        check(counted.get("limit buffered_close", 0) + counted.get("limit buffered_pause", 0) > 0, counted)
        # A thread may be looked at between its reading and its closing of those who are too many.
        server.wait_below("server buffered", 6 * MIB)
        for sock in socks:
            close_with_reset(sock)
        server.wait_idle()


@test
def memory__with_the_defaults__bounded_and_given_back():
    if IS_SANITIZED:
        return
    with BareServer("--threads", 2) as server:
        idle_kib = server.memory_kib("VmRSS")
        check(idle_kib < 12 * 1024, idle_kib)
        statuses, _ = post_many(server, 16, 1, 7 * MIB)
        check_equal(statuses, [200] * 16)
        socks = [connect(server) for _ in range(300)]
        for sock in socks:
            sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "2000000"})))
            sock.sendall(b"x" * 15000)
        peak_kib = server.memory_kib("VmHWM")
        check(peak_kib < 64 * 1024, peak_kib)
        for sock in socks:
            close_with_reset(sock)
        time.sleep(2.5)
        check(server.memory_kib("VmRSS") < 20 * 1024, server.memory_kib("VmRSS"))


def post_and_never_read(server, body):
    """Whose answer finds no room: the client's window is small, and nothing is taken out of it."""
    sock = connect(server, timeout=20, receive_bytes=4096)
    sock.sendall(request_bytes("POST", "/validate", body, JSON))
    return sock


@test
def answer_larger_than_the_kernel_holds__read_late__connection_stays():
    with BareServer() as server, connect(server, receive_bytes=4096) as sock:
        for _ in range(2):
            sock.sendall(request_bytes("POST", "/validate", b"reply 1000000".ljust(100000), JSON))
            time.sleep(0.1)
            check_equal(len(read_response(sock).body), 1000000)


def kernel_queues(server):
    """Bytes that the kernel holds to be sent on each connection of the server."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    here = f":{server.port:04X}"
    return [int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(here) and row[3] == "01"]


@test
def answer_that_nobody_reads__little_of_it_in_the_kernel():
    with BareServer("--threads", 1) as server:
        sock = post_and_never_read(server, b"reply 8000000")
        end = time.monotonic() + 20
        while sum(kernel_queues(server)) == 0:
            check(time.monotonic() < end, "nothing is sent", server.counters())
            time.sleep(0.05)
        time.sleep(0.5)
        queues = kernel_queues(server)
        check(len(queues) == 1 and queues[0] < 200000, queues)
        close_with_reset(sock)
        server.wait_idle()


def wait_buffered(server, most, seconds=10):
    """Until no more than `most` bytes are charged."""
    end = time.monotonic() + seconds
    while server.counters()["server buffered"] > most:
        check(time.monotonic() < end, "so much stays charged:", server.counters())
        time.sleep(0.05)


@test
def answer_that_nobody_reads__holds_nothing_of_its_request():
    with BareServer("--threads", 1, "--unsent-timeout", 60000) as server:
        sock = post_and_never_read(server, b"reply 5000000".ljust(6 * MIB))
        server.wait_counted("server requests", 1, 20)
        wait_buffered(server, 11000000)
        close_with_reset(sock)
        server.wait_idle()


@test
def answers_that_nobody_reads__make_room_for_others():
    with BareServer("--threads", 2, "--unsent-timeout", 60000) as server:
        stuck = []
        for number in range(12):
            stuck.append(post_and_never_read(server, b"reply 3500000".ljust(6 * MIB)))
            server.wait_counted("server requests", number + 1, 20)
        with connect(server, timeout=30) as sock:
            check_equal(ask(sock, "POST", "/validate", b"x" * 6 * MIB, JSON).status, 200)
        wait_buffered(server, 30 * MIB)
        check(server.counters()["limit buffered_close"] > 0, server.counters())
        check(IS_SANITIZED or server.memory_kib("VmHWM") < 64 * 1024, server.memory_kib("VmHWM"))
        for sock in stuck:
            close_with_reset(sock)
        server.wait_idle()


@test
def room_of_a_large_body__taken_by_those_who_send_little__held_once():
    if IS_SANITIZED:
        raise Skip("a sanitizer keeps what is freed")
    with BareServer("--threads", 1) as server:
        before_kib = server.memory_kib("VmRSS")
        head = request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "7000000"}))
        held = []
        for _ in range(8):
            check_equal(post(server, b"x" * 7 * MIB).status, 200)
            held.append(connect(server))
            held[-1].sendall(head + b"x")
        time.sleep(0.3)
        used_kib = server.memory_kib("VmRSS") - before_kib
        check(used_kib < 24 * 1024, used_kib)
        for sock in held:
            close_with_reset(sock)
        server.wait_idle()


@test
def file_descriptors__fewer_than_connections__refused_at_start():
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    done = subprocess.run([BARE_SERVER, "--listen", "127.0.0.1:0", "--cert", CERT, "--key", KEY],
                          stderr=subprocess.PIPE, preexec_fn=lower, timeout=20)
    check_equal(done.returncode, 1)
    check(b"raise 'ulimit -n' or lower --max-connections" in done.stderr, done.stderr)


@test
def file_descriptors__soft_limit_too_low__raised():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 2000:
        return

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, soft[1]))
    try:
        server = BareServer()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, soft)
    with server:
        with open(f"/proc/{server.process.pid}/limits") as limits:
            row = next(line for line in limits if line.startswith("Max open files"))
        check(int(row.split()[3]) >= 512, row)


@test
def as_many_connections_as_allowed__none_cut_for_a_thread_that_came_too_late():
    with BareServer("--max-connections", 4, "--threads", 4) as server:
        held = [connect(server) for _ in range(3)]
        for sock in held:
            check_equal(ask(sock, "GET", "/livez").status, 200)
        for _ in range(50):
            with connect(server) as sock:
                check_equal(ask(sock, "GET", "/livez").status, 200)
            while server.counters()["server open"] > 3:
                time.sleep(0.002)
        check_equal(server.counters().get("limit connections", 0), 0)


main()
