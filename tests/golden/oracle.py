# SPDX-License-Identifier: Apache-2.0
"""oracle - a second, slow reading of what tagmoor does to an AdmissionReview, for mutation_test.py.

Written from the documents (README.md, the policy file's comments, Kubernetes' and distribution/
reference's rules), not from the C sources, and with other means: json.loads, regular expressions,
dictionaries.  Where both agree on many thousand mutants, a mistake would have to be made twice.

What it does not decide alone: the level of a tag that is not in the vectors, or is one of a repository
that the policy knows, which the caller looks up by asking the program (`Oracle.unknown`); which these
repositories are, and where the images of the well-known custom resources stand, which it reads from
`tagmoor policy show`.  Each of these has tests of its own.
"""
import functools
import json
import re

import oracle_annotations
from oracle_images import BUILT_IN, Walk
from oracle_texts import Number, Object, Refused, decode, reference

# --- policies: as dictionaries, which are YAML once they are written as JSON ---------------------------------
DEFAULT = {
    "version": 1,
    "environments": [
        {"name": "development", "enforce": "any", "warn": "release",
         "namespaces": ["dev", "dev-*", "*-dev", "development", "sandbox", "sandbox-*", "review-*", "preview-*"]},
        {"name": "production", "default": True, "enforce": "release",
         "ephemeralContainers": {"enforce": "any", "warn": "release"}}]}
ONE = {"name": "production", "default": True, "enforce": "release"}
POLICIES = {
    "default": DEFAULT,
    "mode-warn": {"version": 1, "mode": "warn", "environments": DEFAULT["environments"]},
    "mode-audit": {"version": 1, "mode": "audit", "environments": DEFAULT["environments"]},
    "controllers-strict": {"version": 1, "environments": [ONE], "controllers": {
        "users": ["system:serviceaccount:argocd:*", "operator@example.com"], "enforce": "release"}},
    "unchanged-strict": {"version": 1, "environments": [dict(ONE, unchanged={"enforce": "release"})]},
    "fields": {"version": 1, "environments": [dict(
        ONE, initContainers={"enforce": "any"}, ephemeralContainers={"enforce": "any", "warn": "any", "audit": "any"},
        imageVolumes={"enforce": "digest"})]},
    "rules": {"version": 1, "environments": [
        {"name": "development", "namespaces": ["shop*", "*dev*"], "enforce": "build", "images": [
            {"match": ["docker.io/library/nginx"], "enforce": "release"},
            {"match": ["docker.io/*/b*", "registry.example.com/**"], "enforce": "any", "warn": "digest"}]},
        {"name": "production", "default": True, "enforce": "release", "initContainers": {"enforce": "any"}}],
        "exemptions": [
            {"name": "images", "reason": "for the test", "permanent": True, "match": {
                "images": ["docker.io/library/busybox", "registry.example.com:5000/**", "docker.io/library/nginx:l*"]}},
            {"name": "named", "reason": "for the test", "expires": "2099-12-31", "enforce": "release", "match": {
                "containers": ["web", "x*"], "namespaces": ["shop*"]}},
            {"name": "jane", "reason": "for the test", "permanent": True, "match": {
                "users": ["jane@*"], "fields": ["ephemeralContainers", "imageVolumes"]}},
            {"name": "over", "reason": "for the test", "expires": "2020-01-01", "match": {"groups": ["developers"]}},
            {"name": "nodes", "reason": "for the test", "permanent": True, "match": {
                "groups": ["system:nodes"], "environments": ["development"]}},
            {"name": "invalid", "reason": "for the test", "permanent": True, "match": {
                "images": ["NGINX:1.2.3"]}}]},
    "lab": {"version": 1, "placeholders": ["later"], "imageAnnotations": ["sidecar.example.com/image", "config.linkerd.io/proxy-image"],
            "environments": [
        {"name": "development", "mode": "warn", "enforce": "build", "namespaces": ["*dev*", "shop"]},
        {"name": "open", "enforce": "ignore", "namespaces": ["team-?"]},
        {"name": "lab", "default": True, "enforce": "any", "warn": "build", "audit": "digest"}],
        "customResources": [{"resource": "rollouts.argoproj.io", "kind": "Rollout",
                             "podSpecs": ["spec.template.spec", "spec.strategy.*.template.spec"],
                             "images": ["spec.named.*", "spec.tools[*].image"]}]},
}
DEMANDS = ["ignore", "any", "release", "build", "digest"]
LEVELS = ["invalid", "rolling", "release", "build", "digest"]
CONTROLLERS = ["system:kube-controller-manager"] + [
    f"system:serviceaccount:kube-system:{name}-controller"
    for name in ("deployment", "replicaset", "statefulset", "daemon-set", "job", "cronjob", "replication")]


