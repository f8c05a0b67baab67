#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `tagmoor serve` with oracle.py on mutants of the recorded reviews.

Each mutant is made from its number alone: `mutation_test.py NUMBER...` compares only those.  3,000
mutants by default, 200,000 with MOOR_LONG_TESTS=1; MOOR_MUTANTS sets another number and MOOR_SEED
another series.
"""
import http.client
import json
import multiprocessing
import os
import random
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import oracle  # noqa: E402
from cases import all_cases, recorded  # noqa: E402
from mutant_values import CASES, IMAGES, MORE, VECTORS, unescaped  # noqa: E402
from mutants import SEED, Mutants, bases  # noqa: E402
from mutation_compare import compare  # noqa: E402
from oracle_texts import Refused, canonical_name, reference, tag_level  # noqa: E402

BUILD = os.environ.get("MOOR_BUILD", "build/gcc")
TAGMOOR = os.path.join(BUILD, "tagmoor")
IS_LONG = os.environ.get("MOOR_LONG_TESTS", "0") not in ("", "0")
MUTANTS = int(os.environ.get("MOOR_MUTANTS", 200000 if IS_LONG else 3000))
PROPERTY_RUNS = 20000 if IS_LONG else 300
CHUNK = 250            # mutants whose unknown tags are asked for at once
SHOWN_DIFFERENCES = 5


# --- the program ----------------------------------------------------------------------------------------------
def run(*arguments, stdin=b""):
    done = subprocess.run([TAGMOOR, *arguments], input=stdin, capture_output=True, timeout=60)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"tagmoor {arguments}: {done.returncode} {done.stderr}")
    return done.stdout.decode()


def ask_levels(server, judge, unknown):
    """Teaches `judge` what the program makes of references that nothing here knows."""
    unknown = sorted(unknown)
    if unknown:
        lines = run("explain", *server.policy, "-o", "tsv", "-", stdin="".join(f"{u}\n" for u in unknown).encode())
        for text, line in zip(unknown, lines.splitlines(), strict=True):
            judge.learn(text, line.split("\t")[2])


class Server:
    """`tagmoor serve` with one policy."""

    def __init__(self, name, folder):
        self.name, self.log = name, os.path.join(folder, f"{name}.log")
        command = [TAGMOOR, "serve",
                   "--tls-cert-file", f"{folder}/tls.crt", "--tls-private-key-file", f"{folder}/tls.key",
                   "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--threads", "1", "--lame-duck", "0s",
                   "--log-requests", "findings", "--log-format", "text"]
        self.policy = []
        if name != "default":
            policy = os.path.join(folder, f"{name}.yaml")
            with open(policy, "w") as stream:
                json.dump(oracle.POLICIES[name], stream)
            self.policy = ["--policy", policy]
        self.stderr = open(self.log, "wb")
        self.process = subprocess.Popen(command + self.policy, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.stderr)

    def wait_port(self):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            with open(self.log, errors="replace") as stream:
                found = re.search(r"listening on '127\.0\.0\.1:(\d+)'", stream.read())
            if found:
                return int(found[1])
            time.sleep(0.02)
        raise RuntimeError(f"tagmoor serve with {self.name} does not listen; its log: {open(self.log).read()}")

    def stop(self):
        """The exit status after SIGTERM, or that of its crash."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(30)


class Client:
    def __init__(self, port, folder):
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30,
                                                      context=ssl.create_default_context(cafile=f"{folder}/ca.crt"))

    def post(self, body, environment):
        path = "/validate?timeout=5s" if environment is None else f"/validate/{environment}?timeout=5s"
        self.connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def try_post(self, body, environment):
        """The same, where no answer is an answer too."""
        try:
            return self.post(body, environment)
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            return 0, repr(error).encode()


# --- the tests --------------------------------------------------------------------------------------------------
class Bench:
    """The servers, the oracles and what is known of tags."""

    def __init__(self, folder):
        self.folder = folder
        run("certs", folder)
        self.servers = {}
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        for name in oracle.POLICIES:
            self.servers[name] = Server(name, self.folder)
        for server in self.servers.values():
            server.port = server.wait_port()
        levels = {row["tag"]: row["level"] for row in VECTORS + MORE}
        self.oracles = {name: oracle.Oracle(oracle.POLICIES[name], run("policy", "show", *self.servers[name].policy[1:]), levels)
                        for name in oracle.POLICIES}
        self.clients = {}

    def stop(self):
        """The servers that did not end as they should, with their exit status."""
        statuses = {name: server.stop() for name, server in self.servers.items()}
        return {name: status for name, status in statuses.items() if status != 0}

    def connect(self):
        """Connections of this process's own."""
        self.clients = {name: Client(server.port, self.folder) for name, server in self.servers.items()}

    def judge(self, cases):
        """Yields (case, request, verdict) of (policy, environment, body, done)s; None for a refusal."""
        decoded = []
        for case in cases:
            try:
                decoded.append(self.oracles[case[0]].decode(case[2]))
            except Refused:
                decoded.append(None)
        for name, judge in self.oracles.items():
            unknown = set().union(*(judge.unknown(r) for c, r in zip(cases, decoded) if r and c[0] == name))
            ask_levels(self.servers[name], judge, unknown)
        for case, request in zip(cases, decoded):
            yield case, request, self.oracles[case[0]].judge(request, case[1]) if request else None

    def differences(self, cases, counts):
        found = []
        for case, request, verdict in self.judge(cases):
            policy, environment, body, done = case
            status, answer = self.clients[policy].try_post(body, environment)
            wrong = compare(status, answer, verdict, request and request.uid)
            counts[outcome(verdict, request)] += 1
            if wrong:
                found.append(f"{wrong}\n  policy {policy}, path {environment}: {' '.join(done)}\n"
                             f"  {body[:1500]!r}\n  {status} {answer[:1500]!r}")
        return found


