# SPDX-License-Identifier: Apache-2.0
"""The kinds of cert-manager, which is not here: the scenarios do what it would do."""
from harness import manifest

KINDS = [manifest("CustomResourceDefinition", f"{plural}.cert-manager.io", "apiextensions.k8s.io/v1", spec={
    "group": "cert-manager.io", "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
    "versions": [{"name": "v1", "served": True, "storage": True,
                  "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]})
    for kind, plural in (("Certificate", "certificates"), ("Issuer", "issuers"))]
