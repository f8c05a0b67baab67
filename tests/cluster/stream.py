#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stream.py NAMESPACE RATE KUBECONFIG.json - dry-run creates of Pods, RATE a second, every second one to be refused by tagmoor, over
four connections, until standard input ends.  Prints what came otherwise than it should, as JSON.
"""
import base64
import collections
import http.client
import json
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse

CLIENTS = 4
CASES = (("registry.example.com/pause:latest", 403), ("registry.example.com/pause:3.10.0", 201))


class Api:
    """The API server of a kubeconfig's current context."""

    def __init__(self, config):
        context = next(c["context"] for c in config["contexts"] if c["name"] == config["current-context"])
        cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == context["cluster"])
        user = next(u["user"] for u in config["users"] if u["name"] == context["user"])
        self.address = urllib.parse.urlparse(cluster["server"]).netloc
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        self.headers = {"Content-Type": "application/json"}
        if "token" in user:
            self.headers["Authorization"] = "Bearer " + user["token"]
        else:
            with tempfile.NamedTemporaryFile() as pair:
                pair.write(base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"]))
                pair.flush()
                self.tls.load_cert_chain(pair.name)

    def connect(self):
        return http.client.HTTPSConnection(self.address, context=self.tls, timeout=20)

    def create(self, connection, namespace, image):
        """(status, message) of a dry-run create."""
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "stream-"},
               "spec": {"containers": [{"name": "app", "image": image}]}}
        connection.request("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", json.dumps(pod), self.headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("message", "")


class Count:
    def __init__(self):
        self.lock, self.start = threading.Lock(), time.monotonic()
        self.sent, self.longest, self.last = 0, 0.0, 0.0
        self.lost, self.first = collections.Counter(), {}

    def add(self, begin, problem, text):
        now = time.monotonic()
        with self.lock:
            self.sent += 1
            self.longest = max(self.longest, now - begin)
            if problem:
                self.lost[problem] += 1
                self.last = now - self.start
                self.first.setdefault(problem, f"at {self.last:.1f} s: {text}")


def client(api, namespace, pause, count, end):
    connection, number = None, 0
    while not end.is_set():
        begin = time.monotonic()
        image, wanted = CASES[number % 2]
        problem, text = None, ""
        try:
            connection = connection or api.connect()
            status, text = api.create(connection, namespace, image)
            if status != wanted or (status == 403 and "denied the request" not in text):
                problem = f"{status} instead of {wanted}"
        except OSError as why:
            problem, text, connection = type(why).__name__, str(why), None
        count.add(begin, problem, text)
        number += 1
        end.wait(max(0, begin + pause - time.monotonic()))


def main():
    namespace, rate = sys.argv[1], float(sys.argv[2])
    with open(sys.argv[3], encoding="utf-8") as file:
        api = Api(json.load(file))
    end, count = threading.Event(), Count()
    threads = [threading.Thread(target=client, args=(api, namespace, CLIENTS / rate, count, end), daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    print("started", flush=True)
    sys.stdin.read()
    end.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"sent": count.sent, "seconds": time.monotonic() - count.start, "lost": count.lost, "first": count.first,
                      "longest_ms": 1000 * count.longest, "last_lost_s": count.last}))


if __name__ == "__main__":
    main()
