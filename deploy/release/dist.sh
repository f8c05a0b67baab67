#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dist.sh OUT - makes every file of a release in OUT from the last commit.  Run by `make dist`, as root on Debian 12.
# The same commit and the same packages give the same bytes: times are that of the commit, and no path of this machine is in a file.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
out=$1
commit=$(git rev-parse --short=12 HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
version=$(sed -n 's/^VERSION := //p' Makefile)
name=tagmoor-$version
export SOURCE_DATE_EPOCH COMMIT=$commit REVISION
REVISION=$(git rev-parse HEAD)
release=$PWD/deploy/release
arm64_root=$PWD/build/arm64/root

rm -rf "$out"
mkdir -p "$out"
out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "dist: $*"; }

# Files in the order of their names, with one owner and the time of the commit.
pack() { # FOLDER NAME
    tar -C "$1" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$2" | gzip -9n >"$out/$2.tar.gz"
}

git diff --quiet HEAD || say "note: changes that are not committed are not part of the release"

say "source archive"
git archive --format=tar --prefix="$name/" HEAD >"$work/source.tar"
gzip -9n <"$work/source.tar" >"$out/$name-source.tar.gz"
tar -C "$work" -xf "$work/source.tar"
source=$work/$name

command_line() { # ARCHITECTURE STRIP MAKE_ARGUMENT...
    local folder=$name-linux-$1 strip=$2
    shift 2
    make -C "$source" -j"$(nproc)" STATIC=1 CFLAGS="-ffile-prefix-map=$source=." "$@" >"$work/make.log" 2>&1 || { tail -20 "$work/make.log" >&2; exit 1; }
    mkdir -p "$work/archives/$folder"
    "$strip" -o "$work/archives/$folder/tagmoor" "$source/${!#}"
    cp "$source"/cmd/{tagmoor.1,tagmoor-policy.5,tagmoor-output.5,completion.bash,completion.zsh,kubectl_complete-tagmoor} "$source/LICENSE" \
        "$work/archives/$folder"
    ln -s tagmoor "$work/archives/$folder/kubectl-tagmoor"
    pack "$work/archives" "$folder"
}
say "command line for amd64"
command_line amd64 strip build/gcc-static/tagmoor
say "command line for arm64"
command_line arm64 aarch64-linux-gnu-strip CC="aarch64-linux-gnu-gcc --sysroot=$arm64_root" AR=aarch64-linux-gnu-ar \
    build/aarch64-linux-gnu-gcc-static/tagmoor

say "Debian package"
rm -rf "$source"
tar -C "$work" -xf "$work/source.tar"
"$release/deb.sh" "$source" "$out"

say "chart"
"$release/chart.py" build/charts/helm "$out" "$version"

say "container image"
deploy/image.sh build/image >"$work/image.log" || { cat "$work/image.log" >&2; exit 1; }
gzip -9n <build/image/tagmoor.tar >"$out/$name-image-amd64.tar.gz"
cp build/image/tagmoor.spdx.json "$out/$name-image-amd64.spdx.json"
"$release/cyclonedx.py" build/image/tagmoor.spdx.json "$version" >"$out/$name-image-amd64.cdx.json"

"$release/indexes.py" "$out" "$version"
(cd "$out" && sha256sum -- * >SHA256SUMS)
say "files in $out:"
find "$out" -type f -printf 'dist: %10s  %f\n' | sort -k3
