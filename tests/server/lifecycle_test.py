#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server's life: start errors, signals, lame duck and drain, clients that leave."""
import shutil
import subprocess
import threading
import time

from certificates import CERT, KEY, make_pair, path
from harness import (BARE_SERVER, IS_SANITIZED, JSON, SLACK, BareServer, Skip, ask, ask_once, check, check_equal,
                     close_with_reset, connect, connect_raw, main, post, read_response, request_bytes,
                     seconds_until_closed, test, wait_until)


def check_refused(pattern, *flags, cert=CERT, key=KEY, listen="127.0.0.1:0"):
    """Does not start, and says why."""
    done = subprocess.run([BARE_SERVER, "--listen", listen, "--cert", cert, "--key", key, *flags],
                          stderr=subprocess.PIPE, timeout=20)
    text = done.stderr.decode()
    check_equal(done.returncode, 1, text)
    for part in pattern.split("|"):
        check(part in text, repr(part), "is not in", text)


@test
def start__certificate_without_names__refused():
    cert, key = make_pair("bare", san=None)
    check_refused("has no subject alternative name|issue a certificate", cert=cert, key=key)


@test
def start__expired_certificate__refused():
    cert, key = make_pair("old", start="20200101000000Z", end="20200102000000Z")
    check_refused("expired at 2020-01-02 00:00:00 UTC|renew it", cert=cert, key=key)


@test
def start__certificate_of_the_future__refused():
    cert, key = make_pair("early", start="20400101000000Z", end="20400102000000Z")
    check_refused("is not valid before 2040-01-01 00:00:00 UTC|check the clock", cert=cert, key=key)


@test
def start__key_of_another_certificate__refused():
    check_refused("does not match certificate", key=make_pair("other")[1])


@test
def start__files_that_cannot_be_used__refused():
    check_refused("No such file or directory|--tls-cert-file", cert="/no/such/file")
    check_refused("No such file or directory|--tls-private-key-file", key="/no/such/file")
    check_refused("no certificate given: set --tls-cert-file", cert="")
    with open(path("text"), "w") as text:
        text.write("no PEM\n")
    check_refused("cannot be used|use a PEM file", cert=path("text"))
    check_refused("cannot be used|use a PEM file", key=path("text"))
    subprocess.run(["openssl", "ec", "-in", KEY, "-aes128", "-passout", "pass:secret", "-out", path("locked")],
                   stderr=subprocess.DEVNULL, check=True)
    check_refused("cannot be used|without a passphrase", key=path("locked"))


@test
def start__addresses_that_cannot_be_used__refused():
    with BareServer() as server:
        check_refused("Address already in use|choose another port with --listen", listen=f"127.0.0.1:{server.port}")
    check_refused("cannot listen on '192.0.2.1:0'|no such address", listen="192.0.2.1:0")
    for text in ("localhost:1", "127.0.0.1", "127.0.0.1:65536", "::1:1:x", "[::1]", "[nix]:1", ""):
        check_refused("use a numeric ADDRESS:PORT", listen=text)


@test
def start__limits_that_make_no_sense__refused():
    check_refused("--max-body-bytes is 0", "--max-body-bytes", "0")
    check_refused("--max-body-bytes is 99999999", "--max-body-bytes", "99999999")
    check_refused("--max-buffered-bytes is 1000|less than --max-body-bytes", "--max-buffered-bytes", "1000")
    check_refused("--max-connections is 0", "--max-connections", "0")
    check_refused("--threads is 65", "--threads", "65")


@test
def sigterm__without_connections__ends_with_0():
    for name in ("TERM", "INT"):
        with BareServer("--lame-duck", 0) as server:
            start = time.monotonic()
            server.signal(name)
            check_equal(server.wait(), 0)
            check(time.monotonic() - start < 1.5 + SLACK)


@test
def lame_duck__not_ready_but_serving_and_closing():
    with BareServer("--lame-duck", 1000) as server:
        kept = connect(server)
        check_equal(ask(kept, "GET", "/readyz").status, 200)
        server.signal("TERM")
        server.wait_for("readiness fails")
        answer = ask(kept, "POST", "/validate", b"{}", JSON)
        check_equal((answer.status, answer.headers["connection"]), (200, "close"))
        check(seconds_until_closed(kept) < 0.5 + SLACK)
        for target, status in (("/readyz", 503), ("/livez", 200), ("/nix", 404)):
            answer = ask_once(server, "GET", target)
            check_equal((answer.status, answer.headers["connection"]), (status, "close"), target)
        check(b"[-]serving failed: draining" in ask_once(server, "GET", "/readyz?verbose").body)
        check_equal(post(server).status, 200)
        check_equal(server.wait(), 0)


