#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Metrics: what is counted, that labels stay bounded, the format; the listener for them and for probes."""
import json
import math
import os
import re
import shutil
import socket
import ssl
import subprocess
import time

from certificates import make_pair, path
from harness import JSON, Tagmoor, ask, check, check_equal, connect, main, read_response, request_bytes, test
from reviews import judge, review

CERT, KEY = make_pair("metrics")


def serve(*flags):
    return Tagmoor(*flags, cert=CERT, key=KEY, metrics="127.0.0.1:0")


def trusting():
    return ssl.create_default_context(cafile=CERT)


def get(server, target, method="GET", body=None):
    """Over the metrics listener."""
    sock = socket.create_connection(("127.0.0.1", server.metrics_port), 10)
    with sock:
        sock.sendall(request_bytes(method, target, body))
        return read_response(sock, method == "HEAD")


def documented():
    """The metrics in tagmoor-output(5)."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../cmd/tagmoor-output.5"), encoding="utf-8") as page:
        section = page.read().split("\n.Sh METRICS\n")[1].split("\n.Sh ")[0]
    return set(re.findall(r"^\.It Va (tagmoor_\w+)", section, re.M))


def check_format(text):
    """The rules of the text format 0.0.4 that promtool checks too."""
    types, seen, family = {}, set(), None
    for line in text.splitlines():
        declared = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line)
        if declared:
            kind, family, rest = declared.groups()
            if kind == "TYPE":
                check(family not in types and rest in ("counter", "gauge", "histogram"), line)
                types[family] = rest
                check(rest != "counter" or family.endswith("_total"), line)
            continue
        sample = re.fullmatch(r'([a-z_]+)(\{([a-z_]+="(?:[^"\\\n]|\\.)*"(?:,[a-z_]+="(?:[^"\\\n]|\\.)*")*)\})? (\S+)', line)
        check(sample, "no sample:", line)
        name = sample.group(1)
        check(name == family or (types[family] == "histogram" and name in
                                 (f"{family}_bucket", f"{family}_sum", f"{family}_count")), line, "is not in its family")
        check((name, sample.group(3)) not in seen, line, "stands twice")
        seen.add((name, sample.group(3)))
        check(math.isfinite(float(sample.group(4))) and float(sample.group(4)) >= 0, line)
    return types


@test
def families__all_there__in_the_format():
    with serve() as server:
        context = trusting()
        for image in ("nginx", "nginx:1.27.3", "nginx@sha256:" + "0" * 64, "UPPER"):
            judge(server, image, context=context)
        answer = get(server, "/metrics")
        check_equal((answer.status, answer.headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        types = check_format(answer.body.decode())
        check_equal(sorted(name for name in types if name.startswith("tagmoor_")), sorted(documented()))
        for name in ("cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "start_time_seconds"):
            check("process_" + name in types, name)
        counted = server.metrics()
        check(4 << 20 < counted["process_resident_memory_bytes"] < (512 << 20), counted["process_resident_memory_bytes"])
        check(abs(counted["process_start_time_seconds"] - time.time()) < 60)
        check(8 < counted["process_open_fds"] < counted["process_max_fds"])
        version = subprocess.run(["promtool", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode \
            if shutil.which("promtool") else 1
        if version == 0:
            done = subprocess.run(["promtool", "check", "metrics"], input=answer.body, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            check_equal((done.returncode, done.stdout), (0, b""))
        else:
            print("# promtool is not installed: its rules were checked by our own parser only")


@test
def judged_requests__counted_by_what_was_said():
    with serve() as server:
        context = trusting()
        with connect(server, context) as sock:
            for options in ({}, {}, {"dry_run": True}, {"namespace": "dev"}, {"image": "nginx:1.27.3"},
                            {"operation": "DELETE"}, {"kind": "ConfigMap"}):
                judge(server, sock=sock, **options)
            check_equal(ask(sock, "POST", "/validate", b"{}", JSON).status, 400)
            check_equal(ask(sock, "POST", "/nowhere", b"{}", JSON).status, 404)
            counted = server.wait_metric('tagmoor_connections{state="idle"}', 1)
        reviews = {key: value for key, value in counted.items() if key.startswith("tagmoor_reviews_total")}
        label = 'tagmoor_reviews_total{environment="%s",operation="%s",kind="%s",decision="%s",dry_run="%s"}'
        check_equal(reviews, {
            label % ("production", "CREATE", "Pod", "deny", "false"): 2,
            label % ("production", "CREATE", "Pod", "deny", "true"): 1,
            label % ("development", "CREATE", "Pod", "warn", "false"): 1,
            label % ("production", "CREATE", "Pod", "allow", "false"): 1,
            label % ("production", "DELETE", "Pod", "allow", "false"): 1,
            label % ("production", "CREATE", "other", "allow", "false"): 1})
        check_equal({key: value for key, value in counted.items() if "images_total" in key}, {
            'tagmoor_images_total{environment="production",class="channel",decision="deny"}': 3,
            'tagmoor_images_total{environment="production",class="version",decision="allow"}': 1,
            'tagmoor_images_total{environment="development",class="channel",decision="warn"}': 1})
        check_equal({key: value for key, value in counted.items() if "findings_total" in key}, {
            'tagmoor_findings_total{namespace="shop-prod",decision="deny"}': 3,
            'tagmoor_findings_total{namespace="dev",decision="warn"}': 1})
        check_equal(counted["tagmoor_review_duration_seconds_count"], 7)
        check_equal(counted["tagmoor_request_body_bytes_count"], 8)
        check_equal(counted['tagmoor_request_body_bytes_bucket{le="1024"}'], 8)
        check_equal(counted['tagmoor_request_errors_total{cause="no_review"}'], 1)
        check_equal(counted['tagmoor_request_errors_total{cause="path"}'], 1)


@test
def labels__under_a_flood_of_odd_values__bounded():
    with serve("--log-requests", "findings") as server:
        with connect(server, trusting()) as sock:
            judge(server, sock=sock)
            before = len(server.metrics())
            for number in range(300):
                judge(server, sock=sock, kind=f"Odd{number}", group=f"g{number}.example", namespace=f"odd-{number}")
            for target in [f"/odd/{number}" for number in range(50)] + ["/validate/odd/x"]:
                check_equal(ask(sock, "POST", target, b"{}", JSON).status, 404)
            for number in range(50):
                answer = ask(sock, "POST", f"/validate/odd-{number}", review("nginx"), JSON)
                check_equal(answer.status, 200)
            counted = server.metrics()
            check(len(counted) <= before + 4, before, len(counted))
            check(not any("odd" in key.lower() for key in counted), counted)
            # Namespaces: 1,000 by name, the others together; the first is there already.
            for number in range(1, 1005):
                judge(server, sock=sock, namespace=f"ns-{number}")
            for odd in ("a\nb", 'a"b', "x" * 64, "", "ünder"):
                judge(server, sock=sock, namespace=odd)
        counted = server.metrics()
        check_format(get(server, "/metrics").body.decode())
        found = [key for key in counted if key.startswith("tagmoor_findings_total")]
        check_equal(len(found), 1001)
        check_equal(counted['tagmoor_findings_total{namespace="other",decision="deny"}'], 5 + 5)
        check_equal(counted['tagmoor_findings_total{namespace="ns-999",decision="deny"}'], 1)
        check('tagmoor_findings_total{namespace="ns-1000",decision="deny"}' not in counted)


def pod_of(images):
    tree = json.loads(review("nginx"))
    tree["request"]["object"]["spec"]["containers"] = [{"name": "web", "image": image} for image in images]
    return json.dumps(tree).encode()


@test
def objects_with_a_fault__counted_by_reason_and_logged():
    with open(path("slow.yaml"), "w") as file:
        file.write("version: 1\nenvironments: [{name: all, default: true, enforce: release}]\n"
                   "repositories: [{match: ['**'], release: ['([a-z0-9]+-?)+\\d{8}']}]\n")
    escaped = "\\u0061" * 4000
    bodies = {"malformed": pod_of([["nginx"]]), "too-many-images": pod_of(["nginx:1.2.3"] * 4097),
              "too-costly": pod_of([f"app:{'a' * 60}-{n}" for n in range(200)]),
              "too-large": pod_of([f"@{n}" for n in range(270)]).replace(b"@", escaped.encode())}
    with serve("--policy", path("slow.yaml"), "--log-requests", "all") as server:
        check_equal(server.metrics()['tagmoor_object_faults_total{fault="too-costly"}'], 0)
        for body in bodies.values():
            with connect(server, trusting()) as sock:
                answer = ask(sock, "POST", "/validate", body, JSON)
            check_equal((answer.status, json.loads(answer.body)["response"]["allowed"]), (200, False))
        counted = server.metrics()
        check_equal({key: value for key, value in counted.items() if "object_faults_total" in key},
                    {f'tagmoor_object_faults_total{{fault="{fault}"}}': 1 for fault in bodies})
        check_equal([line["fault"] for line in server.wait_reviews(4)], list(bodies))


@test
def policy_that_is_replaced__digest_and_reloads_follow():
    text = "version: 1\ngrammar: 1\nenvironments:\n- {name: %s, default: true, enforce: digest}\n"
    with open(path("policy.yaml"), "w") as file:
        file.write(text % "first")
    with serve("--policy", path("policy.yaml")) as server:
        judge(server, context=trusting())
        old = [key for key in server.metrics() if key.startswith("tagmoor_policy_info")]
        with open(path("policy.yaml"), "w") as file:
            file.write(text % "second")
        server.hup("policy reloaded")
        judge(server, context=trusting())
        with open(path("policy.yaml"), "w") as file:
            file.write("nothing")
        server.hup("not reloaded")
        counted = server.metrics()
        new = [key for key in counted if key.startswith("tagmoor_policy_info")]
        check(len(new) == 1 and old != new, old, new)
        check_equal([counted[f'tagmoor_policy_reloads_total{{result="{result}"}}'] for result in ("success", "failure")], [1, 1])
        check_equal(counted['tagmoor_certificate_reloads_total{result="success"}'], 0)
        # Counts stay, also those of an environment that is gone.
        check_equal(sorted(re.findall(r'reviews_total{environment="(\w+)"', "\n".join(counted))), ["first", "second"])
        end = subprocess.run(["openssl", "x509", "-in", CERT, "-noout", "-enddate", "-dateopt", "iso_8601"], stdout=subprocess.PIPE)
        expiry = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(counted['tagmoor_certificate_expiry_timestamp_seconds{certificate="leaf"}']))
        check(expiry in end.stdout.decode(), expiry, end.stdout)


@test
def exemption__used__counted_with_its_end():
    with open(path("exempt.yaml"), "w") as file:
        file.write("""version: 1
