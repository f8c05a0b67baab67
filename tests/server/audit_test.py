#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit trail: every judged request once, in order, whole, whatever it holds; and a log that nobody reads."""
import json
import os
import threading
import time

from harness import JSON, Tagmoor, ask, check, check_equal, connect, free_port, main, post, test, wait_until
from reviews import Case, pod

REQUESTS, CONNECTIONS = 2000, 8
PIPE_AND_QUEUE_BYTES = (1 << 20) + (1 << 16)
HOSTILE = ['"', "\\", '","decision":"allow"}', "\n{\"sequence\":1}\n", "\r\n", "\x00", "\x1b[2J", "\x7f", "\u2028",
           "\u202e", "\ufeff", "é", "\U0001f433", "%s%n", "a" * 5000, "'; rm -rf /", "\t", "{", "\u0600", "\ud7ff"]


def reviews_of(lines):
    return [line for line in lines if line["msg"] == "review"]


def lines_of(server):
    return [json.loads(line) for line in server.lines]


def ask_all(server, bodies, connections=CONNECTIONS):
    """uid -> answer, asked over several connections."""
    answers, failures = {}, []

    def client(mine):
        try:
            with connect(server, timeout=30) as sock:
                for uid, body in mine:
                    answers[uid] = ask(sock, "POST", "/validate", body, JSON)
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=client, args=(bodies[number::connections],), daemon=True) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_equal(failures, [])
    return answers


def check_sequence(lines):
    numbers = [line["sequence"] for line in lines]
    check_equal(numbers, list(range(1, len(lines) + 1)))
    times = [line["time"] for line in lines]
    check(times[0] <= times[-1], times[0], times[-1])


@test
def judged_requests__2000_over_8_connections__each_once_in_order_with_what_was_asked():
    wanted = {}
    for number in range(REQUESTS):
        images = [f"app-{number}:{'v1.2.' + str(number) if number % 3 else 'latest'}", "nginx:1.25.3"]
        wanted[f"uid-{number}"] = (f"user-{number}", f"pod-{number}", f"team-{number % 7}", images)
    bodies = [(uid, pod(uid=uid, images=images, user=user, name=name, namespace=namespace))
              for uid, (user, name, namespace, images) in wanted.items()]
    with Tagmoor("--log-requests", "all", "--lame-duck", "0s") as server:
        answers = ask_all(server, bodies)
        check_equal(server.end(), 0)
        lines = lines_of(server)
    check_sequence(lines)
    found = reviews_of(lines)
    check_equal(sorted(line["uid"] for line in found), sorted(wanted))
    for line in found:
        user, name, namespace, images = wanted[line["uid"]]
        check_equal((line["user"], line["name"], line["namespace"], line["kind"], line["operation"]),
                    (user, name, namespace, "Pod", "CREATE"))
        check_equal(sorted(image["image"] for image in line["images"]), sorted(images))
        answer = json.loads(answers[line["uid"]].body)["response"]
        check_equal(line["decision"] != "deny", answer["allowed"], line)
    check({line["decision"] for line in found} >= {"allow", "deny"}, "no denial among them")


@test
def hostile_strings__in_every_field__whole_lines_of_json():
    bodies = []
    for number, text in enumerate(HOSTILE):
        for place in ("user", "name", "namespace", "images", "uid"):
            value = [f"{text}", "nginx:latest", f"nginx:{text}"] if place == "images" else f"{text}-{number}"
            fields = {"uid": f"uid-{place}-{number}", place: value}
            bodies.append((fields["uid"], pod(**fields)))
    with Tagmoor("--log-requests", "all", "--lame-duck", "0s") as server:
        answers = ask_all(server, bodies, 4)
        check_equal({answer.status for answer in answers.values()}, {200})
        check_equal(server.end(), 0)
        raw = [line.encode() for line in server.lines]
        lines = lines_of(server)
    check_sequence(lines)
    check_equal(len(reviews_of(lines)), len(bodies))
    for line in raw:
        check(all(byte >= 0x20 and byte != 0x7f for byte in line), line)
        check("\u202e".encode() not in line and "\u2028".encode() not in line, line)
    for line in reviews_of(lines):
        if any(image["image"] == "nginx:latest" for image in line["images"]):
            check_equal(line["decision"], "deny", line)


