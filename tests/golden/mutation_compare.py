# SPDX-License-Identifier: Apache-2.0
"""mutation_compare - compares an answer of `tagmoor serve` with a verdict of oracle.py."""
import json
import re

MAX_WHOLE = 40          # bytes of a text that are never cut
LONGEST_PLACE = 1000    # bytes; where a member's name is longer, only the path to it is told
MAX_LISTED, MAX_MESSAGE_BYTES = 16, 4096


def plain(text):
    """Undoes the escapes of messages; a text that has such escapes itself becomes the same."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text.encode())


def shown(text):
    """An expression for a text in a message, where long ones have their middle replaced by dots."""
    text = plain(text)
    whole = re.escape(text)
    if len(text) > LONGEST_PLACE:
        return rb"%b.*?" % re.escape(text[:8])
    return whole if len(text) <= MAX_WHOLE else rb"(?:%b|%b.*?\.\.\..*?%b)" % (whole, re.escape(text[:8]), re.escape(text[-8:]))


def is_about(line, image):
    """Whether a line of a message speaks of this image: its place, its name and its text."""
    found = f': image "{image.text}" ' if image.text else ": no image is set; "
    if line.startswith(image.place + (f' (container "{image.shown_name}")' if image.shown_name else "") + found):
        return True
    name = rb'(?:container|volume) "%b"|' % shown(image.shown_name) if image.shown_name else b""
    found = rb': image "%b" ' % shown(image.text) if image.text else b": no image is set; "
    start = shown(image.place) + rb"(?: \((?:%bannotation|field of .*?)\))%b" % (name, b"" if image.shown_name else b"?")
    return re.match(start + found, plain(line), re.DOTALL) is not None


def is_fault(line, verdict):
    return any(re.match(shown(f or "the object"), plain(line), re.DOTALL) or f"{f} images" in line for f in verdict.fault)


def match(lines, expected):
    """What is wrong with `lines` as a list of `expected` images, or None."""
    rest = list(expected)
    for line in lines:
        found = next((image for image in rest if is_about(line, image)), None)
        if not found:
            return f"{line!r} is not expected"
        rest.remove(found)
    return None


def check_message(message, expected):
    if len(message.encode()) > MAX_MESSAGE_BYTES:
        return "the message is too long"
    lines = message.split("\n")
    more = re.fullmatch(r"and (\d+) more", lines[-1])
    if more:
        lines.pop()
    if len(lines) + (int(more[1]) if more else 0) != len(expected) or len(lines) > MAX_LISTED:
        return f"{len(lines)} images listed and {more and more[1]} more, expected {len(expected)}"
    if len(lines) < min(MAX_LISTED, len(expected)) and len(message.encode()) < MAX_MESSAGE_BYTES / 2:
        return "images are left out of a short message"
    return match(lines, expected)


def check_warnings(warnings, verdict):
    warnings = list(warnings)
    for warning in warnings:
        if len(warning) > 256 or re.search(r"[\x00-\x1f\x7f-\x9f]", warning):
            return f"a warning that the API server would drop or cut: {warning!r}"
    if verdict.unknown_environment:
        if not warnings or "the policy has no environment" not in warnings.pop(0):
            return "no warning of an unknown environment"
    warnings = [warning for warning in warnings if not warning.startswith('exemption "')]
    given = len(warnings) + verdict.unknown_environment
    if verdict.fault and verdict.mode == "warn":
        if not warnings or not is_fault(warnings.pop(0), verdict):
            return "no warning of the fault"
    room = MAX_LISTED - given + len(warnings)
    if len(warnings) != min(len(verdict.warned), room):
        return f"{len(warnings)} warnings, expected {len(verdict.warned)}"
    return match(warnings, verdict.warned)


def check_annotations(annotations, verdict):
    if not verdict.is_judged:
        return None if annotations is None else f"annotations {annotations} on what is not judged"
    if annotations is None:
        return "no annotations on what is judged"
    recorded = json.loads(annotations.get("images", "[]"))
    if len(recorded) != min(MAX_LISTED, len(verdict.recorded)):
        return f"{len(recorded)} images recorded, expected {len(verdict.recorded)}"
    if not annotations["environment"].startswith(verdict.environment["name"] + " ("):
        return f"environment {annotations['environment']}, expected {verdict.environment['name']}"
    if annotations["decision"] != verdict.decision:
        return f"decision {annotations['decision']}, expected {verdict.decision}"
    places = [plain(image.place) for image in verdict.recorded]
    is_told = all(len(p) < LONGEST_PLACE for p in places)
    if is_told and any(plain(image["path"]) not in places for image in recorded):
        return f"recorded {recorded}, expected {places}"
    return None


def compare(status, answer, verdict, uid):
    """What differs, or None."""
    if verdict is None:
        return None if status == 400 else f"status {status}, expected 400"
    if status != 200:
        return f"status {status} {answer!r}, expected 200"
    review = json.loads(answer)
    response = review["response"]
    if response["uid"] != uid or review["kind"] != "AdmissionReview" or "patch" in response or "patchType" in response:
        return "not the answer to this review"
    if response["allowed"] != verdict.allowed:
        return f"allowed {response['allowed']}, expected {verdict.allowed}"
    wrong = check_warnings(response.get("warnings", []), verdict) or check_annotations(response.get("auditAnnotations"), verdict)
    if wrong or verdict.allowed:
        return wrong
    message = response["status"]["message"]
    if not verdict.fault:
        return check_message(message, verdict.denied)
    fault, _, rest = message.partition("\n")
    if not is_fault(fault, verdict):
        return f"the fault is {fault!r}, expected {verdict.fault}"
    return check_message(rest, verdict.denied) if rest or verdict.denied else None
