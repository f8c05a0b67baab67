#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tagmoor pin: what it writes to files, what it leaves with which reason, and how it replaces files."""
import hashlib
import os
import resource
import stat
import subprocess

from cli import TAGMOOR, Skip, check, check_fails, folder, main, tagmoor, test, write

A, B, C = ("sha256:" + letter * 64 for letter in "abc")
LOCK = f"""# tagmoor lock 1
docker.io/library/nginx:1.27	{A}	amd64	shop	2026-11-30
nginx:1.27.5 {A}
nginx:1.27.5-bookworm {A}
nginx:1.27.4 {B}
redis:v7@{B}
redis:latest {B}
ghcr.io/acme/app:main	{C}	amd64?	shop	-
postgres:16	{A}	amd64	-	-
postgres:16	{B}	amd64	-	-
docker/dockerfile:1 {C}
"""
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n%s"
NUMBERED = "the chart gets repository and tag as two values"


def pod(*images):
    return POD % "".join(f"  - name: c{index}\n    image: {image}\n" for index, image in enumerate(images))


def values(text):
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: h, namespace: shop}}\nspec:\n  values:\n{lines}"


def entries(*lines):
    rows = "".join(f"- {{{line}}}\n" for line in lines)
    return "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n" + rows


def argo(text):
    head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: h, namespace: argocd}\n"
    return head + "spec:\n  destination: {namespace: shop}\n  source:\n" + "".join(f"    {line}\n" for line in text.splitlines())


def read(path):
    with open(path, "rb") as file:
        return file.read()


def pin(place, *arguments, lock=LOCK, **more):
    """Runs pin in `place`; returns status, lines of the list, and standard error."""
    write(place, "images.lock", lock)
    status, out, err = tagmoor("pin", "--lock", "images.lock", *arguments, cwd=place, **more)
    return status, out.splitlines(), err


def check_pinned(name, before, after, *arguments):
    """`after` with D for each digest: @A, @B, @C."""
    before = before.encode() if isinstance(before, str) else before
    after = after.encode() if isinstance(after, str) else after
    for mark, digest in (b"$A", A), (b"$B", B), (b"$C", C):
        after = after.replace(mark, digest.encode())
    with folder() as place:
        path = os.path.join(place, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(before)
        status, lines, err = pin(place, *arguments, name)
        check(read(path) == after, name, read(path), after, lines, err)
        check(status == 0 and err == "", status, lines, err)
        again, lines, err = pin(place, *arguments, name)
        check(read(path) == after and again == 0, "a second run changes the file", lines, err)
        check(lines[-1].startswith("0 pinned, 0 left (0 of 1 file"), lines)


def check_left(name, text, *reasons, arguments=()):
    """Nothing is written, and each image is left with one of the reasons, in this order."""
    with folder() as place:
        path = write(place, name, text)
        status, lines, err = pin(place, *arguments, name)
        check(read(path) == text.encode(), "the file was changed", read(path))
        check(status == 1, status, lines, err)
        check(len(lines) == len(reasons) + 1, lines)
        for line, reason in zip(lines, reasons):
            check(line.startswith(f"{name}:") and ": left " in line and reason in line, line, reason)


# --- what is written ------------------------------------------------------------------------------


@test
def yaml_in_each_style__only_the_scalar_changes():
    check_pinned("a.yaml", pod("nginx:1.27    # why", '"nginx:1.27"', "'nginx:1.27' # x", "&a nginx:1.27", "*a", "!!str nginx:1.27", "nginx:1.27.5"),
                 pod("nginx:1.27@$A    # why", '"nginx:1.27@$A"', "'nginx:1.27@$A' # x", "&a nginx:1.27@$A", "*a",
                     "!!str nginx:1.27@$A", "nginx:1.27.5"))
    check_pinned("flow.yaml", POD % '  - {image: nginx:1.27, name: a}\n  - { "image" : "redis" ,name: b}\n',
                 POD % '  - {image: nginx:1.27@$A, name: a}\n  - { "image" : "redis@$B" ,name: b}\n')


@test
def line_ends_marks_and_missing_newlines__stay():
    text = pod("nginx:1.27", "redis")[:-1]
    after = pod("nginx:1.27@$A", "redis@$B")[:-1]
    check_pinned("a.yaml", text.replace("\n", "\r\n"), after.replace("\n", "\r\n"))
    check_pinned("b.yaml", "\ufeff" + text, "\ufeff" + after)
    check_pinned("c.yaml", "# \u00fc\u4e2d\U0001f600 \u00fc\n---\n" + text + "   \n\n---\n" + text + "\n...\n",
                 "# \u00fc\u4e2d\U0001f600 \u00fc\n---\n" + after + "   \n\n---\n" + after + "\n...\n")


@test
def json__only_the_string_changes():
    json = '{"apiVersion":"v1",\t"kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"image" : "nginx:1.27","name":"\\u00fc"}]}}'
    check_pinned("a.json", json, json.replace("nginx:1.27", "nginx:1.27@$A"))
    check_pinned("b.json", json + "\n" + json, (json + "\n" + json).replace("nginx:1.27", "nginx:1.27@$A"))


@test
def entries_of_kustomizations__the_tag_gets_the_digest():
    check_pinned("kustomization.yaml", entries("name: nginx, newTag: '1.27'", "name: x, newName: redis, newTag: v7"),
                 entries("name: nginx, newTag: '1.27@$A'", "name: x, newName: redis, newTag: v7@$B"))
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: shop}\nspec:\n  images:\n"
    check_pinned("flux.yaml", flux + '  - {name: nginx, newTag: "1.27"}\n', flux + '  - {name: nginx, newTag: "1.27@$A"}\n')


