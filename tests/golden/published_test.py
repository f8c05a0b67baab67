#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What other repositories use of this one: the composite action of GitHub and the hooks of pre-commit."""
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tarfile

from cli import BUILD, TAGMOOR, check, folder, main, test, write

YAML_JSON = os.path.abspath(os.path.join(BUILD, "tests/golden/yaml_json"))
ACTION, HOOKS = ".github/actions/check/action.yml", ".pre-commit-hooks.yaml"
VERSION = "9.9.9"
POD = """apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop-prod}
spec:
  containers:
  - {name: web, image: %s}
"""


def parsed(path):
    with open(path, "rb") as file:
        return json.loads(subprocess.run([YAML_JSON], stdin=file, capture_output=True, timeout=60, check=True).stdout)


def release(place):
    """A folder of releases as the action downloads them, with the program under test."""
    arch = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    name = f"tagmoor-{VERSION}-linux-{arch}"
    releases = os.path.join(place, "releases", f"v{VERSION}")
    os.makedirs(releases)
    archive = os.path.join(releases, f"{name}.tar.gz")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(os.path.realpath(TAGMOOR), f"{name}/tagmoor")
    with open(archive, "rb") as file:
        checksum = hashlib.sha256(file.read()).hexdigest()
    write(releases, "SHA256SUMS", f"{'0' * 64}  another.tar.gz\n{checksum}  {name}.tar.gz\n")
    return "file://" + os.path.join(place, "releases")


class Job:
    """A job of GitHub with this action as its only step, in `place`."""

    def __init__(self, place, manifest):
        self.place = place
        self.source = os.path.join(place, "src")
        os.makedirs(os.path.join(self.source, "k8s"))
        write(os.path.join(self.source, "k8s"), "pod.yaml", manifest)
        os.mkdir(os.path.join(place, "temp"))
        self.summary, self.path = write(place, "summary", ""), write(place, "path", "")
        self.output = ""

    def step(self, step, inputs):
        env = {name: value.replace("${{ runner.temp }}", os.path.join(self.place, "temp")) for name, value in step["env"].items()}
        for name, value in inputs.items():
            env = {key: text.replace("${{ inputs.%s }}" % name, value) for key, text in env.items()}
        check(not [text for text in env.values() if "${{" in text], env)
        with open(self.path, encoding="utf-8") as file:
            added = [line.strip() for line in file]
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.source, check=False,
                              timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, **env, "PATH": ":".join(added + [os.environ["PATH"]]),
                                   "GITHUB_PATH": self.path, "GITHUB_STEP_SUMMARY": self.summary})
        self.output += done.stdout.decode()
        return done.returncode

    def run(self, **inputs):
        action = parsed(ACTION)
        values = {name: inputs.get(name, row.get("default")) for name, row in action["inputs"].items()}
        for step in action["runs"]["steps"]:
            check(step["shell"] == "bash", step)
            status = self.step(step, values)
            if status != 0:
                return status
        return 0


@test
def action__bad_manifest__annotated_in_sarif_and_in_the_summary():
    with folder() as place:
        job = Job(place, POD % "nginx:latest")
        check(job.run(version=VERSION, download=release(place), paths="k8s") == 1, job.output)
        check("::error file=k8s/pod.yaml,line=6" in job.output, job.output)
        with open(os.path.join(job.source, "tagmoor.sarif"), encoding="utf-8") as file:
            check(json.load(file)["runs"][0]["results"])
        with open(job.summary, encoding="utf-8") as file:
            check("1 denied" in file.read())


@test
def action__good_manifest_and_more_options__passes():
    with folder() as place:
        job = Job(place, POD % "nginx:latest")
        check(job.run(version=VERSION, download=release(place), args="--environment development --color never") == 0, job.output)


@test
def action__another_archive_than_the_checksum_says__nothing_runs():
    with folder() as place:
        job = Job(place, POD % "nginx:1.27.3")
        check(job.run(version=VERSION, download=release(place), checksum="0" * 64) != 0 and "FAILED" in job.output, job.output)
        check(os.listdir(os.path.join(place, "temp")) and "tagmoor" not in open(job.path, encoding="utf-8").read())


@test
def action__release_that_does_not_exist__fails():
    with folder() as place:
        job = Job(place, POD % "nginx:1.27.3")
        check(job.run(version="0.0.1", download=release(place)) != 0, job.output)


@test
def hooks__another_repository__runs_the_program_on_its_path():
    hook = next(hook for hook in parsed(HOOKS) if hook["id"] == "tagmoor")
    with folder() as place:
        hooks, source = os.path.join(place, "hooks"), os.path.join(place, "src")
        os.makedirs(hooks)
        os.makedirs(source)
        os.symlink(TAGMOOR, os.path.join(place, "tagmoor"))
        shutil.copy(HOOKS, hooks)
        write(source, "pod.yaml", POD % "nginx:latest")
        script = f"""
            git config --global user.name t; git config --global user.email t@example.com
            git init -q {hooks}; git -C {hooks} add -A; git -C {hooks} commit -qm hooks
            git init -q .; git add -A; pre-commit try-repo {hooks} {hook['id']} --all-files"""
        done = subprocess.run(["bash", "-e", "-c", script], cwd=source, capture_output=True, text=True, check=False, timeout=120,
                              env={**os.environ, "PATH": place + ":" + os.environ["PATH"], "PRE_COMMIT_HOME": os.path.join(place, "home"),
                                   "HOME": place})
        check(done.returncode == 1 and "pod.yaml:6:24: denied" in done.stdout, done)


@test
def hooks__container__has_the_entrypoint_of_the_image():
    hook = next(hook for hook in parsed(HOOKS) if hook["language"] == "docker_image")
    check(hook["entry"].split()[1:] == ["check", "--force-exclude"], hook)


main()
