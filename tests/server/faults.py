# SPDX-License-Identifier: Apache-2.0
"""What stress.py does to the server: each fault is a function that tries one bad thing and ends by itself.

A fault takes (server, random) and returns nothing; it raises Wrong where the server answered wrongly.  A connection
that the server closes is never wrong here: the steady client beside them is what must not be harmed.
"""
import socket
import ssl
import subprocess
import time

from certificates import CERT
from harness import CONTEXT, close_with_reset, connect, connect_raw, read_response
from http_shapes import BODY, CHUNKED, POST_HEAD, SHAPES
from reviews import Case, pod

WAIT_S = 20
SMALL = []  # the case of BODY, once prepare() has made it


class Wrong(Exception):
    """The server gave an answer that it must not give."""


def check_right(case, response):
    if not case.is_answered_by(response):
        raise Wrong(f"{case.name}: {response} is not {case.status} {case.answer[:200]}")


# --- TLS ------------------------------------------------------------------------------------------------
class Records:
    """A TLS client whose every byte on the wire passes `send`, which may split, change or withhold it."""

    def __init__(self, sock, send, context=CONTEXT):
        self.sock, self.send = sock, send
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def step(self, function, *arguments):
        while True:
            try:
                result = function(*arguments)
                self.send(self.sock, self.outgoing.read())
                return result
            except ssl.SSLWantReadError:
                self.send(self.sock, self.outgoing.read())
                more = self.sock.recv(65536)
                if not more:
                    raise ConnectionError("closed")
                self.incoming.write(more)

    def sendall(self, data):
        self.step(self.tls.write, data)

    def recv(self, size):
        return self.step(self.tls.read, size)


def send_by_byte(sock, data):
    for i in range(len(data)):
        sock.sendall(data[i:i + 1])


def tls_record_by_byte(server, random):
    with connect_raw(server, WAIT_S) as sock:
        client = Records(sock, send_by_byte)
        client.step(client.tls.do_handshake)
        client.sendall(SMALL[0].bytes)
        check_right(SMALL[0], read_response(client))


def tls_a_record_for_each_byte(server, random):
    with connect(server, timeout=WAIT_S) as sock:
        for i in range(len(SMALL[0].bytes)):
            sock.sendall(SMALL[0].bytes[i:i + 1])
        check_right(SMALL[0], read_response(sock))


def tls_random_pieces(server, random):
    def send(sock, data):
        while data:
            cut = random.randint(1, 200)
            sock.sendall(data[:cut])
            data = data[cut:]

    with connect_raw(server, WAIT_S) as sock:
        client = Records(sock, send)
        client.step(client.tls.do_handshake)
        for _ in range(3):
            client.sendall(SMALL[0].bytes)
            check_right(SMALL[0], read_response(client))


def tls_flipped_bit(server, random):
    """Whatever is changed in transit, there is no right answer and no crash."""
    left = [random.randint(0, 2500)]

    def send(sock, data):
        if 0 <= left[0] < len(data):
            changed = bytearray(data)
            changed[left[0]] ^= 1 << random.randint(0, 7)
            data = bytes(changed)
        left[0] -= len(data)
        sock.sendall(data)

    with connect_raw(server, 2) as sock:
        client = Records(sock, send)
        client.step(client.tls.do_handshake)
        client.sendall(SMALL[0].bytes)
        read_response(client)


def tls_cut_handshake(server, random):
    left = [random.randint(1, 1500)]

    def send(sock, data):
        sock.sendall(data[:left[0]])
        left[0] -= min(len(data), left[0])
        if left[0] == 0:
            raise ConnectionError("cut")

    sock = connect_raw(server, 2)
    try:
        client = Records(sock, send)
        client.step(client.tls.do_handshake)
        client.sendall(BODY)
    finally:
        close_with_reset(sock) if random.random() < 0.5 else sock.close()


OPENINGS = [b"", b"\x16\x03\x01", b"\x16\x03\x03\x40\x00", b"\x80\x2e\x01\x00\x02", b"GET / HTTP/1.1\r\n",
            b"\x15\x03\x01\x00\x02\x02\x00", b"\x17\x03\x03\x00\x00", b"SSH-2.0-x\r\n"]