@test
def helm_values__references_and_members_for_digests():
    before = "image: nginx:1.27\na: {image: {repository: nginx, tag: '1.27', digest: \"\"}}\nb:\n  image:\n    repository: redis\n    tag: v7\n    sha: ''\n"
    after = "image: nginx:1.27@$A\na: {image: {repository: nginx, tag: '1.27', digest: \"$A\"}}\nb:\n  image:\n    repository: redis\n    tag: v7\n    sha: '" + B[7:] + "'\n"
    check_pinned("a.yaml", values(before), values(after))
    with folder() as place:
        write(place, "Chart.yaml", "name: x\n")
        path = write(place, "values.yaml", before)
        status, lines, err = pin(place, "--include", "helm-values", ".")
        check(status == 0 and read(path).decode() == after.replace("$A", A), lines, err)


@test
def digest_in_tag__values_without_a_member_for_it():
    check_pinned("a.yaml", values("image: {repository: nginx, tag: '1.27'}"), values("image: {repository: nginx, tag: '1.27@$A'}"),
                 "--digest-in-tag")


@test
def applications_of_argo_cd__values_and_overrides():
    check_pinned("a.yaml", argo("helm:\n  valuesObject: {image: nginx:1.27}\nkustomize:\n  images:\n  - nginx:1.27\n  - x=redis:v7"),
                 argo("helm:\n  valuesObject: {image: nginx:1.27@$A}\nkustomize:\n  images:\n  - nginx:1.27@$A\n  - x=redis:v7@$B"))
    check_pinned("b.yaml", argo("helm:\n  values: |\n    # a comment\n    image: 'nginx:1.27'  # b\n    x: {image: redis:v7}"),
                 argo("helm:\n  values: |\n    # a comment\n    image: 'nginx:1.27@$A'  # b\n    x: {image: redis:v7@$B}"))


@test
def compose_with_anchors__the_value_is_written_once():
    check_pinned("compose.yaml", "x-image: &i nginx:1.27\nx-app: &app\n  image: redis:v7\nservices:\n  a: {image: *i}\n  b: {<<: *app}\n  c: {<<: *app}\n",
                 "x-image: &i nginx:1.27@$A\nx-app: &app\n  image: redis:v7@$B\nservices:\n  a: {image: *i}\n  b: {<<: *app}\n  c: {<<: *app}\n")


@test
def dockerfile__each_instruction_that_names_an_image():
    check_pinned("Dockerfile", "# syntax=docker/dockerfile:1\nFROM --platform=linux/amd64 nginx:1.27 AS a\nFROM a\nFROM \\\n  redis\n"
                 "COPY --from=nginx:1.27 /a /b\nRUN --mount=type=bind,from=nginx:1.27,target=/x ls\nFROM scratch",
                 "# syntax=docker/dockerfile:1@$C\nFROM --platform=linux/amd64 nginx:1.27@$A AS a\nFROM a\nFROM \\\n  redis@$B\n"
                 "COPY --from=nginx:1.27@$A /a /b\nRUN --mount=type=bind,from=nginx:1.27@$A,target=/x ls\nFROM scratch")


