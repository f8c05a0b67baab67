# SPDX-License-Identifier: Apache-2.0
"""The kinds of cert-manager, which is not here: the scenarios do what it would do."""
from harness import definition

KINDS = [definition("certificates", "cert-manager.io", "Certificate", "v1"), definition("issuers", "cert-manager.io", "Issuer", "v1")]