def well_known(show):
    """The custom resources that `tagmoor policy show` lists."""
    kinds, section = [], ""
    for line in show.splitlines():
        if line and line[0] not in " -":
            section = line.partition(":")[0]
        elif section == "customResources":
            key, _, value = line.lstrip("- ").partition(": ")
            if key == "resource":
                resource, _, group = value.partition(".")
                kinds.append(dict(group=group, resource=resource, kind="", pod_specs=[], images=[], custom=True))
            elif key in ("podSpecs", "images"):
                kinds[-1]["pod_specs" if key == "podSpecs" else "images"] = json.loads(value)
            else:
                kinds[-1]["kind"] = json.loads(value)
    return kinds


def repositories(show):
    """The repositories that `tagmoor policy show` lists, as globs."""
    return [glob(text) for line in show.splitlines() if line.startswith("- match: [")
            for text in json.loads(line.partition(": ")[2])]


def covers(pattern, found):
    """Whether an exemption's image pattern matches a reference: without a tag it covers all tags."""
    if ":" not in pattern.rpartition("/")[2]:
        return bool(glob(pattern).fullmatch(found.name))
    return found.tag is not None and bool(glob(pattern).fullmatch(f"{found.name}:{found.tag}"))


@functools.cache
def glob(pattern):
    text = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(text, re.DOTALL)


class Levels:
    def __init__(self, enforce, warn=None, audit=None):
        self.enforce, self.warn = enforce, warn or enforce
        self.audit = audit or self.warn

    @staticmethod
    def of(entry):
        return Levels(entry["enforce"], entry.get("warn"), entry.get("audit"))

    def replaced(self, by):
        return Levels(by.get("enforce", self.enforce), by.get("warn", self.warn), by.get("audit", self.audit))

    def lowered(self, to):
        lower = lambda a, b: min(a, b, key=DEMANDS.index)  # noqa: E731
        return Levels(lower(self.enforce, to.enforce), lower(self.warn, to.warn), lower(self.audit, to.audit))


# --- the request ------------------------------------------------------------------------------------------
def typed(parent, key, wanted, needed=False):
    value = parent.get(key)
    if value is None and not needed:
        return None
    if not isinstance(value, wanted) or (wanted is str and isinstance(value, Number)):
        raise Refused(f"{key}: not of its type")
    return value


class Request:
    def __init__(self, tree, oracle):
        if not isinstance(tree, Object):
            raise Refused("no object")
        if typed(tree, "apiVersion", str) != "admission.k8s.io/v1" or typed(tree, "kind", str) != "AdmissionReview":
            raise Refused("no AdmissionReview of version v1")
        request = typed(tree, "request", Object, needed=True)
        self.uid = typed(request, "uid", str)
        self.operation = typed(request, "operation", str)
        kind = typed(request, "kind", Object, needed=True)
        resource = typed(request, "resource", Object) or Object([])
        self.group, self.kind = typed(kind, "group", str) or "", typed(kind, "kind", str) or ""
        if not self.uid or not self.kind or self.operation not in ("CREATE", "UPDATE", "DELETE", "CONNECT"):
            raise Refused("uid, kind or operation")
        self.resource_group = typed(resource, "group", str) or ""
        self.resource = typed(resource, "resource", str) or ""
        self.subresource = typed(request, "subResource", str) or ""
        self.namespace = typed(request, "namespace", str) or ""
        typed(request, "name", str)
        typed(request, "dryRun", bool)
        user = typed(request, "userInfo", Object) or Object([])
        self.user = typed(user, "username", str) or ""
        self.groups = typed(user, "groups", list) or []
        if any(not Walk.is_text(group) for group in self.groups):
            raise Refused("groups")
        self.is_node = "system:nodes" in self.groups
        self.holds = oracle.holds(self)
        own = oracle.policy.get("imageAnnotations", ())
        self.object = Subject(request.get("object"), self.holds, own)
        self.old_object = Subject(request.get("oldObject"), self.holds, own)


