#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad luck: killed and started again on the same port, files that cannot be read, a machine without IPv6."""
import os
import shutil
import subprocess

from certificates import CERT, KEY, path
from harness import JSON, TAGMOOR, Server, Skip, Tagmoor, ask, check, check_equal, connect, main, test
from reviews import Case, pod

SMALL = Case("small", pod())
NOBODY = 65534
NAMESPACE = f"tagmoor-test-{os.getpid()}"


def check_serves(server):
    with connect(server) as sock:
        check(SMALL.is_answered_by(ask(sock, "POST", "/validate", SMALL.body, JSON)))


@test
def killed_and_started_again_on_the_same_port__serves():
    with Tagmoor() as first:
        port = first.port
        with connect(first) as kept:
            check(SMALL.is_answered_by(ask(kept, "POST", "/validate", SMALL.body, JSON)))
            # The server closes first, so that the port is left in TIME_WAIT.
            first.kill()
        for _ in range(3):
            with Tagmoor(listen=f"127.0.0.1:{port}") as again:
                check_serves(again)
                again.kill()


@test
def killed_under_load__clients_see_an_end_and_no_wrong_answer():
    with Tagmoor() as server:
        socks = [connect(server) for _ in range(20)]
        for sock in socks:
            sock.sendall(SMALL.bytes)
        server.kill()
        for sock in socks:
            sock.settimeout(5)
            data = b""
            try:
                while more := sock.recv(65536):
                    data += more
            except ConnectionError:
                pass
            check(not data or data.endswith(SMALL.answer), data)
            sock.close()


def refused(*flags):
    done = subprocess.run([TAGMOOR, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", *flags], stderr=subprocess.PIPE, timeout=20)
    return done.returncode, done.stderr.decode()


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


@test
def files_that_may_not_be_read__refused_with_their_names():
    if os.getuid() != 0:
        raise Skip("needs root to become another user")
    folder = path("locked-away")
    os.makedirs(folder, exist_ok=True)
    os.chmod(os.path.dirname(folder), 0o755)
    binary = shutil.copy(TAGMOOR, os.path.dirname(folder))
    names = {}
    for name, source in (("tls.crt", CERT), ("tls.key", KEY), ("policy.yaml", None)):
        names[name] = os.path.join(folder, name)
        if source is not None:
            shutil.copy(source, names[name])
        else:
            with open(names[name], "w") as stream:
                stream.write(subprocess.run([TAGMOOR, "policy", "show"], capture_output=True, text=True).stdout)
    for name in names:
        for each in names.values():
            os.chmod(each, 0o644)
        os.chmod(names[name], 0)
        done = subprocess.run([binary, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--tls-cert-file", names["tls.crt"],
                               "--tls-private-key-file", names["tls.key"], "--policy", names["policy.yaml"]],
                              stderr=subprocess.PIPE, timeout=20, preexec_fn=as_nobody)
        text = done.stderr.decode()
        check_equal(done.returncode, 2, text)
        check(name in text and "Permission denied" in text, name, text)


@test
def folders_and_devices_in_place_of_files__refused():
    for cert, key, *more in (("/", KEY), (CERT, "/"), ("/dev/null", KEY), (CERT, KEY, "--policy", "/")):
        code, text = refused("--tls-cert-file", cert, "--tls-private-key-file", key, *more)
        check_equal(code, 2, cert, key, more, text)


# --- a network namespace of its own ---------------------------------------------------------------------
def ip(*words):
    return subprocess.run(["ip", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def inside(*words):
    return ["ip", "netns", "exec", NAMESPACE, *words]


def with_namespace(function):
    """Runs it in a namespace where only the loopback is up."""
    if ip("netns", "add", NAMESPACE).returncode != 0:
        raise Skip("no network namespace can be made here")
    try:
        # Entering one mounts /sys anew, which a bare root without it cannot do.
        if subprocess.run(inside("true"), stderr=subprocess.DEVNULL).returncode != 0:
            raise Skip("no network namespace can be made here: it cannot be entered")
        ip("-n", NAMESPACE, "link", "set", "lo", "up")
        function()
    finally:
        ip("netns", "delete", NAMESPACE)


def curl(address):
    command = inside("curl", "-s", "-k", "-o", "/dev/null", "-w", "%{http_code}", f"https://{address}/readyz")
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=20)
    return done.stdout.decode()


def check_default_address(*expected):
    """What the default address serves; `expected` are (address, status that curl prints)."""
    command = inside(TAGMOOR, "serve", "--tls-cert-file", CERT, "--tls-private-key-file", KEY, "--lame-duck", "0s", "--log-format", "json")
    with Server(command) as server:
        server.wait_for("listening on")
        for address, status in expected:
            check_equal(curl(address), status, address, server.log())
        check_equal(server.end(), 0)


@test
def default_address__both_families():
    with_namespace(lambda: check_default_address(("127.0.0.1:8443", "200"), ("[::1]:8443", "200")))


@test
def default_address__ipv6_switched_off__ipv4():
    def check_it():
        for name in ("all", "default", "lo"):
            subprocess.run(inside("sysctl", "-q", "-w", f"net.ipv6.conf.{name}.disable_ipv6=1"), check=True)
        check_default_address(("127.0.0.1:8443", "200"))

    with_namespace(check_it)


@test
def default_address__no_network_at_all__starts():
    def check_it():
        ip("-n", NAMESPACE, "link", "set", "lo", "down")
        check_default_address()

    with_namespace(check_it)


main()
