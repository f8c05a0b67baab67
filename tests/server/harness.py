"""What the server's tests share: throw-away certificates, a server under test, a raw HTTP client, TAP."""
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import Skip, check, check_equal, main, test  # noqa: E402,F401

BARE_SERVER = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tests/server/bare_server")
ENVIRONMENT = dict(os.environ, LSAN_OPTIONS="print_suppressions=0:suppressions=" +
                   os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan.supp"), TSAN_OPTIONS="atexit_sleep_ms=0")
# A server that is killed leaves no figures of what it ran: in this build it is asked to end, and does so soon.
MEASURES_COVERAGE = "coverage" in BARE_SERVER
END_SOON = ["--lame-duck", "0", "--drain", "500"] if MEASURES_COVERAGE else []
SLACK = 2  # seconds that a busy machine may add to what is waited for
JSON = {"Content-Type": "application/json"}
FOLDER = tempfile.TemporaryDirectory(prefix="moor-server-")


# --- certificates -----------------------------------------------------------------------------------
def path(name):
    return os.path.join(FOLDER.name, name)


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=FOLDER.name)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stdout.decode()}")


def make_pair(name, san="DNS:localhost,IP:127.0.0.1", start=None, end=None):
    """An ECDSA P-256 key and a self-signed certificate; `start` and `end` as YYYYMMDDHHMMSSZ."""
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    openssl("req", "-new", "-key", f"{name}.key", "-subj", "/CN=tagmoor-test", "-out", f"{name}.csr")
    with open(path(f"{name}.cnf"), "w") as config:
        config.write(f"""[ca]
default_ca = own
[own]
database = {path(name)}.index
serial = {path(name)}.serial
new_certs_dir = {FOLDER.name}
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
basicConstraints = CA:TRUE
{"subjectAltName = " + san if san else ""}
""")
    open(path(f"{name}.index"), "w").close()
    with open(path(f"{name}.serial"), "w") as serial:
        serial.write("01\n")
    dates = ["-startdate", start, "-enddate", end] if start else ["-days", "2"]
    openssl("ca", "-batch", "-selfsign", "-config", f"{name}.cnf", "-keyfile", f"{name}.key", "-in", f"{name}.csr",
            "-out", f"{name}.crt", "-notext", *dates)
    return path(f"{name}.crt"), path(f"{name}.key")


CERT, KEY = make_pair("good")


# --- the server ---------------------------------------------------------------------------------------
class Server:
    """A bare_server with flags; leaves it killed at the end of a `with` if it still runs."""

    def __init__(self, *flags, cert=CERT, key=KEY, listen=("127.0.0.1:0",), wait=True, environment=None):
        addresses = [word for address in listen for word in ("--listen", address)]
        self.lines = []
        self.process = subprocess.Popen([BARE_SERVER, *addresses, "--cert", cert, "--key", key, *END_SOON,
                                         *map(str, flags)],
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env=dict(ENVIRONMENT, **(environment or {})))
        threading.Thread(target=self._read, daemon=True).start()
        self.ports = []
        if wait:
            for _ in listen:
                found = self.wait_for(r"listening on '.*:(\d+)'", len(self.ports) + 1)
                self.ports.append(int(found))
            self.port = self.ports[0]

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))
        self.process.stderr.close()

    def log(self):
        return "\n".join(self.lines)

    def wait_for(self, pattern, count=1, seconds=20):
        """The last group of the match number `count` in the log."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.findall(pattern, self.log())
            if len(found) >= count:
                return found[count - 1]
            if self.process.poll() is not None:
                time.sleep(0.1)
                found = re.findall(pattern, self.log())
                if len(found) >= count:
                    return found[count - 1]
                break
            time.sleep(0.01)
        raise AssertionError(f"no {pattern!r} in the server's log:\n{self.log()}")

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

    def signal(self, name):
        self.process.send_signal(getattr(__import__("signal"), "SIG" + name))

    def wait(self, seconds=20):
        code = self.process.wait(seconds)
        time.sleep(0.05)
        return code

    def end(self, seconds=20):
        """SIGTERM, and the exit status."""
        self.signal("TERM")
        return self.wait(seconds)

    def status(self, field):
        """A figure of /proc/PID/status in KiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(rf"^{field}:\s+(\d+)", status.read(), re.M).group(1))

    def __enter__(self):
        return self

    def _end_soon(self):
        try:
            self.end()
        except subprocess.TimeoutExpired:
            pass

    def __exit__(self, *error):
        if MEASURES_COVERAGE and self.process.poll() is None:
            self._end_soon()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if re.search(r"(Address|Leak|Thread)Sanitizer|runtime error", self.log()):
            raise AssertionError("a sanitizer reports:\n" + self.log())


def is_sanitized():
    """Whether the server was built with a sanitizer: memory and speed then say nothing."""
    return bool(re.search(r"address|thread|undefined", BARE_SERVER))


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
    with connect(server) as sock:
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