class Subject:
    """An object or oldObject: what is read of it."""

    def __init__(self, tree, kind, own_annotations):
        self.is_present = tree is not None
        self.is_mirror = False
        self.images, self.malformed = [], []
        if not self.is_present or not kind:
            return
        walk = Walk(kind, tree, own_annotations)
        self.images, self.malformed = walk.found.images, walk.found.malformed
        if isinstance(tree, Object):
            self.read_metadata(walk.member(tree, "metadata"), walk, kind["custom"] or kind["kind"] == "Pod")

    def read_metadata(self, metadata, walk, has_annotations):
        if metadata is not None and not isinstance(metadata, Object):
            walk.malformed("metadata")
        elif metadata is not None:
            walk.member(metadata, "deletionTimestamp")
            annotations = walk.member(metadata, "annotations")
            if walk.shaped(annotations, Object, "metadata.annotations"):
                self.is_mirror = walk.member(annotations, oracle_annotations.MIRROR) is not None
            if has_annotations:
                walk.annotations(annotations, "metadata.annotations", -1)
            walk.shaped(walk.text_of(metadata, "generateName"), str, "metadata.generateName")
            for owner, where in walk.items(walk.member(metadata, "ownerReferences"), "metadata.ownerReferences"):
                for key in ("apiVersion", "kind", "name"):
                    walk.shaped(walk.text_of(owner, key), str, f"{where}.{key}")
                walk.member(owner, "controller")


# --- the verdict ------------------------------------------------------------------------------------------
class Verdict:
    def __init__(self):
        self.fault = []             # why the object is denied whole: the places of a wrong shape, or a count
        self.denied, self.warned, self.recorded = [], [], []    # images; recorded: all that were found fault with
        self.unknown_environment = self.is_judged = False
        self.environment = self.mode = None

    @property
    def allowed(self):
        return not self.denied and not (self.fault and self.mode == "enforce")

    @property
    def decision(self):
        if not self.allowed:
            return "deny"
        if self.warned or (self.fault and self.mode == "warn"):
            return "warn"
        return "audit" if self.recorded or self.fault else "allow"


MAX_IMAGES = 4096
VARIABLE = re.compile(r"\{\{.*\}\}|\$\(.*\)", re.DOTALL)
BLANKS = " \t\n\r\v\f"


