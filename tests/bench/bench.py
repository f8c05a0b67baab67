#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench.py TAGMOOR FOLDER [PART...] - measures the webhook beside what one would write in Go instead.

FOLDER holds what the Makefile has built: bodies, loadgen and the Go webhooks.  All servers run on
this machine and are loaded one after the other, round by round, so that what disturbs one round
disturbs all; medians over the rounds are compared, with the spread of the rounds beside them.  CPU is
what the kernel has accounted to the server's threads, divided by the requests.

PARTS: start, table, large, growth, threads, logging, neighbours, holding, commands; all where none is named.
BENCH_SECONDS (1) is the time of one measurement, BENCH_ROUNDS (5) the number of rounds.
Writes FOLDER/bench.txt, bench.json and cost.svg.
"""
import datetime
import http.client
import json
import os
import platform
import ssl
import statistics
import subprocess
import sys
import time

import plot

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from server_process import Server, free_port  # noqa: E402

SECONDS = float(os.environ.get("BENCH_SECONDS", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
BODIES = ["pod-6kb", "pod-denied", "update-46kb", "pod-1mb", "pod-3mb"]
LARGE = {"pod-1mb", "pod-3mb"}
PEERS = ["tagmoor", "go-tuned", "go-usual"]
RECEIVED = "received"  # TLS and libh2o: what a webhook that looks at nothing would cost
WHAT = {"tagmoor": "tagmoor", RECEIVED: "tagmoor, answered 404 unread", "go-tuned": "Go, sonic, only the images decoded",
        "go-usual": "Go, encoding/json, k8s.io/api types"}
GOALS = {("pod-6kb", "go-tuned"): 2, ("update-46kb", "go-tuned"): 3.5, ("pod-3mb", "go-tuned"): 4,
         ("pod-6kb", "go-usual"): 10, ("update-46kb", "go-usual"): 15, ("pod-3mb", "go-usual"): 30}


class Bench:
    def __init__(self, tagmoor, folder):
        self.tagmoor, self.folder = tagmoor, folder
        self.certs = f"{folder}/certs"
        self.lines, self.data = [], {}
        subprocess.run([tagmoor, "certs", self.certs], check=True, stdout=subprocess.DEVNULL)

    def say(self, text=""):
        print(text, flush=True)
        self.lines.append(text)

    def body(self, name):
        return f"{self.folder}/bodies/{name}.json"

    def has(self, peer):
        return peer == "tagmoor" or os.path.exists(f"{self.folder}/{peer}")

    def peers(self):
        return [peer for peer in PEERS if self.has(peer)]


class Peer(Server):
    """A server to compare, on a port of its own until the end of a `with`."""

    def __init__(self, bench, peer, *flags):
        self.bench, self.port = bench, free_port()
        address, certs = f"127.0.0.1:{self.port}", bench.certs
        command = [f"{bench.folder}/{peer}", "-addr", address, "-cert", f"{certs}/tls.crt", "-key", f"{certs}/tls.key"]
        if peer == "tagmoor":
            command = [bench.tagmoor, "serve", "--listen", address, "--tls-cert-file", f"{certs}/tls.crt",
                       "--tls-private-key-file", f"{certs}/tls.key", "--metrics-listen", "off", "--lame-duck", "0s", *flags]
        self.path = "/thin" if peer == "go-tuned" else "/validate"
        with open(f"{bench.folder}/{peer}.log", "wb") as log:
            super().__init__(command, stderr=log)

    def __enter__(self):
        self.ready_ms = self.wait_until_it_answers()
        return self

    def post(self, body):
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=10)
        connection.request("POST", self.path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def wait_until_it_answers(self):
        """Milliseconds from its start to the first right answer."""
        with open(self.bench.body("pod-denied"), "rb") as file:
            body = file.read()
        while self.is_running() and time.monotonic() - self.started < 30:
            try:
                if b'"allowed":false' in self.post(body):
                    return (time.monotonic() - self.started) * 1000
            except OSError:
                time.sleep(0.001)
        raise SystemExit(f"{self.process.args[0]} does not answer; see {self.bench.folder}/*.log")

    def load(self, body, *arguments, seconds=SECONDS, path=None):
        return self.load_begin(body, *arguments, seconds=seconds, path=path)()

    def load_begin(self, body, *arguments, seconds=SECONDS, path=None):
        """Starts a load generator; the function returned waits for what it has measured."""
        command = [f"{self.bench.folder}/loadgen", "-url", f"https://127.0.0.1:{self.port}{path or self.path}", "-body", self.bench.body(body),
                   "-d", f"{seconds}s", "-pid", str(self.process.pid), *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)

        def wait():
            out, _ = process.communicate(timeout=600)
            if process.returncode != 0:
                raise SystemExit(f"failed: {' '.join(command)}")
            return dict(json.loads(out), body=body)
        return wait


def median(rows, field):
    return statistics.median(row[field] for row in rows)


def mib(kib):
    return f"{kib / 1024:.1f}"


def table(bench, head, rows):
    """Text in columns; the first to the left, the others to the right."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        bench.say("  " + "  ".join(str(cell).ljust(w) if i == 0 else str(cell).rjust(w) for i, (cell, w) in enumerate(zip(row, widths))))


