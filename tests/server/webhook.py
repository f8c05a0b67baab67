"""What the tests of `tagmoor serve` share beside harness.py: the whole webhook under test, its log, its CAs."""
import json
import os
import re
import subprocess
import threading
import time
import urllib.request

from harness import ENVIRONMENT, FOLDER, JSON, Server, ask_once, check, openssl, path

TAGMOOR = os.path.abspath(os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor"))


class Webhook(Server):
    """`tagmoor serve` with flags, on a port of its own."""

    def __init__(self, *flags, cert, key, wait=True, metrics="off"):
        self.lines = []
        self.process = subprocess.Popen(
            [TAGMOOR, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", metrics, "--log-format", "json",
             "--tls-cert-file", cert, "--tls-private-key-file", key, "--lame-duck", "0s", *map(str, flags)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=ENVIRONMENT, cwd=FOLDER.name)
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._wait_until_it_listens(wait, metrics)
        except AssertionError:
            self.process.kill()
            raise

    def _wait_until_it_listens(self, wait, metrics):
        if wait:
            self.port = int(self.wait_for(r"listening on '[^']*:(\d+)' with"))
            if metrics != "off":
                self.metrics_port = int(self.wait_for(r"probes and metrics on '[^']*:(\d+)'"))

    def events(self, pattern=""):
        """(level, message) of the log's lines that match."""
        lines = [json.loads(line) for line in list(self.lines) if line.startswith("{")]
        return [(line["level"], line["msg"]) for line in lines if re.search(pattern, line["msg"])]

    def reviews(self):
        return [line for line in (json.loads(text) for text in list(self.lines) if text.startswith("{"))
                if line["msg"] == "review"]

    def wait_reviews(self, count=1):
        """The lines of judged requests, once there are so many."""
        self.wait_for('"msg":"review"', count)
        return self.reviews()

    def hup(self, pattern):
        """Sends SIGHUP and waits for one more line that matches."""
        before = len(re.findall(pattern, self.log()))
        self.signal("HUP")
        self.wait_for(pattern, before + 1)


def review(image, kind="Pod", group="", namespace="shop-prod", operation="CREATE", dry_run=False):
    """An AdmissionReview of a Pod, or of what calls itself something else."""
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "0-1", "kind": {"group": group, "version": "v1", "kind": kind},
        "resource": {"group": group, "version": "v1", "resource": kind.lower() + "s"},
        "operation": operation, "namespace": namespace, "name": "web", "userInfo": {"username": "jane"},
        "dryRun": dry_run, "object": {"metadata": {"name": "web"}, "spec": {
            "containers": [{"name": "web", "image": image}]}}}}).encode()


def judge(server, image="docker.io/library/nginx:latest", context=None, sock=None, **options):
    """Whether the image is allowed."""
    from harness import ask, connect
    if sock is not None:
        answer = ask(sock, "POST", "/validate", review(image, **options), JSON)
    else:
        with connect(server, context) as own:
            answer = ask(own, "POST", "/validate", review(image, **options), JSON)
    check(answer.status == 200, answer)
    return json.loads(answer.body)["response"]["allowed"]


# --- certificates of a CA ---------------------------------------------------------------------------
def make_ca(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90",
            "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    for suffix, text in (("index", ""), ("serial", "01\n")):
        with open(path(f"{name}.{suffix}"), "w") as file:
            file.write(text)
    return path(f"{name}.crt")


def make_leaf(name, ca, subject="/CN=kube-apiserver", san=None, usage="clientAuth", dates=("-days", "90")):
    """A certificate of the CA; `dates` are flags of `openssl ca`."""
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
    with open(path(f"{name}.cnf"), "w") as config:
        config.write(f"""[ca]
default_ca = own
[own]
database = {path(ca)}.index
serial = {path(ca)}.serial
new_certs_dir = {FOLDER.name}
certificate = {path(ca)}.crt
private_key = {path(ca)}.key
default_md = sha256
policy = any
unique_subject = no
x509_extensions = extensions
[any]
commonName = optional
organizationName = optional
[extensions]
extendedKeyUsage = {usage}
{"subjectAltName = " + san if san else ""}
""")
    openssl("ca", "-batch", "-config", f"{name}.cnf", "-in", f"{name}.csr", "-out", f"{name}.crt", "-notext", *dates)
    return path(f"{name}.crt"), path(f"{name}.key")


# --- the metrics listener -----------------------------------------------------------------------------
def scrape(server):
    """{'name{label="value"}': number} of /metrics."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10).read().decode()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and not line.startswith("#")}


def scrape_until(server, name, value, seconds=10):
    """The metrics once the one named has the value: the server learns after its client that an answer or an end is through."""
    end = time.monotonic() + seconds
    while True:
        counted = scrape(server)
        if counted[name] == value:
            return counted
        check(time.monotonic() < end, name, "is", counted[name], "and not", value)
        time.sleep(0.01)


def last_error_free(server):
    """No line of level error so far."""
    errors = [message for level, message in server.events() if level == "error"]
    check(not errors, errors)


__all__ = ["TAGMOOR", "Webhook", "review", "judge", "make_ca", "make_leaf", "scrape", "ask_once", "last_error_free"]
