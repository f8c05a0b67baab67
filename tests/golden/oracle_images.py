# SPDX-License-Identifier: Apache-2.0
"""oracle_images - the places of images in objects, as oracle.py finds them: by walking along paths."""
import functools
import re

import oracle_annotations
from oracle_texts import Number, Object, Refused, reference
from review_request import WORKLOADS


def pod_spec(path, **more):
    return dict(pod_specs=[path], images=[], custom=False, **more)


BUILT_IN = [dict(group=group, kind=kind, resource=kind.lower() + "s", raw=kind == "ControllerRevision", **pod_spec(".".join([*way, "spec"])))
            for kind, (group, way) in WORKLOADS.items()]
POD_LISTS = {"containers": "containers", "initContainers": "initContainers",
             "ephemeralContainers": "ephemeralContainers"}


class Image:
    """An image where it stands: `key` says whether an old object had it in the same place."""
    is_json = False         # JSON that sets an image
    is_repository = False   # the tag comes from elsewhere: a release at most
    is_partial = False      # repository or tag of an image in two members is absent

    def __init__(self, place, name, text, field, expression):
        self.place, self.name, self.text, self.field = place, name, text, field
        self.shown_name = "" if field == "annotations" else name
        self.key = (expression, field, name, text)
        self.reference = reference(text)


class Found:
    def __init__(self):
        self.images, self.malformed = [], []


class Walk:
    """Finds the images of one object along one kind's paths."""

    def __init__(self, kind, tree, own_annotations=()):
        self.custom, self.raw, self.found = kind["custom"], kind.get("raw", False), Found()
        self.own_annotations = own_annotations
        for number, path in enumerate(kind["pod_specs"]):
            self.steps(tree, split(path), "", "", number, self.pod)
            parent, _, last = path.rpartition(".")
            if parent and last == "spec":
                self.steps(tree, split(parent) + ["metadata"], "", "", number, self.template_metadata)
        for number, path in enumerate(kind["images"], len(kind["pod_specs"])):
            repository, _, tag = path.partition(":")
            parent, _, first = repository.rpartition(".")
            if tag:
                self.steps(tree, split(parent), "", "", number, functools.partial(self.pair, (first, tag), path))
            else:
                self.steps(tree, split(path), "", "", number, functools.partial(self.text, path))

    def member(self, tree, key):
        """The member `key`; of what is kept as it was written, without regard to case, as Go has it."""
        if not self.raw:
            return tree.get(key)
        found = [v for k, v in tree.members if folded(k) == folded(key)]
        if len(found) > 1:
            raise Refused(f"duplicate {key!r}")
        return found[0] if found else None

    def template_metadata(self, value, place, _name, number):
        if self.shaped(value, Object, place):
            self.annotations(self.member(value, "annotations"), f"{place}.annotations", number)

    def annotations(self, value, place, number):
        if self.shaped(value, Object, place):
            for where, key, text, form in oracle_annotations.find(value, self.own_annotations, self.malformed, place):
                image = Image(where, key, text, "annotations", number)
                image.is_json, image.is_repository = form == "json", form == "repository"
                self.found.images.append(image)

    def malformed(self, place):
        if not self.custom and not self.raw:
            self.found.malformed.append(place)

    def shaped(self, value, wanted, place):
        """Whether `value` is of the type wanted; null is absent, anything else is malformed."""
        if isinstance(value, wanted):
            return True
        if value is not None:
            self.malformed(place)
        return False

    def name_of(self, value, inherited, place):
        """The name of a container or volume; in custom resources the nearest enclosing one."""
        name = self.member(value, "name")
        if isinstance(name, str) and not isinstance(name, Number):
            return name
        if name is not None:
            self.malformed(place + ".name")
        return inherited if self.custom else ""

    def steps(self, value, steps, place, name, number, found):
        if not steps:
            found(value, place, name, number)
            return
        step, rest = steps[0], steps[1:]
        if step == "[*]":
            if self.shaped(value, list, place):
                for index, item in enumerate(value):
                    self.steps(item, rest, f"{place}[{index}]", name, number, found)
        elif self.shaped(value, Object, place):
            if step == "*":
                for key, item in value.members:
                    self.steps(item, rest, f"{place}.{key}", name, number, found)
            else:
                if self.custom:
                    name = self.name_of(value, name, place)
                self.steps(self.member(value, step), rest, f"{place}.{step}" if place else step, name, number, found)

    def pod(self, value, place, name, number):
        if not self.shaped(value, Object, place):
            return
        if self.custom:
            name = self.name_of(value, name, place)
        for key, field in POD_LISTS.items():
            for item, where in self.items(self.member(value, key), f"{place}.{key}"):
                own = self.name_of(item, name, where)
                self.holder(self.member(item, "image"), where, own, field, number, where + ".image")
        for item, where in self.items(self.member(value, "volumes"), f"{place}.volumes"):
            own = self.name_of(item, name, where)
            image = self.member(item, "image")
            if self.shaped(image, Object, where + ".image"):
                self.holder(self.member(image, "reference"), where + ".image", own, "imageVolumes", number,
                            where + ".image.reference")

    def items(self, value, place):
        if not self.shaped(value, list, place):
            return []
        return [(item, f"{place}[{index}]") for index, item in enumerate(value)
                if self.shaped(item, Object, f"{place}[{index}]")]

    def holder(self, value, place, name, field, number, exact):
        if value is None or self.is_text(value):
            self.found.images.append(Image(place, name, value or "", field, number))
        else:
            self.malformed(exact)

    def text(self, path, value, place, name, number):
        if self.is_text(value):
            if path.endswith("[*].image"):
                place = place.removesuffix(".image")    # the item of the list is what is named
            field = image_field(path)
            self.found.images.append(Image(place, name, value, field, number))

    def pair(self, keys, path, value, place, name, number):
        """An image whose repository and tag are two members."""
        if not isinstance(value, Object):
            return
        name = self.name_of(value, name, place)
        halves = [self.member(value, key) for key in keys]
        repository, tag = [half if self.is_text(half) else "" for half in halves]
        if repository or tag:
            joint = "@" if ":" in tag and "@" not in tag else ":"
            long = next((half for half in (repository, tag) if len(half.encode()) > 4096), None)
            image = Image(place, name, repository if not tag else long or repository + joint + tag, image_field(path), number)
            image.is_partial = not (repository and tag)
            self.found.images.append(image)

    def text_of(self, tree, key):
        """The member `key`; something that is no text where it is a number."""
        value = self.member(tree, key)
        return False if isinstance(value, Number) else value

    @staticmethod
    def is_text(value):
        return isinstance(value, str) and not isinstance(value, Number)


def folded(key):
    """The key as Go's encoding/json compares it."""
    return re.sub("[A-Z]", lambda m: m[0].lower(), key.replace("\u017f", "s").replace("\u212a", "k"))


def split(path):
    """spec.a[*].b -> spec, a, [*], b"""
    return [step for step in re.split(r"\.|(?=\[\*\])", path) if step]


def image_field(path):
    """The field that an image of a custom resource counts as: by the list it stands in."""
    if path.endswith("volumes[*].image.reference"):
        return "imageVolumes"
    for field in ("initContainers", "ephemeralContainers"):
        if path.endswith(f"{field}[*].image"):
            return field
    return "containers"