RECORDS = [b"\x17\x03\x03\x00\x10", b"\x14\x03\x03\x00\x01\x01", b"\x16\x03\x03\x00\x04\x00\x00\x00\x00",
           b"\x17\x03\x03\xff\xff", b"\x15\x03\x03\x00\x02\x01\x00"]


def garbage(server, random):
    with connect_raw(server, 2) as sock:
        sock.sendall(random.choice(OPENINGS) + random.randbytes(random.choice([0, 1, 5, 100, 5000, 65536])))
        sock.recv(1000)


def garbage_after_the_handshake(server, random):
    with connect_raw(server, 2) as sock:
        client = Records(sock, lambda sock, data: sock.sendall(data))
        client.step(client.tls.do_handshake)
        sock.sendall(random.choice(RECORDS) + random.randbytes(64))
        while sock.recv(65536):
            pass


def openssl_client(server, *arguments, text):
    subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *arguments], input=text,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=WAIT_S)


def renegotiation(server, random):
    openssl_client(server, "-tls1_2", text=b"R\nR\nR\n")


def key_updates(server, random):
    openssl_client(server, "-tls1_3", text=b"K\nk\n" * 50 + b"Q\n")


def old_protocols_and_odd_offers(server, random):
    openssl_client(server, *random.choice([("-tls1",), ("-tls1_1",), ("-alpn", "h2"), ("-servername", "x" * 200),
                                           ("-groups", "X448"), ("-cipher", "NULL:@SECLEVEL=0", "-tls1_2"),
                                           ("-no_ticket", "-tls1_2"), ("-status",), ("-early_data", CERT)]), text=b"")


# --- leaving ----------------------------------------------------------------------------------------------
def reset_within_a_request(server, random):
    sock = connect(server, timeout=5)
    try:
        sock.sendall(SMALL[0].bytes[:random.randint(1, len(SMALL[0].bytes))])
    finally:
        close_with_reset(sock)


def reset_after_requests(server, random):
    sock = connect(server, timeout=5)
    try:
        sock.sendall(SMALL[0].bytes)
        if random.random() < 0.5:
            read_response(sock)
            sock.sendall(SMALL[0].bytes * 2)
    finally:
        close_with_reset(sock)


def half_closed(server, random):
    """The client's side is closed: after a whole request its answer may still come."""
    with connect(server, timeout=5) as sock:
        cut = random.choice([0, 50, len(SMALL[0].bytes)])
        sock.sendall(SMALL[0].bytes[:cut])
        socket.socket.shutdown(sock, socket.SHUT_WR)
        data = b""
        while True:
            more = sock.recv(65536)
            if not more:
                break
            data += more
        if data and cut == len(SMALL[0].bytes) and not data.endswith(SMALL[0].answer):
            raise Wrong(f"half closed: {data[:300]}")


def half_closed_for_reading(server, random):
    with connect(server, timeout=2) as sock:
        socket.socket.shutdown(sock, socket.SHUT_RD)
        sock.sendall(SMALL[0].bytes)
        time.sleep(0.05)


def http_shape(server, random):
    """However a request is written: at most one answer comes, and it is the review's or an error."""
    name, data, may_judge = random.choice(SHAPES)
    received = b""
    with connect(server, timeout=0.3) as sock:
        try:
            sock.sendall(data)
            while True:
                more = sock.recv(65536)
                if not more:
                    break
                received += more
        except OSError:
            pass
    answers = received.replace(b"HTTP/1.1 100 ", b"").count(b"HTTP/1.1 ")
    judged = b'"allowed":' in received
    if answers > 1:
        raise Wrong(f"{name}: {answers} answers: {received[:1000]}")
    if judged and not (may_judge and received.endswith(SMALL[0].answer)):
        raise Wrong(f"{name}: judged: {received[:1000]}")


def endless_head(server, random):
    with connect(server, timeout=2) as sock:
        sock.sendall(b"GET /livez HTTP/1.1\r\n")
        for i in range(2000):
            sock.sendall(b"X-%d: %s\r\n" % (i, b"y" * 100))