# --- the parts ----------------------------------------------------------------------------------------
def part_start(bench):
    bench.say("\nStart to the first right answer over TLS, and memory with no connection")
    rows = {peer: [] for peer in bench.peers()}
    for _ in range(ROUNDS):
        for peer in rows:
            with Peer(bench, peer) as server:
                time.sleep(0.3)
                rows[peer].append({"ready_ms": server.ready_ms, "rss_kib": server.memory_kib()})
    table(bench, ["", "start ms", "RSS MiB"],
          [[WHAT[peer], f"{median(r, 'ready_ms'):.0f}", mib(median(r, "rss_kib"))] for peer, r in rows.items()])
    bench.data["start"] = rows


def measure_table(servers):
    """{(body, peer): {"full": [...], "paced": [...]}}, by rounds that take turns."""
    rows = {}
    for _ in range(ROUNDS):
        for body in BODIES:
            connections = 1 if body in LARGE else 16
            for peer, server in servers.items():
                row = rows.setdefault((body, peer), {"full": [], "paced": []})
                row["full"].append(server.load(body, "-c", connections))
                if body not in LARGE:
                    row["paced"].append(server.load(body, "-c", 16, "-rate", 500))
            rows.setdefault((body, RECEIVED), {"full": [], "paced": []})["full"].append(
                servers["tagmoor"].load(body, "-c", connections, path="/no-such-path"))
    return rows


def ratios_to(body, divisor, peer, rows):
    """This peer's CPU over the divisor's, round by round, the smallest first."""
    return sorted(t["server_cpu_us"] / o["server_cpu_us"] for t, o in zip(rows[body, peer]["full"], rows[body, divisor]["full"]))


def ratio_row(body, peer, rows):
    """How many times tagmoor's CPU this peer takes, and how many times what receiving the body alone does."""
    ratios = ratios_to(body, "tagmoor", peer, rows)
    return {"body": body, "peer": peer, "ratio": statistics.median(ratios), "low": ratios[0], "high": ratios[-1],
            "most": statistics.median(ratios_to(body, RECEIVED, peer, rows)), "goal": GOALS.get((body, peer))}


def part_table(bench):
    servers = {peer: Peer(bench, peer) for peer in bench.peers()}
    try:
        for server in servers.values():
            server.wait_until_it_answers()
        rows = measure_table(servers)
        after = {peer: server.memory_kib() for peer, server in servers.items()}
    finally:
        for server in servers.values():
            server.close()
    bench.say(f"\nKeep-alive TLS, 16 connections (1 for the large bodies), {ROUNDS} rounds of {SECONDS:g} s each, medians")
    lines = []
    for (body, peer), row in sorted(rows.items(), key=lambda item: (BODIES.index(item[0][0]), list(WHAT).index(item[0][1]))):
        full, paced = row["full"], row["paced"]
        costs = [r["server_cpu_us"] for r in full]
        lines.append([f"{body}, {WHAT[peer]}", f"{median(full, 'server_cpu_us'):.0f}", f"{min(costs):.0f}-{max(costs):.0f}",
                      f"{median(full, 'per_second'):.0f}", f"{median(full, 'p50_us') / 1000:.2f}", f"{median(full, 'p99_us') / 1000:.2f}",
                      f"{median(paced, 'p50_us') / 1000:.2f}" if paced else "-", f"{median(paced, 'p99_us') / 1000:.2f}" if paced else "-",
                      "-" if peer == RECEIVED else sum(r["failed"] + r["other"] for r in full + paced)])
    table(bench, ["body, server", "CPU us", "spread", "req/s", "p50 ms", "p99 ms", "p50 at 500/s", "p99 at 500/s", "errors"], lines)
    ratios = [ratio_row(body, peer, rows) for body in BODIES for peer in list(servers)[1:]]
    bench.say("\nCPU a request over tagmoor's, of the same round; at most: were the body only received")
    table(bench, ["body, server", "times", "spread", "at most", "goal", ""],
          [[f"{r['body']}, {WHAT[r['peer']]}", f"{r['ratio']:.1f}", f"{r['low']:.1f}-{r['high']:.1f}", f"{r['most']:.1f}",
            r["goal"] or "-", "" if r["goal"] is None else "met" if r["ratio"] >= r["goal"] else "missed"] for r in ratios])
    bench.say("\nRSS after all of that, MiB: " + ", ".join(f"{WHAT[peer]} {mib(kib)}" for peer, kib in after.items()))
    bench.data["table"] = [{"body": body, "peer": peer, **row} for (body, peer), row in rows.items()]
    bench.data["ratios"] = ratios
    bench.data["rss_after_kib"] = after


