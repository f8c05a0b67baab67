#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each way to bring an image, in a production, a development and an unlabelled namespace: what exactly kubectl prints, and that the
same with a pinned image goes through without a word."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import ways  # noqa: E402
from harness import BY_LABEL, LATEST, add, check, check_equal, install, kubectl, main, namespaces, uninstall, warnings  # noqa: E402
from ways import SILENT, TEMPLATE, WAYS, make_before  # noqa: E402

# name: namespace, the webhook's entry, the environment, whether it refuses
PLACES = {"production": ("shop-prod", "production.users.tagmoor.dev", "production", True),
          "unlabelled": ("shop", "users.tagmoor.dev", "production", True),
          "development": ("shop-dev", "development.users.tagmoor.dev", "development", False)}
# The finding in the message for each image, and the tag that it proposes.
FOUND = {LATEST: ("has a mutable tag (channel{})", "<major>.<minor>.<patch>"), "nginx": ("has no tag{}", "<major>.<minor>.<patch>"),
         "registry.example.com/app:main": ("has a mutable tag (branch{})", "<major>.<minor>.<patch>"),
         "nginx:1.25": ("has a mutable tag (partial-version{})", "1.25.<patch>")}


def repository_of(image):
    return image.rpartition(":")[0] if ":" in image.rsplit("/", 1)[-1] else image


def holder(path, name):
    return f'{path} ({"volume" if "volumes[" in path else "container"} "{name}")'


def denial(entry, path, container, image, environment):
    repository, (found, tag) = repository_of(image), FOUND[image]
    return (f'admission webhook "{entry}" denied the request: {holder(path, container)}: image "{image}" {found.format("")}; '
            f'environment "{environment}" requires at least a release: use {repository}:{tag}, or {repository}@sha256:<digest>')


def warning(path, container, image, environment, unchanged=""):
    found, tag = FOUND[image]
    return (f'{holder(path, container)}: image "{image}" {found.format(unchanged)}; environment "{environment}" recommends '
            f"at least a release: use tag {tag}, or a digest")


def play(way, place):
    namespace, entry, environment, refuses = PLACES[place]
    name = way.function.__name__.replace("_", "-")
    make_before(way, namespace, name)
    said = way.function(namespace, f"{name}-bad", way.image)
    where = way.container.format(name=f"{name}-bad")
    if refuses and not way.always:
        check(said.status != 0, f"not refused: {said.text}")
        wanted = (way.prefix + denial(entry, way.path, where, way.image, environment)).format(name=f"{name}-bad")
        check(wanted in said.text.splitlines(), f"\nfound:  {said.text}\nwanted: {wanted}")
    else:
        check(said.status == 0, said.text)
        check_equal(warnings(said.text), [warning(way.path, where, way.image, environment)])
    said = way.function(namespace, f"{name}-good", way.good)
    check(said.status == 0 and not warnings(said.text), said.text)


def play_silent(function, place):
    said = function(PLACES[place][0])
    check(said.status == 0 and not warnings(said.text), said.text)


for each in WAYS:
    for where in PLACES:
        is_refused = PLACES[where][3] and not each.always
        add(f"{each.function.__name__}__{where}__{'refused' if is_refused else 'warned'}", play, each, where)
for each in SILENT:
    for where in PLACES:
        add(f"{each.__name__}__{where}__silent", play_silent, each, where)


def restart_what_runs_a_rolling_image(place):
    namespace, _entry, environment, _refuses = PLACES[place]
    said = kubectl("rollout", "restart", "-n", namespace, "deployment/before")
    check(said.status == 0, said.text)
    check_equal(warnings(said.text), [warning(TEMPLATE, "app", LATEST, environment, ", unchanged")])


for each in PLACES:
    add(f"restart_what_runs_a_rolling_image__{each}__warned", restart_what_runs_a_rolling_image, each)


def setup():
    uninstall()
    namespaces("shop", shop_prod={"environment": "prod"}, shop_dev={"environment": "dev"})
    ways.setup(*(namespace for namespace, *_rest in PLACES.values()))
    install({"mode": "enforce", "policy": BY_LABEL})


main(setup)