def outcome(verdict, request):
    if verdict is None:
        return "refused"
    if not oracle.Oracle.is_judged(request):
        return "allowed unseen"
    if verdict.fault:
        return "wrong shape"
    return verdict.decision


def work(bench, mutants, numbers, results):
    """Compares the mutants of these numbers, and puts (counts, differences) into `results` whatever happens."""
    counts, found = Counter(), []
    try:
        bench.connect()
        for start in range(0, len(numbers), CHUNK):
            cases = [mutants.make(number) for number in numbers[start:start + CHUNK]]
            found += bench.differences(cases, counts)
            if len(found) > 200:
                break
    except Exception:
        found.append(traceback.format_exc())
    results.put((counts, found))


TESTS = []
STATUS = [1]    # of this program, which its thread sets


def test(function):
    TESTS.append(function)
    return function


@test
def tag_patterns_agree_with_the_vectors(bench):
    return [f"{row['tag']}: {tag_level(row['tag'])}, expected {row['level']}" for row in VECTORS
            if row["tag"] != "(none)" and tag_level(row["tag"]) != row["level"]]


@test
def reference_patterns_agree_with_the_cases(bench):
    wrong = []
    for case in CASES:
        found = reference(unescaped(case["input"]))
        local = case["input"].startswith("sha256:")     # valid upstream, refused here: a node-local image
        expected = case["expect"] == "ok" and not local
        if (found is not None) != expected:
            wrong.append(f"{case['input']}: expected {case['expect']}")
        elif found and found.name != (canonical_name(case["domain"], case["path"]) if case["domain"]
                                      else case["path"]):
            wrong.append(f"{case['input']}: {found.name}")
    return wrong


@test
def recorded_reviews_are_judged_alike_by_every_policy(bench):
    cases = [(policy, environment, body, [case]) for case, body in bases() for policy in oracle.POLICIES
             for environment in (None, "development")]
    return bench.differences(cases, Counter())


