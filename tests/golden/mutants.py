# SPDX-License-Identifier: Apache-2.0
"""mutants - changes recorded AdmissionReviews, for mutation_test.py: a mutant is made from its number alone."""
import json
import os
import random
from json.encoder import encode_basestring, encode_basestring_ascii

import oracle
from cases import all_cases
from mutant_values import (ANNOTATIONS, HEX64, IMAGES, KINDS, MORE, NAMESPACES, REPOSITORIES, STEPS, SUBRESOURCES, TEXTS, TOKENS, USERS,
                           VALUES, VECTORS)
from oracle_texts import Number, Object

SEED = os.environ.get("MOOR_SEED", "tagmoor")
# How often each policy is drawn, of 23.
WEIGHTS = {"default": 10, "lab": 3, "rules": 3, "fields": 2, "controllers-strict": 2, "unchanged-strict": 1, "mode-warn": 1,
           "mode-audit": 1}


class Raw(str):
    """Written as it stands, without quotes."""


# --- trees --------------------------------------------------------------------------------------------------
def parse(text):
    return json.loads(text, object_pairs_hook=lambda pairs: Object([list(pair) for pair in pairs]),
                      parse_int=Number, parse_float=Number)


def member(tree, *path):
    for key in path:
        tree = next((v for k, v in tree.members if k == key), None) if isinstance(tree, Object) else None
    return tree


def put(tree, key, value):
    if isinstance(tree, Object):
        for pair in tree.members:
            if pair[0] == key:
                pair[1] = value
                return
        tree.members.append([key, value])


def copy(value):
    if isinstance(value, Object):
        return Object([[k, copy(v)] for k, v in value.members])
    return [copy(item) for item in value] if isinstance(value, list) else value


def holders(value, found):
    """Every object that has an image or a reference."""
    if isinstance(value, Object):
        if any(k in ("image", "reference") and isinstance(v, str) for k, v in value.members):
            found.append(value)
        for key, item in value.members:
            if key != "managedFields":
                holders(item, found)
    elif isinstance(value, list):
        for item in value:
            holders(item, found)
    return found