def lying_length(server, random):
    """Less than was promised, then silence or the end; more than allowed."""
    with connect(server, timeout=0.5) as sock:
        length = random.choice([len(BODY) + 1, 1 << 20, 7 << 20, (8 << 20) + 1, 1 << 40])
        sock.sendall(POST_HEAD + b"Content-Length: %d\r\n\r\n" % length + BODY)
        received = sock.recv(65536)
        if b'"allowed":' in received:
            raise Wrong(f"a part of a body was judged: {received[:300]}")


# --- crowds -----------------------------------------------------------------------------------------------------
def close_all(socks, random):
    for sock in socks:
        try:
            close_with_reset(sock) if random.random() < 0.5 else sock.close()
        except OSError:
            pass


def crowd(server, random, count, open_one, hold_s):
    socks = []
    try:
        for _ in range(count):
            try:
                socks.append(open_one())
            except OSError:
                pass
        time.sleep(hold_s)
    finally:
        close_all(socks, random)


def flood_of_connections(server, random):
    crowd(server, random, 700, lambda: connect_raw(server, 3), 0.3)


def flood_of_tls_connections(server, random):
    crowd(server, random, 150, lambda: connect(server, timeout=3), 0.3)


def flood_of_used_connections(server, random):
    def open_one():
        sock = connect(server, timeout=5)
        sock.sendall(SMALL[0].bytes)
        check_right(SMALL[0], read_response(sock))
        return sock

    crowd(server, random, 100, open_one, 0.1)


def churn(server, random):
    for _ in range(30):
        with connect(server, timeout=5) as sock:
            sock.sendall(SMALL[0].bytes)
            check_right(SMALL[0], read_response(sock))


def slow_crowd(server, random, count, first, rest, seconds):
    """Connections that each send a byte of `rest` every now and then."""
    socks = []

    def open_one():
        sock = connect(server, timeout=3, receive_bytes=2048)
        sock.sendall(first)
        return sock

    try:
        for _ in range(count):
            try:
                socks.append(open_one())
            except OSError:
                pass
        end, position = time.monotonic() + seconds, 0
        while time.monotonic() < end and socks:
            for sock in list(socks):
                try:
                    sock.sendall(rest[position % len(rest):position % len(rest) + 1])
                except OSError:
                    socks.remove(sock)
                    sock.close()
            position += 1
            time.sleep(0.3)
    finally:
        close_all(socks, random)


def slow_heads(server, random):
    slow_crowd(server, random, 60, b"POST /validate HTTP/1.1\r\n", b"X: y\r\n", 6)


def slow_bodies(server, random):
    slow_crowd(server, random, 60, POST_HEAD + b"Content-Length: 100000\r\n\r\n", BODY, 6)


def slow_large_bodies(server, random):
    slow_crowd(server, random, 20, POST_HEAD + b"Content-Length: 7000000\r\n\r\n" + b" " * 60000, b" ", 6)


def slow_readers(server, random):
    """Requests whose answers nobody reads."""
    def open_one():
        sock = connect(server, timeout=3, receive_bytes=2048)
        sock.sendall(SMALL[0].bytes)
        return sock

    crowd(server, random, 50, open_one, 3)


# --- bodies -----------------------------------------------------------------------------------------------------
def many_containers(count, image):
    return pod(images=[image.format(i) for i in range(count)])