def part_large(bench):
    bench.say("\nMemory under large bodies: the peak while 16 connections post them, and what is kept 3 s later")
    lines, data = [], []
    for body in ("pod-3mb", "grown-7340032"):
        for peer in bench.peers():
            with Peer(bench, peer) as server:
                row = server.load(body, "-c", 16, "-n", 2, "-warm", "0s", seconds=120)
                time.sleep(3)
                row |= {"peer": peer, "rss_later_kib": server.memory_kib()}
            data.append(row)
            lines.append([f"{body}, {WHAT[peer]}", row["allowed"] + row["denied"], row["other"] + row["failed"],
                          mib(row["rss_peak_kib"]), mib(row["rss_later_kib"])])
    table(bench, ["body, server", "answered", "errors", "peak MiB", "kept MiB"], lines)
    bench.data["large"] = data


def part_growth(bench):
    sizes = sorted(int(name[6:-5]) for name in os.listdir(f"{bench.folder}/bodies") if name.startswith("grown-"))
    peers = [peer for peer in bench.peers() if peer != "go-usual"]
    servers = {peer: Peer(bench, peer) for peer in peers}
    points = {peer: [] for peer in peers}
    try:
        for server in servers.values():
            server.wait_until_it_answers()
        for size in sizes:
            for peer, server in servers.items():
                row = server.load(f"grown-{size}", "-c", 16 if size < 1 << 17 else 1)
                points[peer].append((row["bytes"], row["server_cpu_us"]))
    finally:
        for server in servers.values():
            server.close()
    bench.say("\nCPU a request by size of the body, us")
    table(bench, ["", *(f"{bytes_ / 1024:.0f} KiB" for bytes_, _ in points["tagmoor"])],
          [[WHAT[peer], *(f"{us:.0f}" for _, us in row)] for peer, row in points.items()])
    with open(f"{bench.folder}/cost.svg", "w", encoding="utf-8") as file:
        file.write(plot.cost_by_size({WHAT[peer]: row for peer, row in points.items()}, bench.data["machine"]))
    bench.data["growth"] = points


def part_threads(bench):
    """One thread against two: each alone under the load of all the CPUs that it leaves free."""
    results = {1: [], 2: []}
    for _ in range(ROUNDS):
        for threads, rows in results.items():
            with Peer(bench, "tagmoor", "--threads", str(threads)) as server:
                rows.append(server.load("update-46kb", "-c", 16, seconds=2 * SECONDS))
    bench.say(f"\nThreads, 46 KB, on {os.cpu_count()} CPUs that the load generator shares")
    lines = []
    for threads, rows in results.items():
        busy = [r["per_second"] * (r["server_cpu_us"] + r["client_cpu_us"]) / 1e6 for r in rows]
        lines.append([f"{threads} thread{'s' * (threads > 1)}", f"{median(rows, 'per_second'):.0f}", f"{median(rows, 'server_cpu_us'):.0f}",
                      f"{median(rows, 'client_cpu_us'):.0f}", f"{statistics.median(busy):.2f}", f"{median(rows, 'p99_us') / 1000:.2f}"])
    table(bench, ["", "req/s", "server CPU us", "client CPU us", "CPUs in use", "p99 ms"], lines)
    bench.data["threads"] = results