@test
def drain__under_load__no_request_lost():
    with BareServer("--lame-duck", 2000, "--drain", 5000) as server:
        lost, answered, kept_alive = [], [0], []
        draining = threading.Event()

        def client():
            sock = None
            while True:
                if sock is None:
                    late = draining.is_set()
                    try:
                        sock = connect(server)
                    except OSError as error:
                        # Only once the listeners are closed; in a cluster no client comes any more then.
                        if not late or time.monotonic() < closing:
                            lost.append(("connect", error))
                        return
                late = draining.is_set()
                try:
                    answer = ask(sock, "POST", "/validate", b"sleep 2", JSON)
                except OSError as error:
                    lost.append(("ask", error))
                    return
                answered[0] += 1
                if answer.status != 200:
                    lost.append(answer)
                if late and answer.headers["connection"] != "close":
                    kept_alive.append(answer)
                if answer.headers["connection"] == "close":
                    sock.close()
                    sock = None

        threads = [threading.Thread(target=client, daemon=True) for _ in range(8)]
        closing = time.monotonic() + 1000
        for thread in threads:
            thread.start()
        wait_until(lambda: answered[0] > 50, 10, "requests are answered")
        before = answered[0]
        server.signal("TERM")
        server.wait_for("readiness fails")
        closing = time.monotonic() + 0.7
        draining.set()
        for thread in threads:
            thread.join()
        check_equal(server.wait(), 0)
        check_equal((lost, kept_alive), ([], []))
        check(answered[0] > before + 50, before, answered)


@test
def drain__requests_under_way__finished():
    with BareServer("--lame-duck", 0, "--drain", 5000) as server:
        slow, half = connect(server), connect(server)
        slow.sendall(request_bytes("POST", "/validate", b"sleep 700", JSON))
        half.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "4"})))
        time.sleep(0.2)
        server.signal("TERM")
        time.sleep(0.4)
        half.sendall(b"abcd")
        for sock in (half, slow):
            answer = read_response(sock)
            check_equal((answer.status, answer.headers["connection"]), (200, "close"))
        check_equal(server.wait(), 0)
        check("drain complete: 0 connections were cut" in server.log(), server.log())


@test
def drain__stuck_clients__cut_at_its_end():
    with BareServer("--lame-duck", 0, "--drain", 700) as server:
        body = connect(server)
        body.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "4"})))
        others = [connect_raw(server), connect(server)]
        idle = connect(server)
        ask(idle, "GET", "/livez")
        time.sleep(0.1)
        start = time.monotonic()
        server.signal("TERM")
        check(seconds_until_closed(idle) < 0.6 + SLACK)
        check_equal(server.wait(), 0)
        check(0.6 < time.monotonic() - start < 2.5 + SLACK, time.monotonic() - start)
        check("connections were cut" in server.log() and " 0 connections" not in server.log(), server.log())
        for sock in [body, *others]:
            sock.close()


@test
def second_signal__ends_at_once():
    with BareServer("--lame-duck", 20000) as server:
        server.signal("TERM")
        server.wait_for("readiness fails")
        start = time.monotonic()
        server.signal("INT")
        check_equal(server.wait(), 128 + 2)
        check(time.monotonic() - start < 1 + SLACK)


@test
def stop_and_continue__survived():
    with BareServer() as server:
        with connect(server) as sock:
            ask(sock, "GET", "/livez")
            for _ in range(3):
                server.signal("STOP")
                time.sleep(0.05)
                server.signal("CONT")
                time.sleep(0.05)
                check_equal(ask(sock, "POST", "/validate", b"{}", JSON).status, 200)
        check_equal(post(server).status, 200)


@test
def clients_that_leave_before_their_answer__survived():
    with BareServer() as server:
        for number in range(20):
            sock = connect(server)
            sock.sendall(request_bytes("POST", "/validate", b"sleep 20" if number % 2 else b"reply 500000", JSON))
            sock.close() if number % 5 == 4 else close_with_reset(sock)
        time.sleep(0.5)
        check_equal(post(server).status, 200)
        server.wait_idle()


# Loaded before the C library, it sets the wall clock 400 days forward once the file STEP is there.
STEPPING_CLOCK = r"""
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec real;
    struct stat found;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &real);
    now->tv_sec = real.tv_sec + (stat(STEP, &found) == 0 ? 400 * 86400 : 0);
    now->tv_usec = real.tv_nsec / 1000;
    return 0;
}
"""


def build_stepping_clock(step):
    if IS_SANITIZED:
        raise Skip("an instrumented build cannot preload a library")
    compiler = shutil.which("cc") or shutil.which("gcc")
    check(compiler, "no C compiler")
    with open(path("clock.c"), "w") as source:
        source.write(STEPPING_CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", f'-DSTEP="{step}"', "-o", path("clock.so"), path("clock.c")], check=True)
    return path("clock.so")


@test
def wall_clock__steps_forward__no_connection_lost():
    step = path("step")
    with BareServer(environment={"LD_PRELOAD": build_stepping_clock(step)}) as server, \
            connect(server) as idle, connect(server) as busy:
        check_equal(ask(idle, "GET", "/livez").status, 200)
        busy.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Content-Length": "3"})))
        time.sleep(0.3)
        open(step, "w").close()
        time.sleep(1)
        busy.sendall(b"abc")
        check_equal(read_response(busy).status, 200)
        check_equal(ask(idle, "GET", "/livez").status, 200)


main()