@test
def mutants_are_judged_alike(bench):
    mutants, results = Mutants(), multiprocessing.Queue()
    workers = 2 if MUTANTS > 20000 else 1
    processes = [multiprocessing.Process(target=work, args=(bench, mutants, range(w, MUTANTS, workers), results))
                 for w in range(workers)]
    for process in processes:
        process.start()
    counts, found = Counter(), []
    for _ in processes:
        one = results.get()
        counts.update(one[0])
        found += one[1]
    for process in processes:
        process.join()
    print("# " + ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    missing = [name for name in ("refused", "allowed unseen", "wrong shape", "deny", "warn", "audit", "allow")
               if counts[name] < MUTANTS / 300]
    if missing:
        found.append(f"the mutants hardly reach: {missing}")
    return found


def main():
    with tempfile.TemporaryDirectory(prefix="moor-mutation-") as folder:
        bench = Bench(folder)
        try:
            failed = again(bench) if sys.argv[1:] else run_tests(bench)
        finally:
            crashed = bench.stop()
        print(f"{'not ok' if crashed else 'ok'} {len(TESTS) + 1} - mutation: no server crashed {crashed or ''}")
    STATUS[0] = 1 if failed or crashed else 0


# --- properties: what holds whatever an oracle thinks -------------------------------------------------------
def sent(bench, tree, environment="production"):
    body = json.dumps(tree).encode()
    status, answer = bench.clients["default"].post(body, environment)
    return status, json.loads(answer)["response"] if status == 200 else {"allowed": False}, body


NOT_UPDATED = ("json/", "objects/")  # requests of odd forms, which cannot be changed as others are


def updates(seed, count):
    """UPDATEs by a person of workloads that hold at least one container: (draw, tree, its lists of containers)."""
    draw, found = random.Random(f"{SEED}:{seed}"), []
    for case, body in bases():
        answer = all_cases()[case].answer
        tree = json.loads(body) if not case.startswith(NOT_UPDATED) and "error" not in answer and "malformed" not in answer else {}
        request = tree.get("request", {})
        pods = [spec for spec in pod_specs(request.get("object")) if spec.get("containers")]
        if pods and request["kind"]["kind"] in {kind["kind"] for kind in oracle.BUILT_IN} and not request.get("subResource"):
            found.append(body)
    for _ in range(count):
        tree = json.loads(draw.choice(found))
        request = tree["request"]
        request.update(operation="UPDATE", userInfo={"username": "jane@example.com"})
        request["object"]["metadata"].pop("deletionTimestamp", None)
        yield draw, tree, [spec for spec in pod_specs(request["object"]) if spec.get("containers")]


def pod_specs(tree):
    """Every object below `tree` that has a list of containers, without recursion."""
    rest = [tree]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            if isinstance(one.get("containers"), list) and all(isinstance(c, dict) for c in one["containers"]):
                yield one
            rest += one.values()
        elif isinstance(one, list):
            rest += one


ROLLING = [row["tag"] for row in VECTORS if row["level"] == "rolling" and row["tag"] != "(none)"]
PLAIN = [image for image in IMAGES if image.strip()]


@test
def update_that_changes_no_image_is_allowed(bench):
    wrong = []
    for draw, tree, pods in updates("unchanged", PROPERTY_RUNS):
        for container in (c for pod in pods for c in pod["containers"]):
            container.update(image=draw.choice(PLAIN), name=draw.choice(("a", "b", "c", "")))
        request = tree["request"]
        request["oldObject"] = json.loads(json.dumps(request["object"]))
        for pod in pods:
            draw.shuffle(pod["containers"])
            if len(pod["containers"]) > 1 and draw.random() < 0.5:
                pod["containers"].pop()
        request["object"]["metadata"]["labels"] = {"image": "nginx:latest"}
        status, response, body = sent(bench, tree)
        if not response["allowed"]:
            wrong.append(f"{status} {response}\n  {body[:1500]!r}")
    return wrong


@test
def update_that_adds_a_rolling_image_in_production_is_denied(bench):
    wrong = []
    for draw, tree, pods in updates("rolling", PROPERTY_RUNS):
        request = tree["request"]
        request["oldObject"] = json.loads(json.dumps(request["object"]))
        pod = draw.choice(pods)
        field = pod.setdefault(draw.choice(("containers", "initContainers")), [])
        added = {"name": draw.choice(("new", "x")), "image": f"example.com/new/{draw.randrange(10**6)}:{draw.choice(ROLLING)}"}
        if draw.random() < 0.2:
            pod.setdefault("volumes", []).append({"name": "new", "image": {"reference": added["image"]}})
        else:
            field.insert(draw.randrange(len(field) + 1), added)
        status, response, body = sent(bench, tree, draw.choice(("production", None)) if is_production(request) else "production")
        if response["allowed"] or added["image"] not in response["status"]["message"] + "and 1 more":
            wrong.append(f"{status} {response}\n  {body[:1500]!r}")
    return wrong


def is_production(request):
    return not any(oracle.glob(text).fullmatch(request.get("namespace", ""))
                   for text in oracle.DEFAULT["environments"][0]["namespaces"])


@test
def too_many_images_are_denied_with_their_count(bench):
    wrong = []
    with open(recorded("pod-create")) as stream:
        tree = json.load(stream)
    controller = "system:serviceaccount:kube-system:replicaset-controller"
    for user, count, allowed in (("jane", oracle.MAX_IMAGES, True), ("jane", oracle.MAX_IMAGES + 1, False),
                                 (controller, oracle.MAX_IMAGES + 1, True)):
        tree["request"]["userInfo"]["username"] = user
        tree["request"]["object"]["spec"] = {"containers": [{"name": f"c{n}", "image": "nginx:1.2.3"} for n in range(count)]}
        status, response, _ = sent(bench, tree)
        if response["allowed"] != allowed or not allowed and str(count) not in response["status"]["message"]:
            wrong.append(f"{count} images of {user}: {status} {str(response)[:500]}")
    return wrong


def again(bench):
    """Compares the mutants that are named on the command line."""
    bench.connect()
    mutants = Mutants()
    found = bench.differences([mutants.make(int(number)) for number in sys.argv[1:]], Counter())
    print("\n".join(found) or f"alike: {' '.join(sys.argv[1:])}")
    return len(found)


def run_tests(bench):
    print(f"1..{len(TESTS) + 1}", flush=True)
    failed = 0
    for number, function in enumerate(TESTS, 1):
        bench.connect()     # the server closes connections that were idle long
        wrong = function(bench)
        failed += bool(wrong)
        for text_ in wrong[:SHOWN_DIFFERENCES]:
            print("# " + text_.replace("\n", "\n# "))
        if wrong:
            print(f"# {len(wrong)} differences")
        print(f"{'not ok' if wrong else 'ok'} {number} - mutation: {function.__name__.replace('_', ' ')}", flush=True)
    return failed


if __name__ == "__main__":
    # The oracle's JSON reader recurses as deep as the text is nested.
    sys.setrecursionlimit(100000)
    threading.stack_size(512 << 20)
    main_thread = threading.Thread(target=main, daemon=True)
    main_thread.start()
    main_thread.join()
    sys.exit(STATUS[0])
