#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Routes, errors, bodies and TLS of the server, as clients see them."""
import socket
import ssl
import subprocess

from certificates import CERT
from harness import (JSON, SLACK, BareServer, ask, ask_once, check, check_equal, connect, connect_raw, main, post,
                     read_response, request_bytes, seconds_until_closed, test, tls_context)

SERVER = BareServer("--max-body-bytes", 300000, "--lame-duck", 100)


def check_error(answer, status):
    """Error answers are text, one line, without request data."""
    check_equal(answer.status, status, answer)
    check(answer.headers["content-type"].startswith("text/plain"), answer)
    check_equal(answer.body.count(b"\n"), 1, answer)
    check(b"nix" not in answer.body, answer)
    check("server" not in answer.headers, answer)


@test
def segments__client_on_loopback__two_fit_in_the_receive_buffer():
    # A client whose segments are as large as the window waits for its timer: 200 ms for each 30 KB of a large body.
    with connect_raw(SERVER) as sock:
        check(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) <= 32768 // 2)


@test
def livez_and_readyz__get_and_head__200():
    for target in ("/livez", "/readyz", "/readyz?verbose", "/readyz?timeout=3s"):
        check_equal(ask_once(SERVER, "GET", target).status, 200)
        check_equal(ask_once(SERVER, "HEAD", target).status, 200)
    check_equal(ask_once(SERVER, "GET", "/readyz").body, b"ok\n")
    verbose = ask_once(SERVER, "GET", "/readyz?verbose").body
    check(b"[+]serving ok\n[+]certificate ok\n[+]bare ok\n" in verbose, verbose)


@test
def validate__with_and_without_environment_and_query__handed_over():
    check_equal(post(SERVER, b"{}").body, b"2 \n")
    check_equal(post(SERVER, b"{}", "/validate?timeout=10s").body, b"2 \n")
    check_equal(post(SERVER, b"{}", "/validate/production?timeout=10s").body, b"2 production\n")
    check_equal(post(SERVER, b"{}", "/x/../validate/./a-b.c_1").body, b"2 a-b.c_1\n")


@test
def wrong_path__404():
    for target in ("/", "/nix", "/validate/", "/validate/a/b", "/validatenix", "/livez/nix", "/validate/%00nix",
                   "/validate/a%0Anix", "/validate/" + "a" * 64):
        check_error(post(SERVER, b"{}", target), 404)


@test
def wrong_method__405_with_allow():
    for method in ("GET", "PUT", "DELETE", "NIX"):
        answer = ask_once(SERVER, method, "/validate", b"{}", JSON)
        check_error(answer, 405)
        check_equal(answer.headers["allow"], "POST")
    answer = post(SERVER, b"{}", "/readyz")
    check_error(answer, 405)
    check_equal(answer.headers["allow"], "GET, HEAD")


@test
def content_type__json_with_parameters_in_any_case__accepted():
    for value in ("application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;a=b"):
        check_equal(ask_once(SERVER, "POST", "/validate", b"{}", {"Content-Type": value}).status, 200, value)


@test
def content_type__missing_or_other__415():
    check_error(ask_once(SERVER, "POST", "/validate", b"{}"), 415)
    for value in ("text/nix", "application/jsonnix", "application/yaml", ";application/json", ""):
        check_error(ask_once(SERVER, "POST", "/validate", b"{}", {"Content-Type": value}), 415)


@test
def keep_alive__three_requests_in_one_connection__answered():
    with connect(SERVER) as sock:
        for length in (10, 100000, 0):
            answer = ask(sock, "POST", "/validate", b"x" * length, JSON)
            check_equal(answer.body, b"%d \n" % length)
            check_equal(answer.headers["connection"], "keep-alive")


@test
def http_1_0__answered_and_closed():
    with connect(SERVER) as sock:
        sock.sendall(request_bytes("POST", "/validate", b"{}", JSON, "1.0"))
        check_equal(read_response(sock).status, 200)
        check(seconds_until_closed(sock) < 1 + SLACK)


@test
def chunked_body__with_extension_and_trailer__put_together():
    with connect(SERVER) as sock:
        sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Transfer-Encoding": "chunked"})))
        sock.sendall(b"5\r\nhello\r\n6;a=b\r\n")
        sock.sendall(b" world\r\n0\r\nX-Trailer: 1\r\n\r\n")
        check_equal(read_response(sock).body, b"11 \n")
        check_equal(ask(sock, "POST", "/validate", b"abc", JSON).body, b"3 \n")


@test
def expect_100_continue__asked_for_the_body():
    with connect(SERVER) as sock:
        headers = dict(JSON, **{"Expect": "100-continue", "Content-Length": "3"})
        sock.sendall(request_bytes("POST", "/validate", None, headers))
        check_equal(read_response(sock).status, 100)
        sock.sendall(b"abc")
        check_equal(read_response(sock).body, b"3 \n")


@test
def curl__posts_with_its_own_expect__answered():
    body = "x" * 200000
    done = subprocess.run(["curl", "-s", "--cacert", CERT, "-H", "Content-Type: application/json", "-H",
                           "Expect: 100-continue", "--data-binary", "@-", f"https://localhost:{SERVER.port}/validate"],
                          input=body.encode(), stdout=subprocess.PIPE, timeout=20)
    check_equal(done.stdout, b"200000 \n")