grammar: 1
environments:
- {name: all, default: true, enforce: digest}
exemptions:
- {name: legacy-nginx, reason: until it is rebuilt, expires: 2099-01-31, match: {namespaces: ["shop-*"]}, enforce: any}
""")
    with serve("--policy", path("exempt.yaml")) as server:
        check_equal(server.metrics()['tagmoor_exemption_used_total{exemption="legacy-nginx"}'], 0)
        check(judge(server, context=trusting()))
        check(judge(server, context=trusting()))
        check(not judge(server, context=trusting(), namespace="other"))
        counted = server.metrics()
        check_equal(counted['tagmoor_exemption_used_total{exemption="legacy-nginx"}'], 2)
        end = counted['tagmoor_exemption_expiry_timestamp_seconds{exemption="legacy-nginx"}']
        check(time.strftime("%Y-%m", time.gmtime(end)) in ("2099-01", "2099-02"), end)


@test
def policy__modes_and_permanent_exemptions__have_series():
    policy = """version: 1
mode: %s
environments:
- {name: sandbox, namespaces: [sandbox], enforce: any, mode: audit}
- {name: production, default: true, enforce: digest}
exemptions:
- {name: break-glass, reason: "incidents: the officer on call adds members", permanent: true, match: {groups: [break-glass]}}
- {name: %s, reason: until it is rebuilt, expires: 2099-01-31, match: {namespaces: ["shop-*"]}, enforce: any}
"""

    def series(server, family):
        return {key.partition("{")[2].rstrip("}"): value for key, value in server.metrics().items() if key.startswith(family + "{")}

    with open(path("modes.yaml"), "w") as file:
        file.write(policy % ("warn", "legacy"))
    with serve("--policy", path("modes.yaml")) as server:
        check_equal(series(server, "tagmoor_policy_mode"),
                    {'environment="sandbox",mode="audit"': 1, 'environment="production",mode="warn"': 1})
        check_equal(series(server, "tagmoor_exemption_permanent"), {'exemption="break-glass"': 1})
        check_equal(list(series(server, "tagmoor_exemption_expiry_timestamp_seconds")), ['exemption="legacy"'])
        check_equal(series(server, "tagmoor_exemption_used_total"), {'exemption="break-glass"': 0, 'exemption="legacy"': 0})
        check(judge(server, context=trusting()))
        with open(path("modes.yaml"), "w") as file:
            file.write(policy % ("enforce", "newer"))
        server.wait_metric('tagmoor_policy_reloads_total{result="success"}', 1)
        check_equal(series(server, "tagmoor_policy_mode"),
                    {'environment="sandbox",mode="audit"': 1, 'environment="production",mode="enforce"': 1})
        # The counter of the exemption that is gone stays.
        check_equal(series(server, "tagmoor_exemption_used_total"), {'exemption="break-glass"': 0, 'exemption="legacy"': 1, 'exemption="newer"': 0})


@test
def names_that_are_other__one_series_each():
    with open(path("other.yaml"), "w") as file:
        file.write("""version: 1
