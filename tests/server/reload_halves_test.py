#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reload of files that are written in pieces, signals while a policy loads, and certificates that expire."""
import datetime
import os
import re
import shutil
import signal
import ssl
import subprocess
import time

from certificates import make_pair, path
from harness import IS_SANITIZED, SLACK, TAGMOOR, Skip, Tagmoor, ask, check, check_equal, connect, main, test, wait_until
from reload_files import NEW, OLD, STRICT, served, trusting, write
from reviews import judge

HALF = "version: 1\ngrammar: 1\nmode: audit\nenvironments:\n- {name: all, default: true, enforce: any}\n"
REST = "exemptions:\n- {name: one, reason: 'half of it', permanent: true, match: {namespaces: [x]}}\n"


def digest_of(text):
    """The digest that `policy check` prints for the policy."""
    write("expected.yaml", text)
    done = subprocess.run([TAGMOOR, "policy", "check", path("expected.yaml")], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()[-1]


@test
def policy_written_in_two_halves__never_taken_by_half():
    write("halves.yaml", STRICT)
    with Tagmoor("--policy", path("halves.yaml"), cert=OLD[0], key=OLD[1]) as server:
        for number, hangups in enumerate((False, True)):
            with open(path("halves.yaml"), "w") as file:
                file.write(HALF)
                file.flush()
                for _ in range(6):  # a file that stays the same for 1.5 s is whole
                    if hangups:
                        server.signal("HUP")
                    time.sleep(0.1)
                check(not judge(server, context=trusting(OLD)))
                file.write(REST)
            server.wait_for("policy reloaded: ", 2 * number + 1, seconds=8)
            check_equal(len(server.events("policy reloaded")), 2 * number + 1)
            check(judge(server, context=trusting(OLD)))
            check_equal(server.wait_reviews(2 + 3 * number)[-1]["policyDigest"], digest_of(HALF + REST))
            write("halves.yaml", STRICT)
            server.wait_for("policy reloaded: ", 2 * number + 2, seconds=8)
            check(not judge(server, context=trusting(OLD)))


@test
def key_pair_written_in_two_halves__no_half_is_tried():
    pair = path("slow.crt"), path("slow.key")
    shutil.copy(OLD[0], pair[0])
    shutil.copy(OLD[1], pair[1])
    with Tagmoor(cert=pair[0], key=pair[1]) as server:
        texts = [open(name).read() for name in NEW]
        for part in (lambda text: text[:len(text) // 2], lambda text: text):
            for name, text in zip(pair, texts):
                with open(name, "w") as file:
                    file.write(part(text))
                server.signal("HUP")
                time.sleep(0.4)
        server.wait_for("certificate reloaded: ", seconds=8)
        check_equal(server.events("not reloaded"), [])
        check_equal(served(server, OLD, NEW), NEW)


# Loaded before the C library: reading a policy takes half a second longer.
SLOW_READING = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int yaml_parser_initialize(void *parser)
{
    int (*real)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "yaml_parser_initialize");
    const struct timespec half = {.tv_nsec = 500000000};
    nanosleep(&half, 0);
    return real(parser);
}
"""


def build_slow_reading():
    if IS_SANITIZED:
        raise Skip("an instrumented build cannot preload a library")
    compiler = shutil.which("cc") or shutil.which("gcc")
    check(compiler, "no C compiler")
    write("slow.c", SLOW_READING)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", path("slow.so"), path("slow.c")], check=True)
    return path("slow.so")


def handles(server, name):
    """Whether the process no longer ends by the signal at once."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        masks = re.findall(r"^Sig(?:Blk|Cgt):\s+(\w+)", status.read(), re.M)
    bit = 1 << signal.Signals[f"SIG{name}"].value - 1
    return any(int(mask, 16) & bit for mask in masks)


@test
def signals_while_the_policy_loads__sighup_waits_and_sigterm_ends():
    write("slow.yaml", STRICT)
    preload = {"LD_PRELOAD": build_slow_reading()}
    for name in ("HUP", "TERM", "INT"):
        with Tagmoor("--policy", path("slow.yaml"), cert=OLD[0], key=OLD[1], wait=False, environment=preload) as server:
            wait_until(lambda: handles(server, name), 10, f"SIG{name} is handled")
            server.signal(name)
            if name == "HUP":
                server.wait_for("SIGHUP received: checking files for changes")
                server.wait_for("listening on")
                server.signal("TERM")
            start = time.monotonic()
            check_equal(server.wait(), 0, name, server.log())
            check(time.monotonic() - start < (0.2 if name != "HUP" else 0) + SLACK)
            check(name == "HUP" or "listening" not in server.log(), server.log())


def descriptors(pid):
    """{number: target} of the open files; one may close between the list and the look at it."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            pass
    return found


@test
def standard_error_closed__nothing_is_written_elsewhere():
    command = [TAGMOOR, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--tls-cert-file", OLD[0],
               "--tls-private-key-file", OLD[1], "--lame-duck", "0s", "--policy", path("closed.yaml")]
    write("closed.yaml", STRICT)
    server = subprocess.Popen(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command])
    try:
        end = time.monotonic() + 10
        while True:
            open_files = descriptors(server.pid)
            if any(target.startswith("socket:") for target in open_files.values()):
                break
            check(time.monotonic() < end, "does not listen")
            time.sleep(0.05)
        check_equal([open_files.get(number) for number in range(3)], ["/dev/null"] * 3)
    finally:
        server.terminate()
        check_equal(server.wait(10), 0)


def stamp(seconds):
    return (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%SZ")


@test
def certificate__expires_while_serving__not_ready_until_it_is_replaced():
    shutil.copy(NEW[1], path("dying.key"))
    pair = make_pair("dying", start=stamp(-3600), end=stamp(8))
    with Tagmoor(cert=pair[0], key=pair[1]) as server:
        context = trusting(pair)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with connect(server, context) as sock:
            check_equal(ask(sock, "GET", "/readyz").status, 200)
            server.wait_for("the serving certificate expires at .* in 0 days: renew it")
            end = time.monotonic() + 15
            while ask(sock, "GET", "/readyz").status == 200:
                check(time.monotonic() < end, "still ready")
                time.sleep(0.2)
            server.wait_for("the serving certificate expired at", seconds=5)
            check(b"[-]certificate failed: expired" in ask(sock, "GET", "/readyz?verbose").body)
            check_equal(ask(sock, "GET", "/livez").status, 200)
        shutil.copy(OLD[0], pair[0])
        shutil.copy(OLD[1], pair[1])
        server.hup("certificate reloaded")
        check_equal(ask_with(server, trusting(OLD), "/readyz").status, 200)


def ask_with(server, context, target):
    with connect(server, context) as sock:
        return ask(sock, "GET", target)


@test
def certificate__near_its_end__warned_of_at_the_start():
    day = 86400
    for name, start, end, level in (("near", -70, 20, "warn"), ("close", -70, 6, "error"), ("far", -70, 31, None),
                                    ("brief", -1, 2, None), ("brief-near", -3, 1, "warn")):
        pair = make_pair(name, start=stamp(start * day), end=stamp(end * day))
        with Tagmoor(cert=pair[0], key=pair[1]) as server:
            check_equal([found for found, _ in server.events("certificate expires at")], [level] if level else [], name)


main()