@test
def workflows__after_the_scheme():
    check_pinned(".github/workflows/a.yml", "jobs:\n  a:\n    container: nginx:1.27\n    steps:\n    - uses: docker://redis:v7\n    - uses: actions/checkout@v4\n",
                 "jobs:\n  a:\n    container: nginx:1.27@$A\n    steps:\n    - uses: docker://redis:v7@$B\n    - uses: actions/checkout@v4\n")


@test
def all__also_what_the_policy_admits():
    check_pinned("a.yaml", pod("nginx:1.27.5"), pod("nginx:1.27.5"))
    check_pinned("a.yaml", pod("nginx:1.27.5"), pod("nginx:1.27.5@$A"), "--all")


@test
def tag_only__the_fixed_tag_of_the_same_digest():
    check_pinned("a.yaml", pod("nginx:1.27", '"nginx:1.27"'), pod("nginx:1.27.5", '"nginx:1.27.5"'), "--tag-only")
    check_pinned("kustomization.yaml", entries("name: nginx, newTag: '1.27'"), entries("name: nginx, newTag: '1.27.5'"), "--tag-only")
    check_pinned("v.yaml", values("image: {repository: nginx, tag: '1.27', digest: ''}"),
                 values("image: {repository: nginx, tag: '1.27.5', digest: ''}"), "--tag-only")
    check_left("b.yaml", pod("redis:v7"), "the lock has no fixed tag with its digest", arguments=["--tag-only"])


@test
def digest_of_one_platform__said():
    with folder() as place:
        write(place, "a.yaml", pod("ghcr.io/acme/app:main"))
        status, lines, _ = pin(place, "a.yaml")
        check(status == 0 and lines[0].endswith(f"app:main@{C}: the digest may be of one platform only: amd64?"), lines)


# --- what is left ---------------------------------------------------------------------------------


@test
def scalars_that_are_not_their_text__left():
    check_left("a.yaml", pod(">-\n      nginx:1.27", "|-\n      nginx:1.27", '"nginx:1\\x2E27"', '"nginx\\\n      :1.27"', "'{{ .image }}'", "nginx:1.27:x"),
               "it is a block scalar", "it is a block scalar", "it has escapes", "it is written over several lines", "it is a template",
               "it is not an image reference")
    check_left("a.json", '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"c","image":"nginx:1\\u002e27"}]}}',
               "it has escapes")
    check_left("long.yaml", POD % ('  - {name: a, args: ["' + "x" * 5000 + '"], image: nginx:1.27}\n'), "its line is too long")


@test
def references_in_parts__left():
    check_left("a.yaml", values("image: {repository: nginx, tag: '1.27'}\nb: {image: {repository: nginx, tag: '1.27', digest: null}}\nc: {image: {tag: '1.27'}}"),
               NUMBERED, "its value for the digest is null", "only the chart has its repository")
    check_left("kustomization.yaml", entries("name: nginx, newTag: 1.27"), "its tag is a number in YAML")
    check_left("compose.yaml", "services: {a: {image: 'nginx:${T:-1.27}'}}\n", "a variable fills in a part of it")
    check_left("Dockerfile", "ARG T=1.27\nFROM nginx:$T\n", "a variable fills in a part of it")


@test
def lock_without_one_digest__left():
    check_left("a.yaml", pod("nginx:1.26", "postgres:16", "quay.io/nginx:1.27"), "the lock has no digest of docker.io/library/nginx:1.26",
               "the lock has 2 digests of docker.io/library/postgres:16", "no digest of quay.io/nginx:1.27")


@test
def strings_that_are_no_literal_blocks__left():
    check_left("a.yaml", argo('helm:\n  values: "image: nginx:1.27"'), "it is in a string that is not a literal block")
    check_left("b.yaml", values("extraContainers: |\n  - name: a\n    image: nginx:1.27"), "it is in a string of Helm values")


@test
def aliases__left_where_one_text_cannot_serve_all():
    both = "images:\n- {name: nginx, newTag: &t '1.27'}\n- {name: redis, newTag: *t}\n"
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    with folder() as place:
        path = write(place, "kustomization.yaml", head + both)
        status, lines, _ = pin(place, ".", lock=LOCK + f"redis:1.27 {B}\n")
        check(status == 1 and read(path).decode() == head + both, read(path))
        check(sum("need another text" in line for line in lines) == 2, lines)
    check_left("kustomization.yaml", head + "images:\n- {name: nginx, newTag: &t '1.27'}\ncommonLabels: {version: *t}\n",
               "an alias gives its value also to a member that is no image")
    check_left("compose.yaml", "services:\n  a: {image: &i nginx:1.27, labels: {from: *i}}\n", "an alias gives its value also")


