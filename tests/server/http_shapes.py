# SPDX-License-Identifier: Apache-2.0
"""Requests of every bad shape, for faults.py."""
from reviews import pod

BODY = pod()
POST_HEAD = b"POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HIDDEN = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"

# name, bytes, whether the review in them may be evaluated
SHAPES = [
    ("both lengths", POST_HEAD + LENGTH + CHUNKED + b"\r\n" + CHUNKS + HIDDEN, True),
    ("both lengths, the other order", POST_HEAD + CHUNKED + b"Content-Length: 5\r\n\r\n" + CHUNKS + HIDDEN, True),
    ("two lengths that differ", POST_HEAD + LENGTH + b"Content-Length: 5\r\n\r\n" + BODY + HIDDEN, True),
    ("two lengths, the first short", POST_HEAD + b"Content-Length: 0\r\n" + LENGTH + b"\r\n" + HIDDEN + BODY, True),
    ("a list of lengths", POST_HEAD + b"Content-Length: 5, 5\r\n\r\n" + BODY, False),
    ("a signed length", POST_HEAD + b"Content-Length: +5\r\n\r\n" + BODY, False),
    ("a hexadecimal length", POST_HEAD + b"Content-Length: 0x5\r\n\r\n" + BODY, False),
    ("an empty length", POST_HEAD + b"Content-Length: \r\n\r\n" + BODY, True),
    ("a huge length", POST_HEAD + b"Content-Length: 18446744073709551616\r\n\r\n" + BODY, False),
    ("the largest length", POST_HEAD + b"Content-Length: 18446744073709551615\r\n\r\n" + BODY, False),
    ("a blank before the colon", POST_HEAD + b"Content-Length : 5\r\n\r\n" + BODY, False),
    ("a blank before chunked", POST_HEAD + b"Transfer-Encoding : chunked\r\n" + LENGTH + b"\r\n" + CHUNKS, False),
    ("a folded length", POST_HEAD + b"Content-Length:\r\n %d\r\n\r\n" % len(BODY) + BODY + HIDDEN, True),
    ("a folded encoding", POST_HEAD + b"Transfer-Encoding:\r\n chunked\r\n" + LENGTH + b"\r\n" + CHUNKS, True),
    ("a folded value", POST_HEAD + b"X: a\r\n\tb\r\n" + LENGTH + b"\r\n" + BODY + HIDDEN, True),
    ("bare line feeds", (POST_HEAD + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY + HIDDEN, True),
    ("a bare carriage return", POST_HEAD + b"X: a\rContent-Length: 5\r\n" + LENGTH + b"\r\n" + BODY, False),
    ("a NUL in a value", POST_HEAD + b"X: a\0b\r\n" + LENGTH + b"\r\n" + BODY, False),
    ("chunked, then identity", POST_HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKS, False),
    ("identity", POST_HEAD + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + BODY, False),
    ("chunked twice", POST_HEAD + CHUNKED * 2 + b"\r\n" + CHUNKS + HIDDEN, True),
    ("xchunked", POST_HEAD + b"Transfer-Encoding: xchunked\r\n" + LENGTH + b"\r\n" + CHUNKS, False),
    ("chunked in odd case", POST_HEAD + b"tRANSFER-eNCODING: cHUNKED\r\n\r\n" + CHUNKS + HIDDEN, True),
    ("chunk extensions", POST_HEAD + CHUNKED + b"\r\n" + CHUNKS.replace(b"\r\n", b";a=\"b;c\"\r\n", 1) + HIDDEN, True),
    ("a long chunk extension", POST_HEAD + CHUNKED + b"\r\n"
     + CHUNKS.replace(b"\r\n", b";" + b"a" * 60000 + b"\r\n", 1), True),
    ("trailers", POST_HEAD + CHUNKED + b"\r\n" + CHUNKS[:-2] + b"Content-Length: 5\r\nX: y\r\n\r\n" + HIDDEN, True),
    ("many trailers", POST_HEAD + CHUNKED + b"\r\n" + CHUNKS[:-2] + b"X: y\r\n" * 200 + b"\r\n", True),
    ("a huge chunk size", POST_HEAD + CHUNKED + b"\r\nfffffffffffffffff\r\n" + BODY, False),
    ("the largest chunk size", POST_HEAD + CHUNKED + b"\r\nffffffffffffffff\r\n" + BODY, False),
    ("a negative chunk size", POST_HEAD + CHUNKED + b"\r\n-1\r\n" + BODY, False),
    ("a chunk longer than said", POST_HEAD + CHUNKED + b"\r\n5\r\n" + BODY + b"\r\n0\r\n\r\n", False),
    ("a chunk without its end", POST_HEAD + CHUNKED + b"\r\n%x\r\n" % len(BODY) + BODY + b"0\r\n\r\n", False),
    ("chunks of one byte", POST_HEAD + CHUNKED + b"\r\n"
     + b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n", True),
    ("leading zeros in a chunk size", POST_HEAD + CHUNKED + b"\r\n" + b"0" * 64 + CHUNKS, False),
    ("an absolute target", POST_HEAD.replace(b"/validate", b"http://x/validate") + LENGTH + b"\r\n" + BODY, True),
    ("an encoded path", POST_HEAD.replace(b"/validate", b"/%76alidate") + LENGTH + b"\r\n" + BODY, True),
    ("a path of dots", POST_HEAD.replace(b"/validate", b"/../" * 1000 + b"validate") + LENGTH + b"\r\n" + BODY, True),
    ("no host", POST_HEAD.replace(b"Host: localhost\r\n", b"") + LENGTH + b"\r\n" + BODY, True),
    ("two hosts", POST_HEAD + b"Host: other\r\n" + LENGTH + b"\r\n" + BODY, True),
    ("blank lines before", b"\r\n\r\n" + POST_HEAD + LENGTH + b"\r\n" + BODY, True),
    ("no version", b"POST /validate\r\n\r\n" + BODY, False),
    ("version 0.9", POST_HEAD.replace(b"HTTP/1.1", b"HTTP/0.9") + LENGTH + b"\r\n" + BODY, False),
    ("version 2.0", POST_HEAD.replace(b"HTTP/1.1", b"HTTP/2.0") + LENGTH + b"\r\n" + BODY, False),
    ("the HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0", False),
    ("an upgrade to h2c", POST_HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
     + b"HTTP2-Settings: AAMAAABk\r\n" + LENGTH + b"\r\n" + BODY, True),
    ("a proxy's request", b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", False),
    ("an expectation that nobody knows", POST_HEAD + b"Expect: 200-ok\r\n" + LENGTH + b"\r\n" + BODY, False),
    ("a range", POST_HEAD + b"Range: bytes=0-1\r\n" + LENGTH + b"\r\n" + BODY, True),
    ("101 headers", POST_HEAD + b"".join(b"H%d: x\r\n" % i for i in range(101)) + LENGTH + b"\r\n" + BODY, False),
    ("90 headers of 600 bytes", POST_HEAD + b"".join(b"H%d: %s\r\n" % (i, b"x" * 600) for i in range(90)) + LENGTH
     + b"\r\n" + BODY, True),
    ("a header of 100 KB", POST_HEAD + b"X: " + b"y" * 100000 + b"\r\n" + LENGTH + b"\r\n" + BODY, False),
    ("a header name of 50 KB", POST_HEAD + b"y" * 50000 + b": x\r\n" + LENGTH + b"\r\n" + BODY, True),
    ("a target of 50 KB", POST_HEAD.replace(b"/validate", b"/validate?" + b"x" * 50000) + LENGTH + b"\r\n" + BODY,
     True),
    ("pipelined", (POST_HEAD + LENGTH + b"\r\n" + BODY) * 20, True),
    ("pipelined, without bodies", HIDDEN * 500, False),
]