environments:
- {name: all, default: true, enforce: digest}
- {name: other, namespaces: [other], enforce: digest}
exemptions:
- {name: other, reason: until it is rebuilt, permanent: true, match: {namespaces: [exempt]}, enforce: any}
customResources:
- {resource: others.example.com, kind: other, images: [spec.image]}
""")
    with serve("--policy", path("other.yaml")) as server:
        with connect(server, trusting()) as sock:
            judge(server, sock=sock, namespace="exempt")
            for namespace in ["other"] + [f"ns-{number}" for number in range(1002)]:
                judge(server, sock=sock, namespace=namespace)
            for kind, group in (("ConfigMap", ""), ("other", "example.com")):
                judge(server, sock=sock, kind=kind, group=group, namespace="other")
        check_format(get(server, "/metrics").body.decode())
        counted = server.metrics()
        check_equal(counted['tagmoor_findings_total{namespace="other",decision="deny"}'], 1 + 2 + 1)
        check_equal(counted['tagmoor_exemption_used_total{exemption="other"}'], 1)
        check_equal(sum(value for key, value in counted.items() if key.startswith("tagmoor_reviews_total")), 1 + 1003 + 2)


def long_name(prefix, number):
    return f"{prefix}{number:062d}"


@test
def as_many_series_as_there_can_be__answered_whole():
    with open(path("long.yaml"), "w") as file:
        file.write("version: 1\nenvironments:\n")
        for number in range(64):
            last = number == 63
            file.write(f"- {{name: {long_name('e', number)}, enforce: digest, "
                       + ("default: true}\n" if last else f"namespaces: [{long_name('n', number)}]}}\n"))
        file.write("customResources:\n")
        for number in range(63):
            file.write(f"- {{resource: r{number}.example.com, kind: {long_name('K', number)}, images: [spec.image]}}\n")
    with serve("--policy", path("long.yaml"), "--log-requests", "findings") as server:
        with connect(server, trusting()) as sock:
            for number in range(64 * 63 * 5):
                body = review("nginx", kind=long_name("K", number % 63), group="example.com", dry_run=number // 63 % 5 == 4,
                              namespace=long_name("x", number % 1000),
                              operation=("CREATE", "UPDATE", "DELETE", "CONNECT", "CREATE")[number // 63 % 5])
                answer = ask(sock, "POST", f"/validate/{long_name('e', number // 315)}", body, JSON)
                check_equal(answer.status, 200)
            for number in range(64):
                answer = ask(sock, "POST", f"/validate/{long_name('e', number)}", review("nginx"), JSON)
                check_equal(answer.status, 200)
        for pause in (0, 0.0005):
            text = slow_get(server, "/metrics", pause)
            check(900000 < len(text) < 7 << 19, len(text))
            check_format(text.decode())
            reviews = re.findall(r"^tagmoor_reviews_total.* (\d+)$", text.decode(), re.M)
            check_equal(sum(map(int, reviews)), 64 * 63 * 5 + 64)


def slow_get(server, target, pause):
    """The body, read in pieces with a pause between them."""
    with socket.create_connection(("127.0.0.1", server.metrics_port), 10) as sock:
        sock.sendall(request_bytes("GET", target))
        data = b""
        while b"\r\n\r\n" not in data or len(data) < data.index(b"\r\n\r\n") + 4 + length:
            more = sock.recv(65536)
            check(more, "closed after", len(data), "bytes")
            data += more
            if b"\r\n\r\n" in data:
                check_equal(data.split(None, 2)[1], b"200")
                length = int(re.search(rb"(?i)content-length: (\d+)", data).group(1))
            time.sleep(pause)
        return data[data.index(b"\r\n\r\n") + 4:]


@test
def listener__answers_only_what_is_its_own():
    with serve() as server:
        for target, method, status in (("/livez", "GET", 200), ("/readyz", "HEAD", 200), ("/metrics", "HEAD", 200), ("/", "GET", 404),
                                       ("/validate", "POST", 404), ("/metrics/", "GET", 404), ("/metrics", "POST", 405),
                                       ("/metrics?x=y", "GET", 200), ("/livez", "DELETE", 405)):
            answer = get(server, target, method)
            check_equal(answer.status, status, method, target)
            check(method != "HEAD" or int(answer.headers["content-length"]) > 0)
        check_equal(get(server, "/readyz?verbose").body,
                    b"[+]serving ok\n[+]certificate ok\n[+]policy ok\nreadyz check passed\n")
        check_equal(get(server, "/livez", "GET", b"x" * 5000).status, 413)
        with connect(server, trusting()) as sock:
            check_equal(ask(sock, "GET", "/metrics").status, 404)
        # HTTP/2 is not spoken here either.
        for bytes_ in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00"):
            with socket.create_connection(("127.0.0.1", server.metrics_port), 10) as sock:
                sock.sendall(bytes_)
                check(b"HTTP/2" not in sock.recv(100) if bytes_[:1] == b"P" else True)
        with socket.create_connection(("127.0.0.1", server.metrics_port), 10) as sock:
            sock.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                         b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
            check_equal(read_response(sock).status, 200)
        # Its clients are no clients of the serving port.
        server.wait_metric('tagmoor_connections{state="idle"}', 0)


@test
def listener__held_by_idle_connections__still_answers_and_leaves_the_serving_port_alone():
    with serve("--max-connections", "4") as server:
        held = [socket.create_connection(("127.0.0.1", server.metrics_port), 10) for _ in range(60)]
        for _ in range(3):
            check_equal(get(server, "/livez").status, 200)
        kept = [connect(server, trusting()) for _ in range(4)]
        for sock in kept:
            check_equal(ask(sock, "GET", "/livez").status, 200)
        check_equal(server.metrics()['tagmoor_limit_hits_total{limit="connections"}'], 0)
        for sock in held + kept:
            sock.close()


@test
def listener__in_a_lame_duck__tells_that_it_drains_and_ends_with_the_server():
    with serve("--lame-duck", "700ms") as server:
        server.signal("TERM")
        server.wait_for("readiness fails")
        answer = get(server, "/readyz?verbose")
        check(answer.status == 503 and b"draining" in answer.body, answer)
        check_equal(get(server, "/livez").status, 200)
        check_equal(get(server, "/metrics").status, 200)
        check_equal(server.wait(), 0)


main()