@test
def suppressed_findings__stay_as_they_are():
    text = pod("nginx:1.27  # tagmoor:ignore OPS-1")
    with folder() as place:
        path = write(place, "a.yaml", text)
        status, lines, _ = pin(place, "a.yaml")
        check(status == 0 and lines == ["0 pinned, 0 left (0 of 1 file changed)"] and read(path).decode() == text, lines)
        status, lines, _ = pin(place, "--no-suppressions", "a.yaml")
        check(status == 0 and f"nginx:1.27@{A}" in read(path).decode(), lines)


@test
def environment_and_policy__select_what_is_pinned():
    with folder() as place:
        path = write(place, "a.yaml", pod("nginx:1.27.5"))
        check(pin(place, "a.yaml")[0] == 0 and read(path).decode() == pod("nginx:1.27.5"))
        policy = subprocess.run([TAGMOOR, "policy", "show"], capture_output=True, timeout=60, check=True).stdout.decode()
        write(place, "policy.yaml", policy.replace("enforce: release", "enforce: digest"))
        status, lines, err = pin(place, "--policy", "policy.yaml", "--environment", "production", "a.yaml")
        check(status == 0 and read(path).decode() == pod(f"nginx:1.27.5@{A}"), lines, err)
        status, lines, err = pin(place, "--environment", "absent", "a.yaml")
        check(status == 2 and "no environment 'absent'" in err, err)


# --- files ----------------------------------------------------------------------------------------


@test
def file_with_an_error__unchanged_and_2():
    with folder() as place:
        text = pod("nginx:1.27") + "---\na: [\n"
        path = write(place, "a.yaml", text)
        good = write(place, "b.yaml", pod("nginx:1.27"))
        status, lines, err = pin(place, ".")
        check(status == 2 and read(path).decode() == text, read(path))
        check("the file has an error" in lines[0] and "a.yaml:10" in err, lines, err)
        check(f"nginx:1.27@{A}".encode() in read(good), "the other file is pinned", lines)


@test
def dry_run__a_difference_that_patch_and_git_apply():
    with folder() as place, folder() as other:
        for name, text in ("a b.yaml", pod("nginx:1.27", "redis")), ("k/b.yaml", pod(*["x:1.0.0"] * 9, "nginx:1.27")[:-1]), \
                          ("k/c.yaml", pod("nginx:1.27").replace("\n", "\r\n")):
            for root in place, other:
                os.makedirs(os.path.join(root, "k"), exist_ok=True)
                with open(os.path.join(root, name), "w", encoding="utf-8", newline="") as file:
                    file.write(text)
        before = {name: read(os.path.join(place, name)) for name in ("a b.yaml", "k/b.yaml", "k/c.yaml")}
        write(place, "images.lock", LOCK)
        done = subprocess.run([TAGMOOR, "pin", "--dry-run", "--lock", "images.lock", "."], cwd=place, capture_output=True, timeout=60)
        check(done.returncode == 0 and b"4 to pin, 0 left (3 of 3 files to change)" in done.stderr, done)
        check(before == {name: read(os.path.join(place, name)) for name in before}, "a file was changed")
        for tool in ["patch", "-p0", "--binary"], ["git", "apply", "-p0", "--whitespace=nowarn"]:
            applied = subprocess.run(tool, cwd=other, input=done.stdout, capture_output=True, timeout=60)
            check(applied.returncode == 0, tool, applied)
            if tool[0] == "patch":
                check(subprocess.run(["patch", "-R", "-p0", "--binary"], cwd=other, input=done.stdout, capture_output=True,
                                     timeout=60).returncode == 0)
                check(before == {name: read(os.path.join(other, name)) for name in before}, "patch -R does not restore")
        check(pin(place, ".")[0] == 0)
        for name in before:
            check(read(os.path.join(place, name)) == read(os.path.join(other, name)), name)


@test
def exclusions__as_in_check():
    with folder() as place:
        for name in "a", "b", "c":
            os.mkdir(os.path.join(place, name))
            write(os.path.join(place, name), "x.yaml", pod("nginx:1.27"))
        write(place, ".tagmoorignore", "b/\n")
        status, lines, _ = pin(place, "--exclude", "c/", ".")
        check(status == 0 and lines[-1] == "1 pinned, 0 left (1 of 1 file changed)" and lines[0].startswith("a/x.yaml:"), lines)


