#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mutual TLS: who is let in, who is not, and that the log says why; what does not start, and why."""
import re
import ssl
import subprocess

from certificates import make_ca, make_leaf, make_pair, path
from harness import JSON, TAGMOOR, Tagmoor, ask, check, check_equal, connect, main, test
from reviews import judge, review

CERT, KEY = make_pair("serving")
CA = make_ca("client-ca")
make_ca("foreign-ca")
LONG_AGO = ("-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
GOOD = make_leaf("good-client", "client-ca")
BY_SAN = make_leaf("san-client", "client-ca", "/O=example", "DNS:Kube-APIserver.example,DNS:x.example")
NAMELESS = make_leaf("nameless-client", "client-ca", "/O=system:masters", "DNS:kube-apiserver.example")


def context_of(client=None, version=None):
    context = ssl.create_default_context(cafile=CERT)
    if client:
        context.load_cert_chain(*client)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def serve(*flags, **options):
    return Tagmoor("--client-ca-file", CA, *flags, cert=CERT, key=KEY, **options)


def check_refused(server, client, why, version=None):
    before = len(server.events(why))
    try:
        with connect(server, context_of(client, version)) as sock:
            ask(sock, "POST", "/validate", review("nginx"), JSON)
    except OSError:
        pass
    else:
        raise AssertionError("was answered")
    server.wait_for(why, before + 1)
    level, message = server.events(why)[-1]
    check_equal(level, "warn", message)
    check(re.search(r"TLS handshake with '127\.0\.0\.1:\d+' failed", message), message)


@test
def client_of_the_ca_with_the_name__let_in_and_logged():
    with serve("--client-name", "other", "--client-name", "kube-apiserver", "--client-name", "kube-apiserver.example") as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for client, subject in ((GOOD, "CN=kube-apiserver"), (BY_SAN, "O=example"), (NAMELESS, "O=system:masters")):
                known = len(server.reviews())
                check(not judge(server, context=context_of(client, version)))
                check_equal(server.wait_reviews(known + 1)[-1]["clientCertificate"], subject)
        # The same session twice: nothing is resumed, both are verified.
        context = context_of(GOOD)
        for _ in range(3):
            with connect(server, context) as sock:
                check(not sock.session_reused)
                check_equal(ask(sock, "GET", "/readyz").status, 200)


@test
def client_with_another_name__refused_with_the_reason():
    names = [make_leaf(f"wrong-{number}", "client-ca", subject, san) for number, (subject, san) in enumerate((
        ("/CN=kube-apiserver-2", None), ("/CN=Kube-Apiserver", None), ("/CN=kube", "DNS:a.example"),
        ("/O=kube-apiserver", None), ("/CN=evil", "email:kube-apiserver@example.com"),
        ("/CN=kube-apiserver/CN=evil", None), ("/CN=x", "DNS:*.example")))]
    with serve("--client-name", "kube-apiserver", "--client-name", "a.b.example", metrics="127.0.0.1:0") as server:
        for number, client in enumerate(names):
            version = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)[number % 2]
            check_refused(server, client, r"bad_client_certificate: no name of the certificate is allowed by --client-name", version)
        check(server.events(r"client certificate 'CN=kube-apiserver-2'"), server.log())
        counted = server.metrics()
        check_equal(counted['tagmoor_tls_handshake_errors_total{reason="bad_client_certificate"}'], len(names))


@test
def client_without_a_certificate_of_the_ca__refused_with_the_reason():
    with serve("--client-name", "kube-apiserver", metrics="127.0.0.1:0") as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            check_refused(server, None, "no_client_certificate: the client sent no certificate", version)
        check_refused(server, make_leaf("foreign", "foreign-ca"), "bad_client_certificate: unable to get local issuer")
        check_refused(server, make_leaf("old", "client-ca", dates=LONG_AGO), "bad_client_certificate: certificate has expired")
        check_refused(server, make_leaf("server", "client-ca", usage="serverAuth"), "bad_client_certificate: unsuitable certificate purpose")
        check_refused(server, make_pair("own"), "bad_client_certificate: self-signed certificate")
        check(not judge(server, context=context_of(GOOD)))
        counted = server.metrics()
        check_equal(counted['tagmoor_tls_handshake_errors_total{reason="bad_client_certificate"}'], 4)
        check_equal(counted['tagmoor_tls_handshake_errors_total{reason="no_client_certificate"}'], 2)
        check(counted['tagmoor_certificate_expiry_timestamp_seconds{certificate="client-ca"}'] > 1e9)