def made_bodies():
    """name -> body: hostile or odd, each with an answer of its own."""
    start, end = BODY.split(b'"web"', 1)
    levels = b'{"a":' * 4000 + b"[" * 5990 + b"]" * 5990 + b"}" * 4000
    return {
        "10,000 containers": many_containers(10000, "nginx:1.{}.0"),
        "10,000 containers, all denied": many_containers(10000, "nginx{}:latest"),
        "20,000 containers": many_containers(20000, "nginx:1.{}.0"),
        "20,000 containers, the last denied": pod(images=["nginx:1.2.3"] * 19999 + ["nginx:latest"]),
        "10,000 levels": start + b'"web","x":' + levels + end,
        "10,001 levels and more": start + b'"web","x":' + b"[" * 20000 + b"]" * 20000 + end,
        "a million open brackets": start + b'"web","x":' + b"[" * 1000000,
        "7 MiB of escapes": start + b'"web","x":"' + b"\\u00e9" * ((7 << 20) // 6 - 500) + b'"' + end,
        "7 MiB of escaped quotes in the name": start + b'"' + b'\\"' * ((7 << 20) // 2 - 1000) + b'"' + end,
        "a name of 3 MiB": start + b'"' + b"w" * (3 << 20) + b'"' + end,
        "an image of 3 MiB": pod(images=["n" * (3 << 20) + ":1.2.3"]),
        "an image of 3 MiB of slashes": pod(images=["/" * (3 << 20)]),
        "a tag of 1 MiB of digits and dots": pod(images=["nginx:" + "1." * (1 << 19)]),
        "a key of 3 MiB": start + b'"web","' + b"k" * (3 << 20) + b'":1' + end,
        "a number of 3 MiB": start + b'"web","x":' + b"1" * (3 << 20) + end,
        "500,000 keys": start + b'"web"' + b"".join(b',"k%d":0' % i for i in range(500000)) + end,
        "invalid UTF-8 in a name": start + b'"\xff\xfe"' + end,
        "overlong UTF-8 in an image": BODY.replace(b"nginx:", b"ngin\xc1\xb8:"),
        "a surrogate in UTF-8": start + b'"\xed\xa0\x80"' + end,
        "a lone surrogate": start + b'"\\ud800"' + end,
        "a NUL": start + b'"a\\u0000b"' + end,
        "a raw NUL": start + b'"a\0b"' + end,
        "the same key twice": BODY.replace(b'"containers"', b'"containers": [], "containers"'),
        "keys in other case": BODY.replace(b'"containers"', b'"Containers"'),
        "cut in the middle": BODY[:len(BODY) // 2],
        "two documents": BODY + BODY,
        "a byte order mark": b"\xef\xbb\xbf" + BODY,
        "nothing": b"",
        "blanks": b" " * (1 << 20),
        "an array": b"[" + BODY + b"]",
        "NaN": start + b'"web","x":NaN' + end,
        "the largest review": pod(images=[f"app-{i}:v{i}.2.3" for i in range(4096)], padding=150,
                                  old=[f"app-{i}:v{i}.2.2" for i in range(4096)]),
    }


MADE = []


def prepare_small():
    SMALL.append(Case("a small review", BODY))


def prepare():
    """Asks `tagmoor review` for the answers, once and before the load."""
    prepare_small()
    MADE.extend(Case(name, body) for name, body in made_bodies().items())


def made_body(server, random):
    case = random.choice(MADE)
    with connect(server, timeout=60) as sock:
        sock.sendall(case.bytes)
        check_right(case, read_response(sock))


def made_body_in_chunks(server, random):
    case = random.choice(MADE)
    with connect(server, timeout=60) as sock:
        sock.sendall(POST_HEAD + CHUNKED + b"\r\n")
        position = 0
        while position < len(case.body):
            piece = case.body[position:position + random.choice([1, 1000, 16384, 100000, 1 << 20])]
            sock.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n")
            position += len(piece)
        sock.sendall(b"0\r\n\r\n")
        check_right(case, read_response(sock))


def too_large_body(server, random):
    with connect(server, timeout=60) as sock:
        size = (7 << 20) + random.choice([1, 1000, 1 << 19])
        sock.sendall(POST_HEAD + b"Content-Length: %d\r\n\r\n" % size + b" " * size)
        response = read_response(sock)
        if response.status != 413:
            raise Wrong(f"{size} bytes: {response}")


# A process each; within one, each fault has the same chance unless it is there several times.
GROUPS = {
    "wire": [tls_record_by_byte, tls_a_record_for_each_byte, tls_random_pieces, tls_flipped_bit, tls_cut_handshake,
             garbage, garbage_after_the_handshake, renegotiation, key_updates, old_protocols_and_odd_offers,
             reset_within_a_request, reset_after_requests, half_closed, half_closed_for_reading],
    "http": [http_shape] * 12 + [endless_head, lying_length],
    "bodies": [made_body, made_body, made_body_in_chunks, too_large_body],
    "crowds": [flood_of_connections, flood_of_tls_connections, flood_of_used_connections, churn, churn],
    "slow": [slow_heads, slow_bodies, slow_large_bodies, slow_readers],
}
BAD_INPUTS = {http_shape, made_body, made_body_in_chunks, too_large_body, lying_length, endless_head, garbage,
              garbage_after_the_handshake}
