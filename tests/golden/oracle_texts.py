# SPDX-License-Identifier: Apache-2.0
"""oracle_texts - JSON, image references and tags as oracle.py reads them: strictly, and with json.loads
and regular expressions where the program has readers of its own."""
import json
import re

# --- JSON: RFC 8259, strictly ---------------------------------------------------------------------------
MAX_DEPTH = 10000


class Refused(Exception):
    """The body is no AdmissionReview that can be judged: HTTP 400."""


class Number(str):
    """A number as it was written: no value of ours depends on one."""


class Object:
    """A JSON object with its members in their order, duplicates included."""
    __slots__ = ("members",)

    def __init__(self, members):
        self.members = members

    def has(self, key):
        return any(k == key for k, _ in self.members)

    def get(self, key):
        """The member `key`, None where it is absent or null.  It is read, so it may stand once."""
        found = [v for k, v in self.members if k == key]
        if len(found) > 1:
            raise Refused(f"duplicate {key!r}")
        return found[0] if found else None


def no_constant(text):
    raise Refused(text)


def check_depth(text):
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        if token.group() in ("[", "{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused("depth")
        elif token.group() in ("]", "}"):
            depth -= 1


def check_surrogates(text):
    """Half a surrogate pair names no character; json.loads would keep it."""
    high_ends_at = None
    for escape in re.finditer(r"\\(?:u([0-9a-fA-F]{4})|.)", text, re.DOTALL):
        unit = int(escape.group(1), 16) if escape.group(1) else 0
        follows = high_ends_at == escape.start()
        if (high_ends_at is not None and not follows) or (0xDC00 <= unit <= 0xDFFF) != follows:
            raise Refused("lone surrogate")
        high_ends_at = escape.end() if 0xD800 <= unit <= 0xDBFF else None
    if high_ends_at is not None:
        raise Refused("lone surrogate")


def decode(body):
    try:
        text = body.decode("utf-8")
        if text.count("[") + text.count("{") > MAX_DEPTH:
            check_depth(text)
        tree = json.loads(text, object_pairs_hook=Object, parse_int=Number, parse_float=Number,
                          parse_constant=no_constant)
    except ValueError as error:
        raise Refused(str(error)) from error
    check_surrogates(text)
    return tree


# --- references and tags --------------------------------------------------------------------------------
HOST_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
DOMAIN = rf"(?:{HOST_PART}(?:\.{HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
COMPONENT = r"[a-z0-9]+(?:(?:\.|__|_|-+)[a-z0-9]+)*"
REFERENCE = re.compile(rf"(?:({DOMAIN})/)?({COMPONENT}(?:/{COMPONENT})*)"
                       r"(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([^@]*))?")
DIGEST = re.compile("sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
LOCAL_IMAGE = re.compile("[0-9a-f]{64}|sha(?:256|384|512):[0-9a-fA-F]+")
MAX_REFERENCE = 4096
HUB = {"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}


class Reference:
    def __init__(self, name, tag, digest):
        self.name, self.tag, self.digest = name, tag, digest


def split_domain(text):
    first, slash, rest = text.partition("/")
    if slash and first == "index.docker.io":
        return "docker.io", rest
    if slash and (first == "localhost" or "." in first or ":" in first or first != first.lower()):
        return first, rest
    return "docker.io", text


def canonical_name(domain, path):
    """Each registry in one spelling: what globs match."""
    host, port = re.fullmatch(r"(.*?)(?::([0-9]+))?", domain.lower(), re.DOTALL).groups()
    port = str(int(port)) if port else "443"
    if port == "443" and host in HUB:
        return f"docker.io/{path}" if "/" in path else f"docker.io/library/{path}"
    has_own_form = "." in host or ":" in host or host == "localhost"
    return f"{host}/{path}" if port == "443" and has_own_form else f"{host}:{port}/{path}"


def reference(text):
    """The parts of an image reference, or None where it is none that a node would pull."""
    if len(text.encode()) > MAX_REFERENCE or LOCAL_IMAGE.fullmatch(text):
        return None
    domain, rest = split_domain(text)
    if domain == "docker.io" and "/" not in rest:
        rest = "library/" + rest
    before_tag = rest.partition(":")[0]
    if before_tag != before_tag.lower():
        return None
    found = REFERENCE.fullmatch(f"{domain}/{rest}")
    if not found or len(found[2]) > 255 or (found[4] is not None and not DIGEST.fullmatch(found[4])):
        return None
    return Reference(canonical_name(found[1], found[2]) if found[1] else found[2], found[3], found[4])


# Each class of the documents as one expression over the tag in lower case; the first that matches
# says the level.  Not all of the program's grammar: as much as tag-vectors.tsv holds.
YEAR, MONTH, DAY = "20[0-9]{2}", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = "(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?"
DATE = rf"{YEAR}{MONTH}{DAY}|{YEAR}-{MONTH}-{DAY}|{YEAR}\.(?:0?[1-9]|1[0-2])\.(?:0?[1-9]|[12][0-9]|3[01])"
HEX = "(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]"
SYSTEM = r"(?:alpine|debian|ubuntu|ltsc|windowsservercore|jdk|jre|php|python|perl|openjdk|java|slim|nonroot)[0-9.]*"
ROLLING_WORD = ("latest|stable|edge|nightly|lts|mainline|debug|canary|dev|current|bookworm|trixie|jammy|noble"
                "|bullseye|buster|testing|sid")
PRE = "(?:snapshot|nightly|dev|rc|beta|alpha|ea|latest|edge)"
BRANCH = "(?:pr|mr|pull|merge|issue|ticket|feature|feat|fix|bugfix|hotfix|branch|chore|dependabot|renovate)"
TAGS = [(level, re.compile(pattern)) for level, pattern in (
    ("rolling", r"(?:.*[-_.])?dirty(?:[-_.].*)?"),
    ("build", r".*-[0-9]+-g[0-9a-f]{7,40}"),
    ("build", rf"(?:.*[^0-9])?{YEAR}{MONTH}{DAY}[-_t]?{CLOCK}(?:[^0-9].*)?"),
    ("build", rf"(?:.*[^0-9])?{YEAR}-{MONTH}-{DAY}[._t]{CLOCK}(?:[^0-9].*)?"),
    ("build", rf"(?:.*[^0-9])?{YEAR}-{MONTH}-{DAY}[._t][0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}(?:[^0-9].*)?"),
    ("build", r"(?:.*[^0-9])?1[5-9][0-9]{8}(?:[0-9]{3})?(?:[^0-9].*)?"),
    ("build", r"(?:.*[-_.])?(?:[0-9a-f]{40}|[0-9a-f]{64})(?:[-_.].*)?"),
    ("build", r"(?:.*[-_.])?(?:sha|git|commit|rev)[-_.]?[0-9a-f]{7,64}(?:[-_.].*)?"),
    ("rolling", r"[a-z]{3}20[0-9]{2}"),
    ("build", rf"{HEX}{{6,39}}"),
    ("build", rf"(?:.*[-_.])?[gv]?{HEX}{{7,40}}(?:[-_.].*)?"),
    ("rolling", r"[a-f]{6,40}"),
    ("rolling", rf"{BRANCH}(?:[-_.0-9].*)?"),
    ("rolling", r"(?:main|master|trunk|develop)(?:[-_.][a-z]+)*"),
    ("release", r"(?:build|ci|run|pipeline|job|jenkins)[-_.]?[0-9]+"),
    ("release", r"v?(?!(?:1[7-9]|20)[0-9]{2}$|1809$)(?!20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$)[0-9]{4,}"),
    ("rolling", r"[^0-9]+"),
    ("rolling", rf"(?:{ROLLING_WORD})(?:[-_](?:{ROLLING_WORD}|{SYSTEM}))*"),
    ("release", rf"(?:.*[^0-9])?(?:{DATE})(?:[^0-9].*)?"),
    ("rolling", rf"v?[0-9]+(?:\.[0-9]+)*-{PRE}(?:-[a-z]+)*"),
    ("build", r".*[0-9]\.[0-9].*-r[0-9]+"),
    ("release", rf"v?[0-9]+(?:\.[0-9]+)*[-_.]?{PRE}[-_.]?[0-9]+"),
    ("release", r"v?[0-9]+(?:\.[0-9]+)+-[0-9]+(?:\.[0-9]+)*\.(?:beta|alpha|rc)"),
    ("release", r"(?:[a-z]+-)?v?[0-9]+\.[0-9]+\.[0-9]+(?:[-_.+][a-z0-9.]*)*"),
    ("release", r"[0-9]+u[0-9]+-b[0-9]+.*|[0-9]+_[0-9]+-j[dr][ek]|[0-9]+-[0-9]+\.[0-9]+\.[0-9]+"),
    ("release", r"pg[0-9.]+-ts[0-9.]+-all|20[0-9]{2}-cu[0-9]+(?:-.*)?"),
    ("rolling", r"(?:[a-z]+-)?v?[0-9]+(?:\.[0-9]+)?(?:\.x)?(?:-[a-z]+[0-9.]*)*"),
    ("rolling", rf"{SYSTEM}(?:-{SYSTEM})*"),
    ("rolling", r"k8s"),
)]


def tag_level(tag):
    """The level of a tag of the vectors; None where no pattern speaks."""
    for level, pattern in TAGS:
        if pattern.fullmatch(tag.lower()):
            return level
    return None
