# SPDX-License-Identifier: Apache-2.0
"""oracle_annotations - the images in annotations of Pods and templates, as oracle.py finds them.

Written from the documents of the injectors (policy/object/annotation.c names them), not from the C sources.
"""
import re

from oracle_texts import Number, Refused

MIRROR = "kubernetes.io/config.mirror"
NAME = {"sidecar.istio.io/proxyImage"}      # a name alone is one of the installation
VAULTS = ("vault.hashicorp.com", "openbao.openbao.org")
JSON = {"sidecar.istio.io/userVolume", "proxy.istio.io/overrides", "consul.hashicorp.com/consul-sidecar-user-volume",
        *(f"{vault}/agent-{patch}" for vault in VAULTS for patch in ("json-patch", "init-json-patch"))}
IMAGE = {*(f"{vault}/agent-image" for vault in VAULTS), "dapr.io/sidecar-image", "admission.datadoghq.com/apm-inject.custom-image",
         "oneagent.dynatrace.com/image", "telegraf.influxdata.com/image", "conjur.org/container-image",
         "sidecar.skywalking.apache.org/initcontainer.Image",
         *("secrets-webhook.security.bank-vaults.io/" + name for name in ("secret-init-image", "vault-image", "vault-ct-image", "bao-image", "bao-ct-image")),
         *("vault.security.banzaicloud.io/" + name for name in ("vault-image", "vault-env-image", "vault-ct-image"))}
LINKERD = "config.linkerd.io/"
REPOSITORY = {LINKERD + name for name in ("proxy-image", "init-image", "debug-image")}
TAG = {LINKERD + "proxy-version": (LINKERD + "proxy-image", "cr.l5d.io/linkerd/proxy"),
       LINKERD + "init-image-version": (LINKERD + "init-image", "cr.l5d.io/linkerd/proxy-init"),
       LINKERD + "debug-image-version": (LINKERD + "debug-image", "cr.l5d.io/linkerd/debug"),
       "admission.datadoghq.com/apm-inject.version": (None, "gcr.io/datadoghq/apm-inject"),
       "admission.datadoghq.com/all-lib.version": (None, "gcr.io/datadoghq/dd-lib-java-init"),
       "operator.1password.io/version": (None, "docker.io/1password/op")}
EXACT = NAME | JSON | IMAGE | REPOSITORY | set(TAG)
DATADOG = re.compile(r"admission\.datadoghq\.com/.*(java|js|python|dotnet|ruby|php)-lib\.(custom-image|version)", re.DOTALL)


def text_of(key, value, values):
    """The image that comes of an annotation; None: none does."""
    datadog = DATADOG.fullmatch(key)
    if not value:
        return None
    if key in REPOSITORY:       # with the tag of the installation, unless there is one beside it
        return None if any(values.get(tag) for tag, (partner, _) in TAG.items() if partner == key) else value
    if key in NAME and not re.search("[/:]", value):
        return None
    if key in JSON:
        return image_in(value)[0]
    if datadog and datadog[2] == "version":
        return f"gcr.io/datadoghq/dd-lib-{datadog[1]}-init:{value}"
    if key in TAG:
        partner, otherwise = TAG[key]
        return f"{values.get(partner) or otherwise}:{value}"
    return value


def image_in(text):
    """(image, form) that JSON sets; one plain member `image` is an image, everything else is not evaluated."""
    flags = re.IGNORECASE | re.ASCII | re.DOTALL
    members = re.findall(r'\\u00(?:[4-7].|2f)|"image"|/image"', text, flags)
    plain = re.findall(r'"image"[ \t\r\n]*:[ \t\r\n]*"([^"\\]*)"', text, flags)
    if len(members) == 1 and len(plain) == 1:
        return plain[0] or None, ""
    return (text, "json") if members else (None, "")


def find(annotations, own, malformed, place):
    """(place, key, text, form) of each image in an `annotations` object."""
    annotations.get(MIRROR)
    values = {}
    pairs = []
    for key, value in annotations.members:
        if key not in EXACT and key not in own and not DATADOG.fullmatch(key):
            continue
        if (key in EXACT or key in own) and key in values:
            raise Refused(f"duplicate {key!r}")
        values[key] = None
        if isinstance(value, str) and not isinstance(value, Number):
            values[key] = value
            pairs.append((key, value))
        elif value is not None:
            malformed(f"{place}.{key}")
    for key, value in pairs:
        text = (value or None) if key in own else text_of(key, value, values)
        form = "" if key in own else image_in(value)[1] if key in JSON else "repository" if key in REPOSITORY else ""
        if text is not None:
            yield f"{place}[{key}]", key, text, form
