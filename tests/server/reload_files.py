# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests of the reload: two of each file, a folder to replace them in, and which of them is served."""
import os
import shutil
import ssl

from certificates import make_ca, make_leaf, make_pair, path
from harness import Tagmoor, ask, connect

OLD, NEW = make_pair("first"), make_pair("second")
make_ca("ca-old")
make_ca("ca-new")
OLD_CLIENT, NEW_CLIENT = make_leaf("client-old", "ca-old"), make_leaf("client-new", "ca-new")
# Of the same length, so that only the content tells them apart.
STRICT = "version: 1\ngrammar: 1\nenvironments:\n- {name: all, default: true, enforce: digest}\n"
LAX = STRICT.replace("digest", "any   ")
BAD = STRICT.replace("enforce", "enfroce")


def write(name, text):
    with open(path(name), "w") as file:
        file.write(text)


def trusting(pair, client=None):
    context = ssl.create_default_context(cafile=pair[0])
    if client:
        context.load_cert_chain(*client)
    return context


def served(server, *pairs, client=None):
    """Which of the pairs a new connection is served with."""
    for pair in pairs:
        try:
            with connect(server, trusting(pair, client)) as sock:
                ask(sock, "GET", "/livez")
                return pair
        except OSError:
            pass
    return None


def refused(server, pair, client):
    try:
        with connect(server, trusting(pair, client)) as sock:
            ask(sock, "GET", "/livez")
    except OSError:
        return True
    return False


class Files:
    """A folder with the four files, to be replaced all at once; `names` are relative to the server's folder."""

    def __init__(self, folder, linked=False):
        self.folder, self.linked, self.generation = folder, linked, 0
        os.mkdir(path(folder))
        self.cert, self.key, self.ca, self.policy = (f"{folder}/{name}" for name in ("tls.crt", "tls.key", "ca.crt", "policy.yaml"))
        self.put(OLD, "ca-old", STRICT)

    def contents(self, pair, ca, policy):
        return {"tls.crt": open(pair[0]).read(), "tls.key": open(pair[1]).read(), "ca.crt": open(path(f"{ca}.crt")).read(),
                "policy.yaml": policy}

    def put(self, pair, ca, policy, in_place=False):
        contents = self.contents(pair, ca, policy)
        if self.linked:
            self.swap(contents)
            return
        for name, text in contents.items():
            target = f"{self.folder}/{name}"
            write(target if in_place else target + ".new", text)
            if not in_place:
                os.rename(path(target + ".new"), path(target))

    def swap(self, contents):
        """As the kubelet does it: a new folder, `..data` points to it, the files to `..data`."""
        self.generation += 1
        inner = f"..{self.generation}"
        os.mkdir(path(f"{self.folder}/{inner}"))
        for name, text in contents.items():
            write(f"{self.folder}/{inner}/{name}", text)
            if not os.path.lexists(path(f"{self.folder}/{name}")):
                os.symlink(f"..data/{name}", path(f"{self.folder}/{name}"))
        os.symlink(inner, path(f"{self.folder}/..data_tmp"))
        os.rename(path(f"{self.folder}/..data_tmp"), path(f"{self.folder}/..data"))
        if self.generation > 1:
            shutil.rmtree(path(f"{self.folder}/..{self.generation - 1}"))

    def serve(self):
        return Tagmoor("--policy", self.policy, "--client-ca-file", self.ca, "--client-name", "kube-apiserver",
                       cert=self.cert, key=self.key)


def replace_whole(name, make):
    """Puts what `make` makes in the place of the file `name`."""
    make(path(name + ".new"))
    os.rename(path(name + ".new"), path(name))
