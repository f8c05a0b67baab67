# SPDX-License-Identifier: Apache-2.0
"""Each way to introduce an image with kubectl, and what introduces none: for scenarios that look at the answers.

A way is a function (namespace, name, image) that returns what kubectl printed.  Before it is called, setup() has made the objects
of a namespace, and make_before() those that the way changes.
"""
import collections
import json
import os
import stat

import harness
from harness import LATEST, OLD, PINNED, check, check_equal, create, exists, get, kubectl, ok, pod, workload, write

# `path` is that of the image in the message, and `container` its holder; `before` is the kind that exists already, on another image.
# kubectl prints `prefix` before the message.  `always` is the way of an image with which environments only warn.
Way = collections.namedtuple("Way", "function path before prefix image container good always")
WAYS, SILENT = [], []
POD, TEMPLATE = "spec.containers[0]", "spec.template.spec.containers[0]"
CRONJOB = "spec.jobTemplate.spec.template.spec.containers[0]"


def verb(path, before=None, prefix="", image=LATEST, container="app", good=PINNED, always=False):
    def decorate(function):
        WAYS.append(Way(function, path, before, prefix, image, container, good, always))
        return function
    return decorate


def silent(function):
    """What introduces no image."""
    SILENT.append(function)
    return function


def make_before(way, namespace, name):
    """The two objects that the way changes: one to a bad image, and one to a good one."""
    if way.before:
        create(namespace, *(workload(way.before, f"{name}-{which}", OLD, 0) for which in ("bad", "good")))


def setup(*namespaces):
    """The objects of the namespaces, before anything evaluates images.  No Pod need run, and none shall take the processor."""
    harness.SCHEDULER = "nobody"
    for namespace in namespaces:
        create(namespace, workload("Deployment", "web", PINNED, 0), workload("Deployment", "before", LATEST, 0), workload("CronJob", "nightly", LATEST),
               workload("Deployment", "old-bad", LATEST, 0), workload("Deployment", "old-good", OLD, 0))
        ok("patch", "-n", namespace, "cronjob", "nightly", "-p", '{"spec": {"suspend": true}}')
        # The revision must be there before the next one is made.
        for name in ("old-bad", "old-good"):
            ok("rollout", "status", "-n", namespace, f"deployment/{name}", "--timeout=60s")
        for name in ("old-bad", "old-good"):
            ok("set", "image", "-n", namespace, f"deployment/{name}", f"app={PINNED}")
            ok("rollout", "status", "-n", namespace, f"deployment/{name}", "--timeout=60s")


def file(namespace, command, body, *flags):
    return kubectl(command, "-n", namespace, *flags, "-f", "-", stdin=json.dumps(body))


CREATING = 'Error from server (Forbidden): error when creating "STDIN": '
SERVER = "Error from server (Forbidden): "


@verb(POD, prefix=CREATING)
def create_pod(namespace, name, image):
    return file(namespace, "create", pod(name, image))


@verb(POD, prefix=CREATING)
def generate_name(namespace, name, image):
    body = pod(name, image)
    body["metadata"] = {"generateName": name + "-"}
    return file(namespace, "create", body)


@verb(TEMPLATE, prefix=CREATING, image="registry.example.com/app:main")
def apply_new(namespace, name, image):
    return file(namespace, "apply", workload("Deployment", name, image, 0))


@verb(TEMPLATE, before="Deployment", prefix='for: "STDIN": error when patching "STDIN": ')
def apply_existing(namespace, name, image):
    kubectl("apply", "set-last-applied", "-n", namespace, "--create-annotation", "-f", "-", stdin=json.dumps(workload("Deployment", name, OLD, 0)))
    return file(namespace, "apply", workload("Deployment", name, image, 0))


@verb(TEMPLATE, prefix=SERVER)
def apply_server_side_new(namespace, name, image):
    return file(namespace, "apply", workload("Deployment", name, image, 0), "--server-side")


@verb(TEMPLATE, before="Deployment", prefix=SERVER)
def apply_server_side_existing(namespace, name, image):
    return file(namespace, "apply", workload("Deployment", name, image, 0), "--server-side", "--force-conflicts")


@verb(TEMPLATE, before="Deployment", prefix='Error from server (Forbidden): error when replacing "STDIN": ')
def replace(namespace, name, image):
    return file(namespace, "replace", workload("Deployment", name, image, 0))


@verb(TEMPLATE, before="StatefulSet", prefix=SERVER)
def patch_strategic(namespace, name, image):
    return kubectl("patch", "-n", namespace, "statefulset", name, "-p",
                   json.dumps({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image}]}}}}))


@verb(TEMPLATE, before="Deployment", prefix=SERVER)
def patch_json(namespace, name, image):
    return kubectl("patch", "-n", namespace, "deployment", name, "--type=json", "-p",
                   json.dumps([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image}]))


@verb(TEMPLATE, before="Deployment", prefix='error: deployments.apps "{name}" could not be patched: ')
def edit(namespace, name, image):
    editor = write(f"editor-{namespace}", f'#!/bin/sh\nexec sed -i "s|image: .*|image: {image}|" "$1"\n')
    os.chmod(editor, os.stat(editor).st_mode | stat.S_IXUSR)
    return kubectl("edit", "-n", namespace, "deployment", name, env={"KUBE_EDITOR": editor})


