# SPDX-License-Identifier: Apache-2.0
"""Throw-away certificates, in a folder that lives as long as the test program."""
import os
import subprocess
import tempfile

FOLDER = tempfile.TemporaryDirectory(prefix="moor-server-")


def path(name):
    return os.path.join(FOLDER.name, name)


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=FOLDER.name)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(arguments)}: {done.stdout.decode()}")


def make_pair(name, san="DNS:localhost,IP:127.0.0.1", start=None, end=None):
    """An ECDSA P-256 key and a self-signed certificate; `start` and `end` as YYYYMMDDHHMMSSZ."""
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
    openssl("req", "-new", "-key", f"{name}.key", "-subj", "/CN=tagmoor-test", "-out", f"{name}.csr")
    with open(path(f"{name}.cnf"), "w") as config:
        config.write(f"""[ca]
default_ca = own
[own]
database = {path(name)}.index
serial = {path(name)}.serial
new_certs_dir = {FOLDER.name}
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
basicConstraints = CA:TRUE
{"subjectAltName = " + san if san else ""}
""")
    open(path(f"{name}.index"), "w").close()
    with open(path(f"{name}.serial"), "w") as serial:
        serial.write("01\n")
    dates = ["-startdate", start, "-enddate", end] if start else ["-days", "2"]
    openssl("ca", "-batch", "-selfsign", "-config", f"{name}.cnf", "-keyfile", f"{name}.key", "-in", f"{name}.csr",
            "-out", f"{name}.crt", "-notext", *dates)
    return path(f"{name}.crt"), path(f"{name}.key")


CERT, KEY = make_pair("good")


# --- certificates of a CA
def make_ca(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90",
            "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    for suffix, text in (("index", ""), ("serial", "01\n")):
        with open(path(f"{name}.{suffix}"), "w") as file:
            file.write(text)
    return path(f"{name}.crt")


def make_leaf(name, ca, subject="/CN=kube-apiserver", san=None, usage="clientAuth", dates=("-days", "90")):
    """A certificate of the CA; `dates` are flags of `openssl ca`."""
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
    with open(path(f"{name}.cnf"), "w") as config:
        config.write(f"""[ca]
default_ca = own
[own]
database = {path(ca)}.index
serial = {path(ca)}.serial
new_certs_dir = {FOLDER.name}
certificate = {path(ca)}.crt
private_key = {path(ca)}.key
default_md = sha256
policy = any
unique_subject = no
x509_extensions = extensions
[any]
commonName = optional
organizationName = optional
[extensions]
extendedKeyUsage = {usage}
{"subjectAltName = " + san if san else ""}
""")
    openssl("ca", "-batch", "-config", f"{name}.cnf", "-in", f"{name}.csr", "-out", f"{name}.crt", "-notext", *dates)
    return path(f"{name}.crt"), path(f"{name}.key")
