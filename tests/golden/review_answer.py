# SPDX-License-Identifier: Apache-2.0
"""review_answer - what the tables of golden reviews expect of an answer, without the wording of its messages.

  decision     allow, audit, warn or deny
  evaluated    false where the request is none that a policy is applied to
  environment  the audit annotation, if it is not `production (default)`
  images       the recorded images: path -> decision, class and level, the exemption and its end, one that has ended; the image's text too, where the
               request does not have it as it is
  malformed    the paths whose structure is wrong
  exempted-by  the audit annotation
  notices      how many warnings concern no image
  error        what is said of a request that is answered by an error
"""
import json
import re

ENVIRONMENT = "production (default)"
PATH = re.compile(r"(?:spec|metadata|template|data|request)(?:[.\[][^ :]*)?")


def response_of(answer):
    """The part that decides, of an AdmissionReview or an ImageReview, and its message."""
    response = answer.get("response") or answer["status"]
    return response, response.get("status", {}).get("message") or response.get("reason", "")


def is_about(line, path):
    return line.startswith(path) and line[len(path):len(path) + 1] in (" ", ":")


def texts_of(value):
    """Every text in a JSON value."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, (dict, list)):
            waiting += one.values() if isinstance(one, dict) else one
    return found


def image_decision(path, denied, warned):
    if any(is_about(line, path) for line in denied):
        return "deny"
    return "warn" if any(is_about(line, path) for line in warned) else "audit"


def summary(answer, body):
    """What a table says of the answer to `body`."""
    response, message = response_of(answer)
    annotations = response.get("auditAnnotations")
    if annotations is None:
        return {"decision": "allow" if response["allowed"] else "deny", "evaluated": False}
    denied, warned = message.splitlines(), response.get("warnings", [])
    recorded = json.loads(annotations.get("images", "[]"))
    texts = texts_of(json.loads(body))
    found = {"decision": annotations["decision"]}
    if annotations["environment"] != ENVIRONMENT:
        found["environment"] = annotations["environment"]
    images = {}
    for image in recorded:
        images[image["path"]] = " ".join([image_decision(image["path"], denied, warned), image["class"], image["level"]])
        if "exemption" in image:
            images[image["path"]] += f", exemption {image['exemption']}"
        if "exemptionUntil" in image:
            images[image["path"]] += f" until {image['exemptionUntil']}"
        if "endedExemption" in image:
            images[image["path"]] += f", {image['endedExemption']} ended {image['endedExemptionUntil']}"
        if not any(image["image"] in text for text in texts):
            images[image["path"]] += f", {image['image']}"
    if images:
        found["images"] = images
    others = [line for line in denied + warned if not any(is_about(line, path) for path in images)]
    if malformed := [PATH.match(line)[0] for line in others if PATH.match(line)]:
        found["malformed"] = malformed
    if notices := len(others) - len(malformed):
        found["notices"] = notices
    if "exempted-by" in annotations:
        found["exempted-by"] = annotations["exempted-by"]
    return found


def faults(answer, body):
    """What every answer must be, whatever is expected of it; None if it is."""
    request = json.loads(body)
    response, message = response_of(answer)
    if (answer["kind"], answer["apiVersion"]) != (request.get("kind"), request.get("apiVersion")):
        return "the answer is of another kind than the request"
    if answer["kind"] == "ImageReview":
        known = {"allowed", "reason", "auditAnnotations"}
    else:
        known = {"uid", "allowed", "status", "warnings", "auditAnnotations"}
        if response["uid"] != request["request"]["uid"]:
            return f"uid {response['uid']!r}"
        status = dict(response.get("status", {}), message="")
        if not response["allowed"] and status != {"status": "Failure", "reason": "Forbidden", "code": 403, "message": ""}:
            return f"status {status}"
    if not response.keys() <= known:
        return f"members {response.keys() - known}"
    return None if bool(message) != response["allowed"] else "a message without a denial, or a denial without one"