@verb(TEMPLATE, before="Deployment", prefix="error: failed to patch image update to pod template: ")
def set_image(namespace, name, image):
    return kubectl("set", "image", "-n", namespace, f"deployment/{name}", f"app={image}")


@verb(POD, before="Pod", prefix="error: failed to patch image update to pod template: ")
def set_image_of_a_pod(namespace, name, image):
    return kubectl("set", "image", "-n", namespace, f"pod/{name}", f"app={image}")


@verb(POD, prefix=SERVER, image="nginx", container="{name}")
def run(namespace, name, image):
    return kubectl("run", "-n", namespace, name, f"--image={image}")


@verb(TEMPLATE, prefix="error: failed to create deployment: ", image="nginx:1.25", container="nginx")
def create_deployment(namespace, name, image):
    return kubectl("create", "deployment", "-n", namespace, name, f"--image={image}", "--replicas=0")


@verb(TEMPLATE, prefix="error: failed to create job: ", container="{name}")
def create_job(namespace, name, image):
    return kubectl("create", "job", "-n", namespace, name, f"--image={image}")


@verb(CRONJOB, prefix="error: failed to create cronjob: ", container="{name}")
def create_cronjob(namespace, name, image):
    return kubectl("create", "cronjob", "-n", namespace, name, f"--image={image}", "--schedule=0 3 * * *")


@verb(TEMPLATE, before="CronJob", prefix="error: failed to create job: ")
def create_job_from_cronjob(namespace, name, image):
    """The CronJob is from before the install: in development it may also be made now."""
    source = "nightly" if image == LATEST else name
    return kubectl("create", "job", "-n", namespace, f"{name}-job", f"--from=cronjob/{source}")


def of_kind(kind, path):
    def bring(namespace, name, image):
        return file(namespace, "create", workload(kind, name, image, 0))
    bring.__name__ = f"create_{kind.lower()}_object"
    verb(path, prefix=CREATING)(bring)


for each in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"):
    of_kind(each, TEMPLATE)
of_kind("CronJob", CRONJOB)
of_kind("PodTemplate", "template.spec.containers[0]")


@verb("spec.initContainers[0]", prefix=CREATING, container="prepare")
def init_container(namespace, name, image):
    return file(namespace, "create", pod(name, PINNED, initContainers=[{"name": "prepare", "image": image}]))


@verb("spec.volumes[0].image", prefix=CREATING, container="data")
def image_volume(namespace, name, image):
    return file(namespace, "create", pod(name, PINNED, volumes=[{"name": "data", "image": {"reference": image}}]))


@verb("spec.ephemeralContainers[0]", before="Pod", image="nginx", container="shell", always=True)
def debug(namespace, name, image):
    return kubectl("debug", "-n", namespace, name, f"--image={image}", "-c", "shell", "--profile=general", "--quiet")


@verb("spec.containers[1]", before="Pod", prefix=SERVER, container="shell")
def debug_copy(namespace, name, image):
    return kubectl("debug", "-n", namespace, name, f"--image={image}", "-c", "shell", f"--copy-to={name}-copy", "--profile=general", "--quiet")


@verb(TEMPLATE, prefix=CREATING)
def dry_run_on_the_server(namespace, name, image):
    said = file(namespace, "create", workload("Deployment", name, image, 0), "--dry-run=server")
    check(not exists("-n", namespace, "deployment", name), "a dry run was stored")
    return said


@verb(TEMPLATE, before="Deployment", prefix='Error from server (Forbidden): error when patching "STDIN": ')
def diff(namespace, name, image):
    before = get("-n", namespace, "deployment", name)
    said = file(namespace, "diff", workload("Deployment", name, image, 0))
    check_equal(get("-n", namespace, "deployment", name)["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"])
    if said.status == 1 and "denied the request" not in said.text:  # kubectl diff's word for: there is a difference
        check(f"image: {image}" in said.text, said.text)
        said.status = 0
    return said


@verb(TEMPLATE, prefix="error: failed restoring revision 0: ")
def rollout_undo(namespace, name, image):
    """`old-bad` had the rolling image before the install and a pinned one since; `old-good` two pinned ones."""
    which = name.rsplit("-", 1)[1]
    return kubectl("rollout", "undo", "-n", namespace, f"deployment/old-{which}")


# --- what brings no image ---------------------------------------------------------------------------------
@silent
def scale(namespace):
    return kubectl("scale", "-n", namespace, "deployment/web", "--replicas=1")


@silent
def scale_what_runs_a_rolling_image(namespace):
    return kubectl("scale", "-n", namespace, "deployment/before", "--replicas=1")


@silent
def autoscale(namespace):
    return kubectl("autoscale", "-n", namespace, "deployment/before", "--min=1", "--max=2", "--cpu=80%")


@silent
def label_what_runs_a_rolling_image(namespace):
    return kubectl("label", "-n", namespace, "deployment/before", "seen=yes")


@silent
def rollout_restart(namespace):
    return kubectl("rollout", "restart", "-n", namespace, "deployment/web")


@silent
def rollout_pause(namespace):
    return kubectl("rollout", "pause", "-n", namespace, "deployment/web")