@test
def health_endpoints__need_the_certificate_but_on_the_metrics_listener():
    with serve(metrics="127.0.0.1:0") as server:
        server.wait_for("every client with a certificate of .* is accepted")
        check_refused(server, None, "no_client_certificate")
        with connect(server, context_of(GOOD)) as sock:
            check_equal(ask(sock, "GET", "/livez").status, 200)
        probe = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                                f"http://127.0.0.1:{server.metrics_port}/livez"], stdout=subprocess.PIPE, check=True)
        check_equal(probe.stdout, b"200")


# --- what does not start ------------------------------------------------------------------------------
def check_no_start(pattern, *flags, cert=CERT, key=KEY, listen="127.0.0.1:0", metrics="off"):
    pair = [*(["--tls-cert-file", cert] if cert else []), *(["--tls-private-key-file", key] if key else [])]
    done = subprocess.run([TAGMOOR, "serve", "--listen", listen, "--metrics-listen", metrics, *pair, *flags],
                          stderr=subprocess.PIPE, timeout=20)
    text = done.stderr.decode()
    check_equal(done.returncode, 2, flags, text)
    check("Sanitizer" not in text, text)
    for part in pattern.split("|"):
        check(part in text, repr(part), "is not in", text)


@test
def start__client_ca_that_cannot_be_used__refused_with_status_2():
    with open(path("no.pem"), "w") as file:
        file.write("no PEM\n")
    check_no_start("client CA '|cannot be used|use a file with PEM certificates", "--client-ca-file", path("no.pem"))
    check_no_start("cannot be used", "--client-ca-file", KEY)
    check_no_start("client CA '/no/such'|No such file|--client-ca-file", "--client-ca-file", "/no/such")
    check_no_start("--client-name requires --client-ca-file", "--client-name", "kube-apiserver")
    check_no_start("expired and no client could connect", "--client-ca-file",
                   make_pair("past", start="20200101000000Z", end="20200102000000Z")[0])


@test
def start__anything_wrong__refused_with_status_2_and_what_to_do():
    check_no_start("--tls-cert-file and --tls-private-key-file are required|tagmoor certs", cert=None)
    check_no_start("are required", key=None)
    check_no_start("has no subject alternative name|issue a certificate", cert=path("sanless.crt"), key=make_pair("sanless", san=None)[1])
    check_no_start("expired at 2020-01-02|renew it", cert=path("past.crt"), key=path("past.key"))
    check_no_start("does not match certificate", key=make_pair("another")[1])
    check_no_start("No such file|--tls-cert-file", cert="/no/such")
    check_no_start("cannot open '/no/such/policy.yaml': No such file", "--policy", "/no/such/policy.yaml")
    check_no_start("has 1 error", "--policy", path("no.pem"))
    check_no_start("use a numeric ADDRESS:PORT", listen="localhost")
    check_no_start("use a numeric ADDRESS:PORT", metrics="on")
    check_no_start("--max-body-bytes is 104857600", "--max-body-bytes", "100MiB")
    check_no_start("unknown|--help", "--no-such-flag")
    check_no_start("unexpected operand 'x'", "x")
    with Tagmoor(cert=CERT, key=KEY, metrics="127.0.0.1:0") as server:
        check_no_start("Address already in use|choose another port with --listen", listen=f"127.0.0.1:{server.port}")
        check_no_start("Address already in use|choose another port with --metrics-listen", metrics=f"127.0.0.1:{server.metrics_port}")


main()