@test
def body__at_the_limit_accepted__above_it_413():
    check_equal(post(SERVER, b"x" * 299999).status, 200)
    check_equal(post(SERVER, b"x" * 300000).status, 200)
    with connect(SERVER) as sock:
        answer = ask(sock, "POST", "/validate", b"x" * 300001, JSON)
        check_error(answer, 413)
        check_equal(ask(sock, "POST", "/validate", b"x", JSON).status, 200)
    check_error(post(SERVER, b"x" * 1300000), 413)


@test
def body__far_above_the_limit__413_before_it_is_read():
    with connect(SERVER) as sock:
        headers = dict(JSON, **{"Content-Length": str(300000 + (1 << 20) + 1)})
        sock.sendall(request_bytes("POST", "/validate", None, headers))
        answer = read_response(sock)
        check_equal(answer.status, 413)
        check_equal(answer.headers["connection"], "close")
        check(answer.headers["content-type"].startswith("text/plain"), answer)


@test
def chunked_body__far_above_the_limit__413_and_closed():
    with connect(SERVER) as sock:
        sock.sendall(request_bytes("POST", "/validate", None, dict(JSON, **{"Transfer-Encoding": "chunked"})))
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            for _ in range(40):
                sock.sendall(chunk)
        except OSError:
            pass
        check(seconds_until_closed(sock) < 2 + SLACK)
    check_equal(post(SERVER).status, 200)


@test
def malformed_requests__400_or_closed__others_served():
    for text in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n bad\r\n\r\n",
                 b"POST /validate HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                 b"POST /validate HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                 b"POST /validate HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
                 b"POST /validate HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnix\r\n"):
        with connect(SERVER) as sock:
            sock.sendall(text)
            check_equal(read_response(sock).status, 400, text)
    headers = "".join(f"H{i}: x\r\n" for i in range(101))
    with connect(SERVER) as sock:
        sock.sendall(b"GET /livez HTTP/1.1\r\n" + headers.encode() + b"\r\n")
        check_equal(read_response(sock).status, 400)
    check_equal(post(SERVER).status, 200)


@test
def pipelined_requests__first_answered_and_closed():
    with connect(SERVER) as sock:
        sock.sendall(request_bytes("POST", "/validate", b"abc", JSON) * 2)
        answer = read_response(sock)
        check_equal(answer.body, b"3 \n")
        check_equal(answer.headers["connection"], "close")
        check(seconds_until_closed(sock) < 1 + SLACK)


@test
def http2_preface__400():
    with connect(SERVER) as sock:
        sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        check_equal(read_response(sock).status, 400)


@test
def upgrade_to_h2c__ignored():
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    check_equal(ask_once(SERVER, "GET", "/livez", None, headers).status, 200)


@test
def alpn__never_h2():
    for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), (["h2"], None), ([], None)):
        context = tls_context()
        if offered:
            context.set_alpn_protocols(offered)
        with connect(SERVER, context) as sock:
            check_equal(sock.selected_alpn_protocol(), chosen, offered)
            check_equal(ask(sock, "GET", "/livez").status, 200)


@test
def tls__1_2_and_1_3_served():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with connect(SERVER, tls_context(minimum_version=version, maximum_version=version)) as sock:
            check_equal(sock.version(), version.name.replace("_", "."))
            check_equal(ask(sock, "POST", "/validate", b"x" * 50000, JSON).status, 200)


@test
def tls__1_1_refused():
    before = SERVER.counters().get("handshake protocol", 0)
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{SERVER.port}", "-tls1_1", "-cipher",
                           "ALL:@SECLEVEL=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=20)
    check(done.returncode != 0 and b"Cipher is (NONE)" in done.stdout, done.stdout.decode())
    check_equal(SERVER.counters().get("handshake protocol", 0), before + 1)


@test
def tls__renegotiation_refused():
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{SERVER.port}", "-tls1_2"], input=b"R\n",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    after = done.stdout.decode(errors="replace").partition("RENEGOTIATING")[2]
    check(done.returncode != 0 and "error" in after, done.stdout.decode(errors="replace")[-2000:])
    check_equal(post(SERVER).status, 200)


@test
def plain_http_and_garbage_on_the_tls_port__closed_and_counted():
    before = SERVER.counters().get("handshake protocol", 0)
    for text in (b"GET /livez HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x00" * 70000, bytes(range(256)) * 4):
        with connect_raw(SERVER) as sock:
            try:
                sock.sendall(text)
            except OSError:
                pass
            check(seconds_until_closed(sock) < 2 + SLACK, text[:10])
    check_equal(SERVER.counters()["handshake protocol"], before + 3)


@test
def client_that_does_not_trust_the_certificate__counted_and_logged():
    try:
        connect(SERVER, ssl.create_default_context()).close()
        raise AssertionError("the client trusts it")
    except ssl.SSLError:
        pass
    SERVER.wait_for(r"warn: TLS handshake with '127\.0\.0\.1:\d+' failed: refused: unknown CA")
    check_equal(SERVER.counters()["handshake refused"], 1)


@test
def several_addresses__all_served():
    with BareServer(listen=("127.0.0.1:0", "[::]:0")) as server:
        check(server.ports[0] != server.ports[1] and 0 not in server.ports)
        for port in server.ports:
            server.port = port
            check_equal(post(server).status, 200)


@test
def counters__of_all_of_this__by_cause():
    counted = SERVER.counters()
    for name in ("request malformed", "request path", "request method", "request content_type", "request body_size",
                 "limit body", "limit pipeline"):
        check(counted.get(name, 0) > 0, name, counted)
    check_equal(counted["server buffered"], 0)


@test
def end__no_sanitizer_report():
    with SERVER:
        check_equal(SERVER.end(), 0, SERVER.log())


main()
