#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# image.sh [OUT] - builds the image from deploy/Dockerfile and Debian packages, without a registry and without Docker. Run as root.
# OUT (default: build/image) gets tagmoor.tar, which is an OCI archive, its digest and the bill of materials. The base takes minutes
# to create and is kept in OUT.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=$(mkdir -p "${1:-build/image}" && readlink -f "${1:-build/image}")
name=localhost/tagmoor
version=$(sed -n 's/^VERSION := //p' Makefile)
revision=${REVISION:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}
# The name contains a hash of the package list, so another list creates another base.
base=${BASE_TAR:-$out/base-$(sha256sum deploy/build-packages.txt | cut -c1-12).tar}

for need in buildah mmdebstrap jq; do
    command -v "$need" >/dev/null || { echo "image: '$need' is missing: apt-get install --no-install-recommends buildah mmdebstrap jq" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "image: run as root: the image contains files of other owners" >&2; exit 2; }

if [ ! -f "$base" ]; then
    echo "image: creating the base from Debian packages, once"
    mirror=http://deb.debian.org
    mmdebstrap --quiet --format=tar --variant=apt --include="$(paste -sd, deploy/build-packages.txt)" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$base.new" \
        "deb $mirror/debian bookworm main" "deb $mirror/debian bookworm-updates main" "deb $mirror/debian-security bookworm-security main"
    mv "$base.new" "$base"
fi

work=$(mktemp -d)
b() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver "${STORAGE_DRIVER:-vfs}" "$@"; }
trap 'buildah --root "$work/storage" --runroot "$work/run" --storage-driver "${STORAGE_DRIVER:-vfs}" rm --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

mkdir "$work/context"
cp -r --parents Makefile LICENSE policy webhook cmd deploy/image-root.sh deploy/build-packages.txt "$work/context"
find "$work/context" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +

container=$(b from scratch)
b add --quiet "$container" "$base" / >/dev/null
b commit --quiet --timestamp 0 "$container" docker.io/library/debian:bookworm-slim >/dev/null
b rm "$container" >/dev/null
# With chroot isolation, the build needs no container runtime.
b bud --quiet --isolation chroot --pull-never --timestamp 0 --format oci --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    -f deploy/Dockerfile -t "$name:$version" "$work/context" >/dev/null

rm -rf "$out/layout" "$out/tagmoor.tar"
b push --quiet --disable-compression "$name:$version" "oci:$out/layout:$version"
manifest=$(jq -r '.manifests[0].digest' "$out/layout/index.json")
layer=$(jq -r '.layers[0].digest' "$out/layout/blobs/sha256/${manifest#sha256:}")
tar -xOf "$out/layout/blobs/sha256/${layer#sha256:}" usr/share/sbom/tagmoor.spdx.json >"$out/tagmoor.spdx.json"
tar -C "$out/layout" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$out/tagmoor.tar" .
echo "$manifest" >"$out/digest"
jq -r '.packages[] | select(.versionInfo) | "\(.name) \(.versionInfo)"' "$out/tagmoor.spdx.json" >"$out/packages.txt"
cmp -s "$out/packages.txt" deploy/image-packages.txt || {
    echo "image: the package versions differ from deploy/image-packages.txt, so the digest differs too:"
    diff deploy/image-packages.txt "$out/packages.txt" || true
}
echo "image: $name:$version, $(stat -c %s "$out/layout/blobs/sha256/${layer#sha256:}") bytes uncompressed"
echo "image: $name@$manifest"
echo "image: to import it on a node: ctr -n k8s.io images import --base-name $name $out/tagmoor.tar"