class Oracle:
    def __init__(self, policy, show, levels):
        self.policy = policy
        own = [dict(group=entry["resource"].partition(".")[2], resource=entry["resource"].partition(".")[0],
                    kind=entry["kind"], pod_specs=entry.get("podSpecs", []), images=entry.get("images", []), custom=True)
               for entry in policy.get("customResources", [])]
        taken = {(kind["group"], kind["resource"]) for kind in own}
        self.kinds = BUILT_IN + own + [k for k in well_known(show) if (k["group"], k["resource"]) not in taken]
        self.environments = policy["environments"]
        self.globs = [[glob(text) for text in e.get("namespaces", [])] for e in self.environments]
        self.controllers = policy.get("controllers", {})
        self.users = [glob(text) for text in self.controllers.get("users", [])]
        self.exemptions = [e for e in policy.get("exemptions", ()) if e.get("expires", "2099") > "2026"]
        self.placeholders = policy.get("placeholders", ["auto"])
        self.repositories = repositories(show)
        self.tags = levels              # tag -> level, of any repository that the policy does not know
        self.own_tags = {}              # name:tag -> level, of one that it does

    def holds(self, request):
        for kind in self.kinds:
            if (kind["group"], kind["kind"]) == (request.group, request.kind):
                return kind
        for kind in self.kinds:
            if (kind["group"], kind["resource"]) == (request.resource_group, request.resource):
                return kind
        return None

    def environment_of(self, request, name):
        default = next(e for e in self.environments if e.get("default"))
        if name is not None:
            return next((e for e in self.environments if e["name"] == name), default)
        for environment, globs in zip(self.environments, self.globs):
            if request.namespace and any(g.fullmatch(request.namespace) for g in globs):
                return environment
        return default

    def is_carried(self, request):
        return request.user in CONTROLLERS or any(g.fullmatch(request.user) for g in self.users)

    @staticmethod
    def is_rollback(request, before):
        """Whether Kubernetes itself updates an object with an image that it lacked."""
        return request.user in CONTROLLERS and request.operation == "UPDATE" and any(
            image.key not in before and image.text.strip(BLANKS) for image in request.object.images)

    @staticmethod
    def is_judged(request):
        subject, kind = request.object, request.holds
        if request.operation in ("DELETE", "CONNECT") or not kind or not subject.is_present:
            return False
        is_pod = (kind["group"], kind["kind"]) == ("", "Pod")
        if request.subresource and not (is_pod and request.subresource == "ephemeralcontainers"):
            return False
        return not (is_pod and subject.is_mirror and request.is_node)

    def is_placeholder(self, image, kind):
        return not image.is_json and (image.text in self.placeholders or (kind["custom"] and bool(VARIABLE.search(image.text))))

    def is_left_over(self, image, kind):
        """What nobody replaced before the Pod was made."""
        is_pod = not kind["custom"] and kind["kind"] == "Pod"
        return self.is_placeholder(image, kind) or (is_pod and not image.is_json and bool(VARIABLE.search(image.text)))

    def is_skipped(self, image, kind):
        """A template's image that something fills in later."""
        if not kind["custom"] and kind["kind"] == "Pod":
            return False
        return image.is_partial or not image.text.strip(BLANKS) or self.is_placeholder(image, kind)

    def level(self, image, kind):
        found = image.reference
        if not found or image.is_json or self.is_placeholder(image, kind):
            return LEVELS.index("invalid")
        if image.is_repository:
            return LEVELS.index("invalid" if found.tag or found.digest else "release")
        if found.digest:
            return LEVELS.index("digest")
        if found.tag is None:
            return LEVELS.index("rolling")
        levels, key = self.known(found)
        return LEVELS.index(levels[key])

    def asked(self, environment, image, unchanged, request, carried):
        name = image.reference and image.reference.name
        own = Levels.of(environment)
        for entry in environment.get("images", ()):
            if name and any(glob(text).fullmatch(name) for text in entry["match"]):
                own = Levels.of(entry)
                break
        levels = own.replaced(environment.get(image.field, {}))
        if unchanged:
            levels = Levels("any", own.warn, own.audit).replaced(environment.get("unchanged", {}))
        if carried:
            controllers = dict({"enforce": "any", "warn": "ignore", "audit": "release"}, **self.controllers)
            levels = levels.lowered(Levels.of(controllers))
        for exemption in self.exemptions:
            if self.is_exempt(exemption, environment, image, request):
                # Even `any` asks for a reference, which what is exempt by its literal text is not.
                to = exemption.get("enforce", "any") if image.reference else "ignore"
                levels = levels.lowered(Levels(to, to, "digest"))
        return levels

    @staticmethod
    def is_exempt(exemption, environment, image, request):
        subjects = {"environments": [environment["name"]], "namespaces": [request.namespace], "containers": [image.name],
                    "users": [request.user], "groups": request.groups, "fields": [image.field]}
        match = exemption["match"]
        if not image.reference and image.text not in match.get("images", ()):
            return False    # what is no reference is exempt only where it is named literally
        for key, texts in match.items():
            if key == "images":
                if image.reference and not any(covers(text, image.reference) for text in texts):
                    return False
            elif not any(glob(text).fullmatch(subject) for text in texts for subject in subjects[key]):
                return False
        return True

    def decode(self, body):
        return Request(decode(body), self)

    def known(self, found):
        """Where the level of a tagged reference is looked up: a dictionary and the key in it."""
        if any(g.fullmatch(found.name) for g in self.repositories):
            return self.own_tags, f"{found.name}:{found.tag}"
        return self.tags, found.tag

    def unknown(self, request):
        """The references of a request whose level has to be asked for."""
        found = (image.reference for image in request.object.images)
        tagged = (self.known(r) + (r,) for r in found if r and r.tag and not r.digest)
        return {f"{r.name}:{r.tag}" for levels, key, r in tagged if key not in levels}

    def learn(self, text, level):
        levels, key = self.known(reference(text))
        levels[key] = level

    def judge(self, request, name=None):
        """What becomes of a request: a Verdict.  `name` is the environment of the URL path."""
        verdict = Verdict()
        environment = verdict.environment = self.environment_of(request, name)
        verdict.unknown_environment = name is not None and environment["name"] != name
        verdict.mode = environment.get("mode", self.policy.get("mode", "enforce"))
        verdict.is_judged = self.is_judged(request)
        if not verdict.is_judged:
            return verdict
        if request.object.malformed:
            verdict.fault = request.object.malformed
        elif len(request.object.images) > MAX_IMAGES:
            verdict.fault = [str(len(request.object.images))]
        old = request.old_object
        if request.operation == "UPDATE" and old.is_present and not old.malformed:
            before = {image.key for image in old.images}
        else:
            before = set()
        carried = self.is_carried(request) and not self.is_rollback(request, before)
        for image in request.object.images:
            if not self.is_skipped(image, request.holds):
                unchanged = image.key in before
                copied = carried and (unchanged or not self.is_left_over(image, request.holds))
                self.weigh(verdict, image, self.level(image, request.holds), self.asked(environment, image, unchanged, request, copied),
                           unchanged or copied)
        return verdict

    @staticmethod
    def weigh(verdict, image, level, asked, is_running):
        fails = {key: level < DEMANDS.index(getattr(asked, key)) for key in ("enforce", "warn", "audit")}
        if asked.enforce == "any" and is_running:   # some runtime took it, reference or not
            fails["enforce"] = False
        if fails["enforce"] and verdict.mode == "enforce":
            verdict.denied.append(image)
        elif (fails["enforce"] or fails["warn"]) and verdict.mode != "audit":
            verdict.warned.append(image)
        if any(fails.values()):
            verdict.recorded.append(image)