@test
def many_images__64_in_the_line_the_offending_first_and_the_rest_counted():
    images = [f"nginx:1.25.{number}" for number in range(900)] + ["nginx:latest"]
    with Tagmoor("--log-requests", "all", "--lame-duck", "0s") as server:
        check_equal(post(server, pod(images=images)).status, 200)
        check_equal(server.end(), 0)
        line = reviews_of(lines_of(server))[0]
    check_equal((len(line["images"]), line["images"][0]["image"], line["imagesOmitted"]), (64, "nginx:latest", 837))


# --- readers that are of no use ---------------------------------------------------------------------------
class Unread:
    """A server whose log goes into a pipe that is not read until `read_all` or `close`."""

    def __init__(self, *flags):
        self.reading, writing = os.pipe()
        try:
            self.server = Tagmoor("--log-requests", "all", *flags, listen=f"127.0.0.1:{free_port()}", stderr=writing)
        finally:
            os.close(writing)
        wait_until(lambda: is_ready(self.server), 20, "ready")

    def read_all(self):
        data = b""
        while more := os.read(self.reading, 1 << 20):
            data += more
        return data

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)


def is_ready(server):
    try:
        return connect(server).close() is None
    except OSError:
        return False


def check_all_answered(server, count, images):
    case = Case("one", pod(images=images))
    slowest = 0.0
    with connect(server) as sock:
        for _ in range(count):
            start = time.monotonic()
            check(case.is_answered_by(ask(sock, "POST", "/validate", case.body, JSON)))
            slowest = max(slowest, time.monotonic() - start)
    check(slowest < 5, "a request waited for the log", slowest)


@test
def reader_that_stalls__no_request_waits_and_the_gap_shows():
    images = [f"nginx:1.25.{number}" for number in range(60)]
    count = 400
    with Unread("--lame-duck", "100ms") as unread:
        check_all_answered(unread.server, count, images)
        data = []
        reader = threading.Thread(target=lambda: data.append(unread.read_all()), daemon=True)
        reader.start()
        # The gap of the lost lines shows once lines get through again.
        time.sleep(0.5)
        check_all_answered(unread.server, 10, images)
        unread.server.signal("TERM")
        check_equal(unread.server.wait(20), 0)
        reader.join(10)
    check(data and data[0].endswith(b"\n"), "cut")
    lines = [json.loads(line) for line in data[0].splitlines()]
    numbers = [line["sequence"] for line in lines]
    check(numbers == sorted(set(numbers)), "not in order")
    dropped = numbers[-1] - len(numbers)
    logged = len(reviews_of(lines))
    check(dropped > 0 and logged + dropped >= count + 10, dropped, logged)
    check(len(data[0]) >= PIPE_AND_QUEUE_BYTES // 2, len(data[0]))
    print(f"# {count + 10} requests, {logged} lines, {dropped} dropped", flush=True)


@test
def reader_that_never_reads__server_ends_all_the_same():
    with Unread("--lame-duck", "100ms") as unread:
        check_all_answered(unread.server, 400, [f"nginx:1.25.{number}" for number in range(60)])
        start = time.monotonic()
        unread.server.signal("TERM")
        check_equal(unread.server.wait(20), 0)
        check(time.monotonic() - start < 8, time.monotonic() - start)


@test
def reader_that_dies__no_request_lost():
    with Unread("--lame-duck", "100ms") as unread:
        check_all_answered(unread.server, 10, ["nginx:latest"])
        os.close(unread.reading)
        check_all_answered(unread.server, 400, ["nginx:latest"])
        unread.server.wait_calm()
        unread.server.signal("TERM")
        check_equal(unread.server.wait(20), 0)


@test
def full_disk__no_request_lost():
    with open("/dev/full", "w") as full:
        server = Tagmoor("--log-requests", "all", "--lame-duck", "100ms", listen=f"127.0.0.1:{free_port()}",
                         stderr=full)
    with server:
        wait_until(lambda: is_ready(server), 20, "ready")
        check_all_answered(server, 400, ["nginx:latest"])
        server.wait_calm()
        server.signal("TERM")
        check_equal(server.wait(20), 0)


main()