class Writer:
    def __init__(self, draw):
        self.draw = draw
        self.style = draw.choices(("plain", "ascii", "escapes", "blanks"), (12, 2, 3, 3))[0]

    def text(self, text):
        if isinstance(text, (Raw, Number)):
            return text
        if self.style != "escapes" or not text or self.draw.random() < 0.5:
            return encode_basestring_ascii(text) if self.style == "ascii" else encode_basestring(text)
        at = self.draw.randrange(len(text))
        parts = text[:at], text[at + 1:at + 3], text[at + 3:]
        return (f'"{encode_basestring(parts[0])[1:-1]}{self.escape(text[at])}'
                f'{"".join(map(self.escape, parts[1]))}{encode_basestring(parts[2])[1:-1]}"')

    def escape(self, character):
        code = character.encode("utf-16-be").hex()
        return "".join("\\u" + (code[i:i + 4].upper() if self.draw.random() < 0.5 else code[i:i + 4])
                       for i in range(0, len(code), 4))

    def blank(self):
        return self.draw.choice(("", "", " ", "\n", "\t \r\n")) if self.style == "blanks" else ""

    def write(self, value, out):
        if isinstance(value, str):
            out.append(self.text(value))
        elif isinstance(value, Object):
            for index, (key, item) in enumerate(value.members):
                out.append((",{"[index == 0]) + self.blank() + self.text(key) + self.blank() + ":" + self.blank())
                self.write(item, out)
            out.append("}" if value.members else "{}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                out.append((",["[index == 0]) + self.blank())
                self.write(item, out)
            out.append("]" if value else "[]")
        else:
            out.append(self.blank() + {None: "null", True: "true", False: "false"}[value])

    def bytes(self, tree):
        out = []
        self.write(tree, out)
        return "".join(out).encode("utf-8", "surrogatepass")


# --- mutations: each takes the tree and changes it --------------------------------------------------------
def place(draw, tree):
    """A random member or item: (holder, index); most often on a path that is read."""
    at = None
    while True:
        if isinstance(tree, Object) and tree.members:
            chosen = [i for i, (k, _) in enumerate(tree.members) if k in STEPS] if draw.random() < 0.85 else []
            index = draw.choice(chosen) if chosen else draw.randrange(len(tree.members))
            at, tree = (tree.members, index), tree.members[index][1]
        elif isinstance(tree, list) and tree:
            index = draw.randrange(len(tree))
            at, tree = (tree, index), tree[index]
        else:
            return at
        if draw.random() < 0.1:
            return at


def value_at(at):
    holder, index = at
    return holder[index][1] if is_member(holder) else holder[index]


def set_value(at, value):
    holder, index = at
    if is_member(holder):
        holder[index][1] = value
    else:
        holder[index] = value


def is_member(holder):
    return bool(holder) and isinstance(holder[0], list) and len(holder[0]) == 2 and isinstance(holder[0][0], str)


def drop(draw, tree):
    holder, index = place(draw, tree)
    del holder[index]


def twice(draw, tree):
    holder, index = place(draw, tree)
    again = copy(holder[index]) if not is_member(holder) else [holder[index][0], copy(holder[index][1])]
    if is_member(holder) and draw.random() < 0.5:
        again[1] = other_value(draw, again[1])
    holder.insert(draw.randrange(len(holder) + 1), again)


def reorder(draw, tree):
    draw.shuffle(place(draw, tree)[0])


def other_value(draw, value):
    return draw.choice((None, True, False, Number("5"), "", "x", [], Object([]), [copy(value)], Object([["x", copy(value)]]),
                        Object([["name", "x"], ["image", "nginx:latest"]]), Raw(draw.choice(TOKENS)), draw.choice(TEXTS)))


def retype(draw, tree):
    at = place(draw, tree)
    set_value(at, other_value(draw, value_at(at)))


def nothing(draw, tree):
    set_value(place(draw, tree), None)


def rename(draw, tree):
    holder, index = place(draw, tree)
    if is_member(holder):
        key = holder[index][0]
        holder[index][0] = draw.choice((draw.choice(STEPS), key + "\0", key.upper(), draw.choice(TEXTS), key + "x"))


def text(draw, tree):
    at = place(draw, tree)
    set_value(at, draw.choice(TEXTS))


def object_first(draw, tree):
    request = member(tree, "request")
    if isinstance(request, Object):
        request.members.sort(key=lambda pair: pair[0] not in ("object", "oldObject"))
    tree.members.sort(key=lambda pair: pair[0] != "request")


def swap_objects(draw, tree):
    request = member(tree, "request")
    new, old = member(request, "object"), member(request, "oldObject")
    put(request, "object", copy(old) if draw.random() < 0.5 else copy(new))
    put(request, "oldObject", copy(new))


def update(draw, tree):
    request = member(tree, "request")
    put(request, "operation", "UPDATE")
    put(request, "oldObject", copy(member(request, "object")))


def moved(draw, tree):
    """An UPDATE that has the old images elsewhere, or whose old object cannot be read."""
    update(draw, tree)
    request = member(tree, "request")
    found = holders(member(request, draw.choice(("object", "oldObject"))), [])
    how = draw.randrange(4)
    if how == 0:
        field(draw, tree)
    elif how == 1 and len(found) > 1:
        one, other = draw.sample(found, 2)
        for key in ("image", "reference", "name"):
            if isinstance(member(one, key), str) and isinstance(member(other, key), str) and draw.random() < 0.6:
                first, second = member(one, key), member(other, key)
                put(one, key, second)
                put(other, key, first)
    elif how == 2:
        twin = copy(draw.choice(found))
        put(twin, "image", draw.choice(IMAGES))
        chosen = draw.choice(lists(member(request, "oldObject"), []))
        chosen.append(twin if draw.random() < 0.7 else draw.choice((None, "x", Number("1"), [])))
    else:
        old = draw.choice(holders(member(request, "oldObject"), []))
        put(old, draw.choice(("image", "name")), draw.choice((Number("1"), True, [], None, Object([]))))


def surrogates(draw, tree):
    holder = draw.choice(holders(tree, []) + [member(tree, "request"), member(tree, "request", "userInfo")])
    key = draw.choice(("name", "image", "x", "uid", "username"))
    parts = ("\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\\\ud83d", "a", "\\u0041")
    put(holder, key, Raw('"%s"' % "".join(draw.choices(parts, k=draw.choice((1, 2, 3))))))


def images(draw, tree):
    found = holders(member(tree, "request", draw.choice(("object", "object", "request", "oldObject"))), [])
    for holder in draw.sample(found, min(len(found), draw.choice((1, 1, 2, 20)))):
        key = draw.choice([k for k, _ in holder.members if k in ("image", "reference")])
        put(holder, key, draw.choice(IMAGES) if draw.random() < 0.8 else random_image(draw))


def random_image(draw):
    name = draw.choice(REPOSITORIES)
    tag = draw.choice((VECTORS, MORE))
    return name + ":" + draw.choice(tag)["tag"] + draw.choice(("", "", "-x", "@sha256:" + HEX64, "\n"))


def containers(draw, tree):
    """Adds containers beside one that is there."""
    request = member(tree, "request")
    specs = [m for m in lists(member(request, draw.choice(("object", "object", "oldObject"))), []) if m]
    if specs:
        chosen = draw.choice(specs)
        for _ in range(draw.choice((1, 1, 2, 17, 30))):
            again = copy(draw.choice(chosen))
            put(again, "image", draw.choice(IMAGES))
            if draw.random() < 0.5:
                put(again, "name", draw.choice(TEXTS))
            chosen.insert(draw.randrange(len(chosen) + 1), again)


def lists(value, found):
    if isinstance(value, Object):
        for key, item in value.members:
            if key in ("containers", "initContainers", "ephemeralContainers", "steps", "sidecars") and isinstance(item, list):
                found.append(item)
            elif key != "managedFields":
                lists(item, found)
    elif isinstance(value, list):
        for item in value:
            lists(item, found)
    return found


def field(draw, tree):
    """Moves a list of containers to another field."""
    def visit(value):
        if isinstance(value, Object):
            for pair in value.members:
                if pair[0] in ("containers", "initContainers", "ephemeralContainers") and draw.random() < 0.5:
                    pair[0] = draw.choice(("containers", "initContainers", "ephemeralContainers"))
                elif pair[0] != "managedFields":
                    visit(pair[1])
        elif isinstance(value, list):
            for item in value:
                visit(item)
    visit(member(tree, "request", draw.choice(("object", "oldObject"))))


def volume(draw, tree):
    for holder in lists(member(tree, "request", "object"), [])[:1]:
        image = Object([["reference", draw.choice(IMAGES)]]) if draw.random() < 0.8 else other_value(draw, "nginx")
        spec = member(tree, "request", "object", "spec")
        inner = member(spec, "template", "spec") or member(spec, "jobTemplate", "spec", "template", "spec") or spec
        volumes = member(inner, "volumes")
        one = Object([["name", draw.choice(TEXTS)], ["image", image]])
        put(inner, "volumes", (volumes if isinstance(volumes, list) else []) + [one])


def names(draw, tree):
    found = holders(member(tree, "request"), [])
    if found:
        name = draw.choice([member(h, "name") for h in found] + TEXTS[:8])
        for holder in draw.sample(found, draw.randrange(1, len(found) + 1)):
            put(holder, "name", name)


def user(draw, tree):
    put(member(tree, "request", "userInfo"), "username", draw.choice(USERS))
    if draw.random() < 0.5:
        put(member(tree, "request", "userInfo"), "groups",
            draw.choice((["system:nodes"], ["system:authenticated", "system:nodes"], ["system:Nodes"], ["system:nodes\0"], [], None)))


def controller(draw, tree):
    put(member(tree, "request", "userInfo"), "username", draw.choice(oracle.CONTROLLERS))


def operation(draw, tree):
    put(member(tree, "request"), "operation", draw.choice(("CREATE", "UPDATE", "UPDATE", "DELETE", "CONNECT", "update", "PATCH")))


def subresource(draw, tree):
    put(member(tree, "request"), "subResource", draw.choice(SUBRESOURCES))


def kind(draw, tree):
    group, name, resource = draw.choice(KINDS)
    what = draw.choice(("kind", "resource", "both", "both"))
    if what != "resource":
        put(member(tree, "request"), "kind", Object([["group", group], ["version", "v9"], ["kind", name]]))
    if what != "kind":
        put(member(tree, "request"), "resource", Object([["group", group], ["version", "v9"], ["resource", resource]]))


def namespace(draw, tree):
    put(member(tree, "request"), "namespace", draw.choice(NAMESPACES))


def metadata(draw, tree):
    """What might make an object spared: being deleted (it does not), being a mirror Pod."""
    value = draw.choice(("2026-01-01T00:00:00Z", "", None, True, Number("0"), Object([])))
    metadata_of = member(tree, "request", draw.choice(("object", "oldObject")), "metadata")
    if draw.random() < 0.5:
        put(metadata_of, "deletionTimestamp", value)
    else:
        put(metadata_of, "annotations", Object([["kubernetes.io/config.mirror", value]]))
        put(member(tree, "request", "userInfo"), "groups", draw.choice((["system:nodes"], ["developers"])))


def annotations(draw, tree):
    """Annotations that injectors take images from, in the old object too or not."""
    for which in draw.choice((("object",), ("object", "oldObject"))):
        places = [member(tree, "request", which), member(tree, "request", which, "spec", "template"),
                  member(tree, "request", which, "spec", "jobTemplate", "spec", "template"), member(tree, "request", which, "template"),
                  member(tree, "request", which, "data", "spec", "template")]
        places = [place for place in places if isinstance(place, Object)]
        if not places:
            return
        place = draw.choice(places)
        if not isinstance(member(place, "metadata"), Object):
            put(place, "metadata", Object([]))
        keys = draw.choices(ANNOTATIONS, k=draw.randrange(1, 4))
        put(member(place, "metadata"), "annotations", Object([[key, draw.choice(VALUES + IMAGES)] for key in keys]))


def tools(draw, tree):
    """Places that only the policy `lab` reads."""
    if member(tree, "request", "kind", "kind") == "Rollout":
        spec = member(tree, "request", "object", "spec")
        put(spec, "named", Object([[draw.choice(TEXTS), draw.choice(IMAGES)], ["name", draw.choice(IMAGES)], ["n", None]]))
        put(spec, "tools", [Object([["image", draw.choice(IMAGES)], ["name", draw.choice(TEXTS)]]), draw.choice(TEXTS)])
        template = copy(member(spec, "template"))
        put(spec, "strategy", Object([["name", Object([["template", template]])], ["green", Object([["template", template]])]]))


MUTATIONS = [(drop, 3), (twice, 4), (reorder, 3), (retype, 4), (nothing, 2), (rename, 2), (text, 2), (object_first, 4),
             (swap_objects, 8), (update, 8), (moved, 8), (surrogates, 2), (images, 40), (containers, 12), (field, 4),
             (volume, 5), (names, 8), (user, 8), (controller, 3), (operation, 4),
             (subresource, 3), (kind, 4), (namespace, 8), (metadata, 4), (annotations, 8), (tools, 3)]


PIECES = (b"\0", b"\xef\xbb\xbf", b"{", b"]", b'"', b"\\", b"\xed\xa0\x80", b"\xc0\xaf", b"/", b" \n", b"\\u")


def spoil(draw, body):
    """Changes bytes without regard to what they mean."""
    body = bytearray(body)
    for _ in range(draw.choice((1, 1, 2, 5))):
        at = draw.randrange(len(body) + 1)
        how = draw.randrange(5)
        if how == 0 and at < len(body):
            body[at] ^= 1 << draw.randrange(8)
        elif how == 1:
            del body[at:at + draw.choice((1, 2, 10, 1000))]
        elif how == 2:
            body[at:at] = bytes(draw.randrange(256) for _ in range(draw.choice((1, 2, 4))))
        elif how == 3:
            body[at:at] = draw.choice(PIECES)
        elif at < len(body):
            body[at] = draw.choice(b'{}[]",:\\ 0eEtfn')
        body = body or bytearray(b" ")
    return bytes(body)


def bases():
    """(name, body) of the golden reviews that mutants are made of: no ImageReviews, nothing that the topic `errors` is about."""
    return [(case.name, case.body) for case in all_cases().values() if not case.name.startswith(("errors/", "image-reviews/"))]


class Mutants:
    def __init__(self):
        self.bases = bases()
        # Those of a few kilobytes ten times as often: what they miss are managed fields.
        self.weights = [10 if len(body) < 6000 else 1 for _, body in self.bases]

    def make(self, number):
        """(policy, environment of the path or None, body, what was done) of mutant `number`."""
        draw = random.Random(f"{SEED}:{number}")
        policy = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        environment = draw.choices((None, "development", "production", "prodution"), (7, 1, 1, 1))[0]
        case, body = draw.choices(self.bases, self.weights)[0]
        done = [f"mutant {number}:", case]
        if "/deep-" not in case and draw.random() < 0.97:
            tree = parse(body)
            while True:
                mutation = draw.choices([m for m, _ in MUTATIONS], [w for _, w in MUTATIONS])[0]
                done.append(mutation.__name__)
                try:
                    mutation(draw, tree)
                except (TypeError, IndexError, AttributeError):
                    pass    # an earlier mutation took away what this one changes
                if draw.random() < 0.4 or not tree.members:
                    break
            body = Writer(draw).bytes(tree)
        if draw.random() < 0.07:
            done.append("spoil")
            body = spoil(draw, body)
        return policy, environment, body, done
