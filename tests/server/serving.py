"""What the tests of `tagmoor serve` share: the server itself, reviews of any size, the answers they must get."""
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden"))
from cases import all_cases  # noqa: E402
from harness import CERT, ENVIRONMENT, JSON, KEY, Server, request_bytes

TAGMOOR = os.path.join(os.environ.get("MOOR_BUILD", "build/gcc"), "tagmoor")
KEPT_LINES = 20000


def find_metrics_flag():
    done = subprocess.run([TAGMOOR, "serve", "--help"], capture_output=True, text=True)
    return ["--metrics-listen", "off"] if "--metrics-listen" in done.stdout else []


WITHOUT_METRICS = find_metrics_flag()


class Tagmoor(Server):
    """`tagmoor serve` with flags.  `on_line` sees each line of the log, which is then not kept."""

    def __init__(self, *flags, cert=CERT, key=KEY, listen="127.0.0.1:0", on_line=None, stderr=subprocess.PIPE,
                 prepare=None, prefix=(), wait=True):
        self.lines, self.on_line = [], on_line
        command = [*prefix, TAGMOOR, "serve", "--listen", listen, "--log-format", "json", "--tls-cert-file", cert,
                   "--tls-private-key-file", key, *WITHOUT_METRICS, *map(str, flags)]
        self.process = subprocess.Popen(command, stderr=stderr, stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                                        preexec_fn=prepare)
        self.port = int(listen.rsplit(":", 1)[1])
        if stderr == subprocess.PIPE:
            self.reader = threading.Thread(target=self._read, daemon=True)
            self.reader.start()
        if wait and stderr == subprocess.PIPE:
            self.port = int(self.wait_for(r"listening on '.*:(\d+)'"))

    def _read(self):
        for line in self.process.stderr:
            if self.on_line is not None:
                self.on_line(line)
            if self.on_line is None or b'"msg":"review' not in line:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                del self.lines[:-KEPT_LINES]
        self.process.stderr.close()

    def wait(self, seconds=30):
        """The exit status, once the log is read to its end."""
        code = self.process.wait(seconds)
        if hasattr(self, "reader"):
            self.reader.join(5)
        return code

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_sanitized():
    """Whether the server was built with a sanitizer: memory and speed then say nothing."""
    return bool(re.search(r"address|thread|undefined", TAGMOOR))


# --- reviews and their answers ------------------------------------------------------------------------
def expected(body, environment=""):
    """(status, body) as `tagmoor review` says."""
    command = [TAGMOOR, "review", *(["--environment", environment] if environment else []), "-"]
    done = subprocess.run(command, input=body, capture_output=True, timeout=120, env=ENVIRONMENT)
    if done.returncode in (0, 1):
        return 200, done.stdout
    text = done.stderr.removeprefix(b"tagmoor: review: standard input: ")
    if done.returncode != 2 or text == done.stderr:
        raise AssertionError(f"tagmoor review: {done.returncode} {done.stderr.decode(errors='replace')}")
    return (500 if text.startswith(b"cannot judge") else 400), text


class Case:
    """A review with the answer that it must get; `bytes` is its request."""

    def __init__(self, name, body, environment=""):
        self.name, self.body = name, body
        self.status, self.answer = expected(body, environment)
        is_image_review = b"imagepolicy.k8s.io" in body or b"imagepolicy.k8s.io" in self.answer
        path = "/image-review" if is_image_review else "/validate"
        self.target = path + ("/" + environment if environment else "")
        self.bytes = request_bytes("POST", self.target, body, JSON)

    def is_answered_by(self, response):
        return response.status == self.status and response.body == self.answer


def golden_cases(largest=200000):
    """The golden reviews that the embedded policy evaluates."""
    return [Case(case.name, case.body, case.environment or "") for case in all_cases().values()
            if case.policy is None and len(case.body) <= largest]


def pod(uid="u", images=("nginx:1.25.3",), old=None, user="jane", name="web", namespace="shop", padding=0):
    """The body of a review of a Pod with a container for each image; `padding` bytes in each."""
    def containers(names):
        rest = {"args": ["a" * padding]} if padding else {}
        return [{"name": f"c{i}", "image": image, **rest} for i, image in enumerate(names)]

    def thing(names):
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
                "spec": {"containers": containers(names)}}

    return json.dumps({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {"uid": uid, "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "resource": {"group": "", "version": "v1", "resource": "pods"},
                    "name": name, "namespace": namespace, "operation": "UPDATE" if old else "CREATE",
                    "userInfo": {"username": user, "groups": ["system:authenticated"]},
                    "object": thing(images), "oldObject": thing(old) if old else None, "dryRun": False,
                    "options": None}}).encode()


def large_pod(size=7 << 20, count=4096):
    """`count` images in object and oldObject, no two alike, `size` bytes in all or a little less."""
    images = [f"registry.example/team/app-{i}:v1.{i}.0" for i in range(count)]
    old = [f"registry.example/team/app-{i}:v1.{i}.1" for i in range(count)]
    bare = len(pod(images=images, old=old))
    padding = (size - bare) // (2 * count) - len(', "args": [""]')
    return pod(images=images, old=old, padding=max(padding, 0))


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