@test
def mode__kept_and_links_followed_if_named():
    with folder() as place:
        path = write(place, "real", pod("nginx:1.27"))
        os.chmod(path, 0o640)
        os.symlink("real", os.path.join(place, "link.yaml"))
        status, lines, err = pin(place, "link.yaml")
        check(status == 0 and A.encode() in read(path) and os.path.islink(os.path.join(place, "link.yaml")), lines, err)
        check(stat.S_IMODE(os.stat(path).st_mode) == 0o640, oct(os.stat(path).st_mode))
        check(sorted(os.listdir(place)) == ["images.lock", "link.yaml", "real"], os.listdir(place))


@test
def links_in_directories__left():
    with folder() as place, folder() as outside:
        far = write(outside, "far.yaml", pod("nginx:1.27"))
        os.mkdir(os.path.join(outside, "sub"))
        deep = write(os.path.join(outside, "sub"), "deep.yaml", pod("nginx:1.27"))
        os.symlink(far, os.path.join(place, "link.yaml"))
        os.symlink(os.path.join(outside, "sub"), os.path.join(place, "sub"))
        status, lines, err = pin(place, ".")
        check(status == 1 and "its file is a symbolic link" in lines[0] and "a symbolic link leads out" in lines[1], lines, err)
        check(read(far) == read(deep) == pod("nginx:1.27").encode())


@test
def hard_links_and_read_only_files__errors():
    with folder() as place:
        path = write(place, "a.yaml", pod("nginx:1.27"))
        os.link(path, os.path.join(place, "other"))
        check_fails(fails(place), "the file has other hard links")
        os.unlink(os.path.join(place, "other"))
        os.chmod(path, 0o444)
        check_fails(fails(place), "the file is read-only")
        check(read(path) == pod("nginx:1.27").encode() and stat.S_IMODE(os.stat(path).st_mode) == 0o444)


def fails(place, **more):
    """As check_fails() wants it: the summary is no output of a failure here."""
    status, lines, err = pin(place, "a.yaml", **more)
    check(lines == ["0 pinned, 0 left (0 of 1 file changed)"], lines)
    return status, "", err


@test
def no_room__unchanged_and_no_temporary_file():
    for killed in False, True:
        with folder() as place:
            text = pod(*["nginx:1.27"] * 200)
            path = write(place, "a.yaml", text)
            write(place, "images.lock", LOCK)
            done = subprocess.run([TAGMOOR, "pin", "--lock", "images.lock", "a.yaml"], cwd=place, capture_output=True, timeout=60,
                                  restore_signals=killed,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
            check(done.returncode == (-25 if killed else 2), killed, done)
            check(read(path) == text.encode(), "the file is damaged")
            check(killed or sorted(os.listdir(place)) == ["a.yaml", "images.lock"], os.listdir(place))


@test
def directory_without_write_permission__an_error():
    if os.geteuid() != 0:
        raise Skip("needs root")
    with folder() as place:
        path = write(place, "a.yaml", pod("nginx:1.27"))
        write(place, "images.lock", LOCK)
        os.chmod(path, 0o666)
        os.chmod(place, 0o555)
        done = subprocess.run([TAGMOOR, "pin", "--lock", "images.lock", "a.yaml"], cwd=place, capture_output=True, timeout=60,
                              user=65534, group=65534)
        check(done.returncode == 2 and b"Permission denied" in done.stderr, done)
        check(read(path) == pod("nginx:1.27").encode())


@test
def owner__kept_by_root():
    if os.geteuid() != 0:
        raise Skip("needs root")
    with folder() as place:
        path = write(place, "a.yaml", pod("nginx:1.27"))
        os.chown(path, 1234, 2345)
        check(pin(place, "a.yaml")[0] == 0)
        check((os.stat(path).st_uid, os.stat(path).st_gid) == (1234, 2345), os.stat(path))


@test
def wrong_usage__said():
    with folder() as place:
        write(place, "a.yaml", pod("nginx:1.27"))
        check_fails(tagmoor("pin", "a.yaml", cwd=place), "no lock file: give --lock FILE")
        check_fails(tagmoor("pin", "--lock", "x", cwd=place), "no file: give a PATH")
        check_fails(tagmoor("pin", "--lock", "x", "-", cwd=place), "standard input cannot be changed in place")
        check_fails(tagmoor("pin", "--lock", "absent", "a.yaml", cwd=place), "absent")
        write(place, "bad", "nginx\n")
        check_fails(tagmoor("pin", "--lock", "bad", "a.yaml", cwd=place), "line 1 of the lock")


main()