def part_logging(bench):
    """The same requests with a log line each, and with none: what the audit trail costs."""
    rows = {"with": [], "without": []}
    with Peer(bench, "tagmoor", "--log-requests", "all") as logging, Peer(bench, "tagmoor", "--log-level", "error") as silent:
        for _ in range(4 * ROUNDS):
            for which, server in (("with", logging), ("without", silent)):
                rows[which].append(server.load("pod-6kb", "-c", 16, seconds=SECONDS / 2))
    costs = [median(rows[which], "server_cpu_us") for which in ("with", "without")]
    bench.say(f"\nLogging, 6.5 KB: {costs[0]:.1f} us CPU a request with a line each, {costs[1]:.1f} without: "
              f"{(costs[0] / costs[1] - 1) * 100:.0f} % more (medians of {4 * ROUNDS} rounds)")
    bench.data["logging"] = rows


def part_neighbours(bench):
    """Small requests while someone else posts 3 MB without end."""
    lines, data = [], []
    for threads in (2, 1):
        for large in ("", "pod-3mb"):
            with Peer(bench, "tagmoor", "--threads", str(threads)) as server:
                other = server.load_begin(large, "-c", 1, "-rate", 20, seconds=3 * SECONDS + 0.5) if large else None
                row = server.load("pod-6kb", "-c", 8, "-rate", 500, seconds=3 * SECONDS)
                beside = other() if other else None
            data.append({"threads": threads, "small": row, "large": beside})
            lines.append([f"{threads} thread{'s' * (threads > 1)}, {'beside 20/s of 3 MB' if large else 'alone'}", f"{row['p50_us'] / 1000:.2f}",
                          f"{row['p99_us'] / 1000:.2f}", f"{row['max_us'] / 1000:.2f}", f"{beside['p99_us'] / 1000:.1f}" if beside else "-"])
    bench.say("\nSmall requests (6.5 KB, 500/s) beside large ones")
    table(bench, ["", "p50 ms", "p99 ms", "max ms", "3 MB's p99"], lines)
    bench.data["neighbours"] = data


def part_holding(bench):
    bench.say("\nConnections")
    with Peer(bench, "tagmoor") as server:
        idle = server.memory_kib()
        many = server.load("pod-6kb", "-c", 32, seconds=max(5, 5 * SECONDS))
        held = server.load("pod-6kb", "-c", 1, "-hold", 512, seconds=SECONDS)
    bench.say(f"  32 connections for {many['seconds']:.0f} s: {many['allowed']} answered, {many['failed'] + many['other']} errors, "
              f"RSS {mib(idle)} MiB before, {mib(many['rss_after_kib'])} after, peak {mib(many['rss_peak_kib'])}")
    bench.say(f"  {held['held']} idle connections held: a new client got {held['allowed']} answers, {held['failed'] + held['other']} errors, "
              f"p99 {held['p99_us'] / 1000:.2f} ms, RSS {mib(held['rss_after_kib'])} MiB")
    bench.data["holding"] = {"many": many, "held": held}


# --- the command line ---------------------------------------------------------------------------------
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{0}
  namespace: shop-{1}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web-{0}}}}}
  template:
    metadata: {{labels: {{app: web-{0}, team: payment}}}}
    spec:
      containers:
      - name: web
        image: registry.example.com/shop/web:1.{1}.{0}
        ports: [{{containerPort: 8080}}]
