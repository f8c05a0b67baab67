#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The image that `make image` left in build/image (or MOOR_IMAGE): its contents, and that it serves under runc.  Run by `make check-image`."""
import functools
import gzip
import io
import json
import os
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from server_process import free_port  # noqa: E402
from tap import Skip, main, test  # noqa: E402

IMAGE = os.environ.get("MOOR_IMAGE", "build/image")
LIMIT_BYTES = 16 * 1000 * 1000


def blob(digest):
    with open(f"{IMAGE}/layout/blobs/sha256/{digest.removeprefix('sha256:')}", "rb") as file:
        return file.read()


class Image:
    def __init__(self):
        with open(f"{IMAGE}/digest", encoding="utf-8") as file:
            self.digest = file.read().strip()
        manifest = json.loads(blob(self.digest))
        self.config = json.loads(blob(manifest["config"]["digest"]))
        self.layers = [gzip.decompress(blob(layer["digest"])) for layer in manifest["layers"]]
        self.files = {}
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                self.files.update({member.name.strip("/"): member for member in tar.getmembers()})

    def unpack(self, folder):
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                tar.extractall(folder)

    def read(self, name):
        with tarfile.open(fileobj=io.BytesIO(self.layers[-1])) as tar:
            return tar.extractfile(name).read().decode()


@functools.cache
def image():
    return Image()


@test
def size__uncompressed__within_the_limit():
    assert sum(map(len, image().layers)) <= LIMIT_BYTES, sum(map(len, image().layers))


@test
def files__programs__tagmoor_alone():
    programs = [name for name, file in image().files.items() if file.isfile() and file.mode & 0o111 and ".so" not in name]
    assert programs == ["usr/bin/tagmoor"], programs


@test
def files__rights__nothing_setuid_or_writable_by_others():
    bad = [name for name, file in image().files.items() if file.mode & 0o7000 or (file.mode & 0o022 and not file.issym())]
    assert not bad, bad


@test
def files__times__none():
    late = [name for name, file in image().files.items() if file.mtime != 0]
    assert not late, late


@test
def config__user_and_labels__as_the_chart_expects():
    config = image().config["config"]
    assert config["User"] == "65532:65532", config
    assert config["Entrypoint"] == ["/usr/bin/tagmoor"], config
    for label in ("title", "version", "revision", "licenses"):
        assert config["Labels"].get(f"org.opencontainers.image.{label}"), label


@test
def sbom__packages__those_inside():
    sbom = json.loads(image().read("usr/share/sbom/tagmoor.spdx.json"))
    listed = {package["name"]: package.get("versionInfo") for package in sbom["packages"] if package["name"] != "tagmoor"}
    inside = {name.rsplit("/", 1)[1] for name in image().files if name.startswith("var/lib/dpkg/status.d/")}
    assert set(listed) == inside and "libssl3" in inside and all(listed.values()), (listed, inside)
    with open(f"{IMAGE}/tagmoor.spdx.json", encoding="utf-8") as file:
        assert json.load(file) == sbom


def bundle(folder, args):
    """An OCI bundle: read-only root, no capability, no new privileges, the user of the image; the host's network."""
    subprocess.run(["runc", "spec", "--bundle", folder], check=True)
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        spec = json.load(file)
    spec["process"].update(terminal=False, args=args, user={"uid": 65532, "gid": 65532}, noNewPrivileges=True, capabilities={})
    spec["process"].pop("rlimits", None)
    spec["root"] = {"path": "rootfs", "readonly": True}
    spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] not in ("network", "cgroup")]
    spec["mounts"] = [m for m in spec["mounts"] if m["destination"] not in ("/sys", "/sys/fs/cgroup")]
    spec["mounts"].append({"destination": "/etc/tagmoor/tls", "type": "bind", "source": f"{folder}/tls", "options": ["bind", "ro"]})
    with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
        json.dump(spec, file)


def post(port, folder):
    with open("tests/golden/review/recorded/pod-create.json", "rb") as file:
        body = file.read()
    context = ssl.create_default_context(cafile=f"{folder}/tls/ca.crt")
    ask = urllib.request.Request(f"https://localhost:{port}/validate", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(ask, timeout=5, context=context) as answer:
        return json.load(answer)


@test
def runc__read_only_root_and_no_capability__answers_over_tls():
    if os.geteuid() != 0:
        raise Skip("needs root for runc")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        rootfs = f"{folder}/rootfs"
        os.mkdir(rootfs)
        image().unpack(rootfs)
        for place in ("etc/tagmoor/tls", "proc", "dev"):
            os.makedirs(f"{rootfs}/{place}", exist_ok=True)
        subprocess.run([f"{os.environ['MOOR_BUILD']}/tagmoor", "certs", f"{folder}/tls"], check=True, stdout=subprocess.DEVNULL)
        for name in os.listdir(f"{folder}/tls"):
            os.chmod(f"{folder}/tls/{name}", 0o644)
        os.chmod(f"{folder}/tls", 0o755)
        port = free_port()
        bundle(folder, ["/usr/bin/tagmoor", "serve", "--tls-cert-file=/etc/tagmoor/tls/tls.crt", "--lame-duck=0s",
                        "--tls-private-key-file=/etc/tagmoor/tls/tls.key", f"--listen=127.0.0.1:{port}", "--metrics-listen=off"])
        name = f"tagmoor-test-{os.getpid()}"
        runc = ["runc", "--root", f"{folder}/state"]
        with open(f"{folder}/log", "w+", encoding="utf-8") as log:
            with subprocess.Popen(runc + ["run", "--bundle", folder, name], stdin=subprocess.DEVNULL, stdout=log, stderr=log) as server:
                try:
                    for _ in range(150):
                        try:
                            answer = post(port, folder)
                            break
                        except OSError:
                            time.sleep(0.1)
                    else:
                        log.seek(0)
                        raise AssertionError(log.read())
                    assert answer["kind"] == "AdmissionReview" and "allowed" in answer["response"], answer
                finally:
                    subprocess.run(runc + ["kill", name, "TERM"], check=False, stderr=subprocess.DEVNULL)
                    try:
                        server.wait(timeout=20)
                    except subprocess.TimeoutExpired:
                        subprocess.run(runc + ["delete", "--force", name], check=False)
                        server.wait(timeout=20)
            assert server.returncode == 0, server.returncode


@test
def build__in_another_folder__same_digest():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", ".", f"{folder}/elsewhere"], check=True)
        bases = [name for name in os.listdir(IMAGE) if name.startswith("base-") and name.endswith(".tar")]
        revision = image().config["config"]["Labels"]["org.opencontainers.image.revision"]
        env = dict(os.environ, REVISION=revision, BASE_TAR=os.path.abspath(f"{IMAGE}/{bases[0]}"))
        subprocess.run([f"{folder}/elsewhere/deploy/image.sh", f"{folder}/out"], check=True, env=env, stdout=subprocess.DEVNULL)
        with open(f"{folder}/out/digest", encoding="utf-8") as file:
            assert file.read().strip() == image().digest


main()
