# SPDX-License-Identifier: Apache-2.0
"""Shared by the server's tests: the servers under test, a raw HTTP client, TAP."""
import collections
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import server_process  # noqa: E402
from certificates import CERT, FOLDER, KEY  # noqa: E402
from server_process import BUILD, ENVIRONMENT, IS_SANITIZED, MEASURES_COVERAGE, TAGMOOR, Server, free_port, wait_until  # noqa: E402,F401
from tap import Skip, add, alone, check, check_equal, main, test  # noqa: E402,F401

BARE_SERVER = os.path.join(BUILD, "tests/server/bare_server")
# A server that measures coverage is asked to end, and does so soon.
END_SOON = ["--lame-duck", "0", "--drain", "500"] if MEASURES_COVERAGE else []
SLACK = 2  # seconds that a busy machine may add to what is waited for
JSON = {"Content-Type": "application/json"}
MIB = 1 << 20

Address = collections.namedtuple("Address", "port")  # as much of a server as a client in another process needs


# --- the servers ----------------------------------------------------------------------------------------
class Tagmoor(server_process.Tagmoor):
    """`tagmoor serve` with a certificate; relative paths in its flags are below the folder of the certificates."""

    def __init__(self, *flags, cert=CERT, key=KEY, **options):
        super().__init__(*flags, cert=cert, key=key, cwd=FOLDER.name, **options)


class BareServer(Server):
    """The server with a handler that evaluates nothing (bare_server.c), for tests of its limits."""

    def __init__(self, *flags, cert=CERT, key=KEY, listen=("127.0.0.1:0",), **options):
        addresses = [word for address in listen for word in ("--listen", address)]
        super().__init__([BARE_SERVER, *addresses, "--cert", cert, "--key", key, *END_SOON, *flags], **options)
        self.ports = [int(self.wait_for(r"listening on '.*:(\d+)'", number)) for number in range(1, len(listen) + 1)]
        self.port = self.ports[0]

    def counters(self):
        """{'limit body': 2, …} as they are now; those that are 0 are missing."""
        ends = self.log().count("counter: end")
        self.signal("HUP")
        self.wait_for("counter: end", ends + 1)
        last = self.log().split("counter: end")[ends]
        return {name: int(value) for name, value in re.findall(r"counter: (\w+ \w+) (\d+)", last)}

    def wait_counted(self, name, value, seconds=5):
        """The counters, once the one named has reached the value."""
        end = time.monotonic() + seconds
        while True:
            counted = self.counters()
            if counted.get(name, 0) >= value:
                return counted
            check(time.monotonic() < end, name, "did not reach", value, counted)
            time.sleep(0.02)

    def wait_below(self, name, value, seconds=5):
        """Until the counter named is below the value."""
        end = time.monotonic() + seconds
        while self.counters().get(name, 0) >= value:
            check(time.monotonic() < end, name, "did not get below", value, self.counters())
            time.sleep(0.02)

    def wait_idle(self, seconds=5):
        """Until no connection is open any more; nothing is charged for any then."""
        end = time.monotonic() + seconds
        while self.counters().get("server open", 0) > 0:
            check(time.monotonic() < end, "connections stay open", self.counters())
            time.sleep(0.02)
        check_equal(self.counters()["server buffered"], 0)


# --- the client ------------------------------------------------------------------------------------------
def tls_context(**changes):
    context = ssl.create_default_context(cafile=CERT)
    for name, value in changes.items():
        setattr(context, name, value)
    return context


CONTEXT = tls_context()


def connect_raw(server, timeout=10, receive_bytes=None):
    sock = socket.socket()
    if receive_bytes:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    sock.settimeout(timeout)
    sock.connect(("127.0.0.1", server.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def connect(server, context=None, **options):
    raw = connect_raw(server, **options)
    try:
        return (context or CONTEXT).wrap_socket(raw, server_hostname="localhost")
    except Exception:
        raw.close()
        raise


class PromptClient:
    """A TLS connection whose ClientHello is made before it connects, so that a busy machine does not delay it: among many
    connections, the server takes a client that is silent for 200 ms for part of a flood."""

    def __init__(self, server, context=None, **options):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or CONTEXT).wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.sock = connect_raw(server, **options)
        try:
            self._call(self.tls.do_handshake)
        except Exception:
            self.sock.close()
            raise

    def _call(self, function, *arguments):
        """Calls the function of the TLS object until the server has sent enough for it."""
        while True:
            self.sock.sendall(self.outgoing.read())
            try:
                result = function(*arguments)
                self.sock.sendall(self.outgoing.read())
                return result
            except ssl.SSLWantReadError:
                self.sock.sendall(self.outgoing.read())
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError("closed by the server")
            self.incoming.write(data)

    def sendall(self, data):
        self._call(self.tls.write, data)

    def recv(self, most):
        return self._call(self.tls.read, most)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def request_bytes(method, target, body=None, headers=None, version="1.1"):
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines + ["", ""]).encode() + (body or b"")


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:200]}"


def read_until(sock, data, end):
    while end not in data:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError(f"closed after {data[:200]!r}")
        data += more
    return data


def read_response(sock, head_only=False):
    """One answer; a 100 before it is left out."""
    head, rest = read_until(sock, b"", b"\r\n\r\n").split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    status = int(lines[0].split()[1])
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
    length = 0 if head_only else int(headers.get("content-length", 0))
    while len(rest) < length:
        more = sock.recv(65536)
        if not more:
            raise ConnectionError("closed within an answer")
        rest += more
    return Response(status, headers, rest[:length])


def ask(sock, method, target, body=None, headers=None):
    sock.sendall(request_bytes(method, target, body, headers))
    return read_response(sock, method == "HEAD")


def ask_once(server, method, target, body=None, headers=None):
    with PromptClient(server) as sock:
        return ask(sock, method, target, body, headers)


def post(server, body=b"{}", target="/validate"):
    return ask_once(server, "POST", target, body, JSON)


def seconds_until_closed(sock, limit=10):
    """How long the other side still keeps the connection, at most `limit`."""
    start = time.monotonic()
    sock.settimeout(limit)
    try:
        while sock.recv(65536):
            pass
    except socket.timeout:
        return limit
    except (OSError, ssl.SSLError):
        pass
    return time.monotonic() - start


def close_with_reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def in_threads(functions):
    """Runs the functions at the same time, and waits for all."""
    threads = [threading.Thread(target=function, daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
