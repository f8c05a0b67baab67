#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each limit of time, size and number is crossed: it bites, it is counted, and others are served meanwhile."""
import resource
import ssl
import subprocess
import time

from certificates import CERT, KEY
from harness import (BARE_SERVER, JSON, SLACK, BareServer, PromptClient, Skip, ask, check, check_equal, connect, connect_raw, in_threads,
                     main, post, read_response, request_bytes, seconds_until_closed, test)


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
    with BareServer("--idle-timeout", 2000, "--request-timeout", 6000) as server:
        with connect(server) as sock:
            ask(sock, "GET", "/livez")
            time.sleep(1)
            sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "3"})))
            time.sleep(1.5)
            sock.sendall(b"abc")
            check_equal(read_response(sock).status, 200)


@test
def unread_answer__cut():
    with BareServer("--unsent-timeout", 700) as server:
        sock = connect(server, receive_bytes=4096)
        sock.sendall(request_bytes("POST", "/validate", b"reply 8000000", JSON))
        check_equal(post(server).status, 200)
        check_equal(server.wait_counted("limit unsent_timeout", 1)["limit unsent_timeout"], 1)
        server.wait_idle()
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
    server.wait_below("server open", 21)
    counted = server.wait_counted("limit connections", 40)
    check(counted["server open"] <= 20, counted)
    for sock in [*held, used]:
        sock.close()


@test
def connection_cap__unused_tls_connections_give_way():
    with BareServer("--max-connections", 20) as server:
        check_cap(server, lambda: PromptClient(server))


@test
def connection_cap__connections_without_handshake_give_way():
    with BareServer("--max-connections", 20) as server:
        check_cap(server, lambda: connect_raw(server))


@test
def connection_cap__unfinished_requests_give_way():
    def hold():
        sock = PromptClient(server)
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
        raise Skip("the hard limit of descriptors is below 2000")
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
