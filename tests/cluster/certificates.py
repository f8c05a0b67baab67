# SPDX-License-Identifier: Apache-2.0
"""Certificates as cert-manager or a company's CA would make them, for the scenarios."""
import base64
import json
import os
import subprocess

from harness import SCRATCH, get, manifest, ok


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Authority:
    """A CA of its own, below the scenario's scratch folder."""

    def __init__(self, name):
        self.folder = os.path.join(SCRATCH, name)
        os.makedirs(self.folder, exist_ok=True)
        self.openssl("-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign",
                     "-addext", "subjectKeyIdentifier=hash", "-keyout", "ca.key", "-out", "ca.crt")
        self.pem = read(f"{self.folder}/ca.crt").decode()

    def openssl(self, *arguments):
        with open(f"{self.folder}/openssl.cnf", "w", encoding="utf-8") as file:
            file.write("[req]\ndistinguished_name=dn\n[dn]\n")
        subprocess.run(["openssl", "req", "-x509", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "30", *arguments], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)

    def sign(self, name, host, usage="serverAuth"):
        self.openssl("-CA", "ca.crt", "-CAkey", "ca.key", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-addext", "keyUsage=digitalSignature",
                     "-addext", f"extendedKeyUsage={usage}", "-keyout", f"{name}.key", "-out", f"{name}.crt")

    def secret(self, leaf, name):
        data = {part: base64.b64encode(read(f"{self.folder}/{leaf}.{part[4:]}")).decode() for part in ("tls.crt", "tls.key")}
        return manifest("Secret", name, type="kubernetes.io/tls", data=data)

    def inject(self, configuration, also=""):
        """What cert-manager's CA injector does."""
        bundle = base64.b64encode((self.pem + also).encode()).decode()
        count = len(get("validatingwebhookconfiguration", configuration)["webhooks"])
        ok("patch", "validatingwebhookconfiguration", configuration, "--type=json", "-p", json.dumps(
            [{"op": "add", "path": f"/webhooks/{i}/clientConfig/caBundle", "value": bundle} for i in range(count)]))