"""
FILES, REFERENCES, DUMP_BYTES, EVENTS = 10_000, 1_000_000, 50_000_000, 100_000


def write_files(folder):
    os.makedirs(folder, exist_ok=True)
    for number in range(FILES):
        with open(f"{folder}/{number:05}.yaml", "w", encoding="utf-8") as file:
            file.write("---\n".join(DEPLOYMENT.format(number, step) for step in range(3)))


def write_dump(path):
    """As `kubectl get pods -A -o json` prints it."""
    with open("tests/golden/review/recorded/pod-create.json", encoding="utf-8") as file:
        pod = json.load(file)["request"]["object"]
    text = json.dumps(dict(pod, apiVersion="v1", kind="Pod"), indent=4)
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"apiVersion": "v1", "kind": "List", "items": [\n' + ",\n".join([text] * (DUMP_BYTES // len(text))) + "\n]}\n")


def write_references(path):
    names = ["nginx", "nginx:1.25", "registry.example.com/team/app:1a6dd44-20240107123456", "ghcr.io/org/tool:v1.2.3", "redis:7-alpine",
             "quay.io/org/x@sha256:" + "0" * 64, "busybox:latest", "app:pr-12"]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(names * (REFERENCES // len(names))) + "\n")


def write_audit_log(path):
    with open(path, "wb") as file:
        subprocess.run(["tests/bench/audit_log.py", str(EVENTS)], stdout=file, check=True)


def run_once(bench, path, *arguments):
    """(seconds, seconds of CPU, MiB at most) of a command that reads the file, or the folder that it names."""
    peak_kib = 0
    with open(path if os.path.isfile(path) else os.devnull, "rb") as stdin:
        start = time.monotonic()
        process = subprocess.Popen([bench.tagmoor, *arguments], stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Its rusage would count what this process had when it forked.
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            while True:
                ended, _, usage = os.wait4(process.pid, os.WNOHANG)
                if ended:
                    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, peak_kib / 1024
                status.seek(0)
                peak_kib = next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), peak_kib)
                time.sleep(0.002)


def part_commands(bench):
    """What people wait for: files in CI, a dump of a cluster, a list of references, an audit log."""
    files, dump, references, log = (f"{bench.folder}/{name}" for name in ("files", "dump.json", "references.txt", "audit.log"))
    write_files(files)
    write_dump(dump)
    write_references(references)
    write_audit_log(log)
    size = sum(entry.stat().st_size for entry in os.scandir(files))
    rows = [(f"check, {FILES} files of {size / FILES / 1000:.1f} KB, 3 documents each", size, (files, "check", files)),
            ("check, a dump", os.path.getsize(dump), (dump, "check", "-")),
            ("scan, a dump", os.path.getsize(dump), (dump, "scan", "-")),
            (f"explain -o tsv, {REFERENCES} references", os.path.getsize(references), (references, "explain", "-o", "tsv", "-")),
            (f"replay, an audit log of {EVENTS} events", os.path.getsize(log), (log, "replay", "-")),
            ("report --image, the same log", os.path.getsize(log), (log, "report", "--image", "registry.example.com/**:latest", "-"))]
    lines, data = [], {}
    for what, bytes_, arguments in rows:
        runs = [run_once(bench, *arguments) for _ in range(ROUNDS)]
        wall, cpu, peak = (statistics.median(column) for column in zip(*runs))
        lines.append([what, f"{bytes_ / 1e6:.1f}", f"{wall:.2f}", f"{cpu:.2f}", f"{bytes_ / 1e6 / cpu:.0f}", f"{peak:.1f}"])
        data[what] = {"bytes": bytes_, "runs": runs}
    bench.say(f"\nCommands, medians of {ROUNDS} runs")
    table(bench, ["", "MB", "s", "CPU s", "MB/s and core", "peak MiB"], lines)
    bench.data["commands"] = data


PARTS = {"start": part_start, "table": part_table, "large": part_large, "growth": part_growth,
         "threads": part_threads, "logging": part_logging, "neighbours": part_neighbours, "holding": part_holding, "commands": part_commands}


# --- the machine --------------------------------------------------------------------------------------
def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "absent"


def describe_machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{os.cpu_count()} x {models[0] if models else platform.machine()}, Linux {platform.release()}"


def main():
    if len(sys.argv) < 3 or not set(sys.argv[3:]) <= set(PARTS):
        sys.exit(__doc__)
    bench = Bench(sys.argv[1], sys.argv[2])
    if not os.path.exists(f"{bench.folder}/loadgen"):
        sys.exit("bench: Go is not here, so neither are the load generator and the Go webhooks: nothing to measure with")
    bench.data |= {"machine": describe_machine(), "date": datetime.date.today().isoformat(), "load": os.getloadavg()[0],
                   "versions": {"tagmoor": first_line(bench.tagmoor, "version"), "go": first_line("go", "version"),
                                "compiler": first_line("gcc", "--version"), "openssl": ssl.OPENSSL_VERSION}}
    bench.say(f"{bench.data['date']}, {bench.data['machine']}, load {bench.data['load']:.1f}")
    bench.say("; ".join(bench.data["versions"].values()))
    start = time.monotonic()
    for name in sys.argv[3:] or PARTS:
        PARTS[name](bench)
    bench.say(f"\n{time.monotonic() - start:.0f} s")
    with open(f"{bench.folder}/bench.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(bench.lines) + "\n")
    with open(f"{bench.folder}/bench.json", "w", encoding="utf-8") as file:
        json.dump(bench.data, file, indent=1)


main()
