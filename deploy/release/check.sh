#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check.sh DIST - installs each file of DIST, the folder that `make dist` fills, as its user would, and builds the release again
# to compare it byte by byte, unless MOOR_DIST_ONCE is set.  Run by `make dist-check`, as root, on the commit of DIST; a root of
# each Debian is made in a temporary folder.
# shellcheck disable=SC2317 # the functions are called through `try`
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
dist=$(readlink -f "$1")
version=$(sed -n 's/^VERSION := //p' Makefile)
commit=$(git rev-parse --short=12 HEAD)
helm=$PWD/build/charts/helm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
ok() { echo "ok - $*"; }
try() { # WHAT COMMAND...
    local what=$1
    shift
    # Not as a condition, in which a shell would ignore failures of all commands but the last.
    set +e
    (set -e; "$@") >"$work/log" 2>&1
    local status=$?
    set -e
    if [ "$status" = 0 ]; then ok "$what"; else
        echo "not ok - $what"
        sed 's/^/# /' "$work/log"
        failed=1
    fi
}

checksums() { cd "$dist" && sha256sum -c SHA256SUMS && [ "$(wc -l <SHA256SUMS)" = "$(($(find . -type f | wc -l) - 1))" ]; }

archive() { # ARCHITECTURE EMULATOR...
    local folder=tagmoor-$version-linux-$1
    shift
    tar -C "$work" -xzf "$dist/$folder.tar.gz"
    "$@" "$work/$folder/tagmoor" version | tee "$work/version"
    grep -x "tagmoor $version" "$work/version" && grep -x "commit: $commit" "$work/version"
    "$@" "$work/$folder/tagmoor" explain nginx:latest nginx:1.25 nginx:1.25.3 app:pr-12 >"$work/explain.new"
    [ ! -e "$work/explain" ] || cmp "$work/explain" "$work/explain.new"
    mv "$work/explain.new" "$work/explain"
    test -L "$work/$folder/kubectl-tagmoor" && test -s "$work/$folder/LICENSE" && mandoc -T lint -W error "$work/$folder/tagmoor.1"
}

# The package of an older version, for the upgrade.
older_package() {
    dpkg-deb -R "$dist/tagmoor_$version-1_amd64.deb" "$work/older"
    sed -i 's/^Version: .*/Version: 0.0.1-1/' "$work/older/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/older" "$work/older.deb"
}

# The steps of an administrator on a new machine: an old version, a changed policy, the new version, a server, removal.
# shellcheck disable=SC2016 # the shell in the root expands it
in_root='
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends ./older.deb curl >/dev/null
    echo "# changed" >>/etc/tagmoor/policy.yaml
    apt-get install -y -qq --no-install-recommends ./new.deb >/dev/null
    tail -n1 /etc/tagmoor/policy.yaml | grep -x "# changed"
    tagmoor version
    getent group tagmoor-tls
    tagmoor explain nginx:1.25 | grep "partial-version"
    tagmoor certs /etc/tagmoor/tls >/dev/null
    tagmoor serve --policy /etc/tagmoor/policy.yaml --tls-cert-file /etc/tagmoor/tls/tls.crt --listen 127.0.0.1:8443 --lame-duck 0s \
        --tls-private-key-file /etc/tagmoor/tls/tls.key --metrics-listen off 2>/tmp/log & server=$!
    for _ in $(seq 100); do
        curl -sf --cacert /etc/tagmoor/tls/ca.crt https://localhost:8443/readyz && break
        sleep 0.1
    done
    curl -sSf --cacert /etc/tagmoor/tls/ca.crt -H "Content-Type: application/json" --data-binary @/review.json https://localhost:8443/validate |
        grep "\"allowed\":"
    kill -TERM "$server"
    wait "$server"
    apt-get remove -y -qq tagmoor >/dev/null
    test ! -e /usr/bin/tagmoor
    test -e /etc/tagmoor/policy.yaml
    apt-get purge -y -qq tagmoor >/dev/null
    test ! -e /etc/tagmoor/policy.yaml
    ! dpkg-query -W tagmoor 2>/dev/null | grep .
'
package() { # SUITE
    local root=$work/$1 mirror
    mirror=$(awk '$1 == "URIs:" && $2 !~ /security/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
    mmdebstrap --quiet --variant=apt "$1" "$root" "${mirror:-http://deb.debian.org/debian}"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    cp "$work/older.deb" "$root/older.deb"
    cp "$dist/tagmoor_$version-1_amd64.deb" "$root/new.deb"
    cp tests/golden/review/recorded/pod-create.json "$root/review.json"
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --pid --fork --kill-child --propagation private bash -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin bash -euxc "$2"' in "$root" "$in_root"
    rm -rf --one-file-system "$root"
}

lint() { lintian --allow-root --fail-on error,warning "$dist/tagmoor_$version-1_amd64.deb"; }

chart() {
    "$helm" lint "$dist/tagmoor-chart-$version.tgz"
    "$helm" template tagmoor "$dist/tagmoor-chart-$version.tgz" -n tagmoor --set tls.helm.withoutCluster=true | grep "image: .*tagmoor:$version"
    mkdir "$work/layout"
    tar -C "$work/layout" -xf "$dist/tagmoor-chart-$version-oci.tar"
    (cd "$work/layout/blobs/sha256" && for blob in *; do echo "$blob  $blob"; done | sha256sum -c)
    layer=$(jq -r '.layers[0].digest' "$work/layout/blobs/sha256/$(jq -r '.manifests[0].digest | sub("sha256:"; "")' "$work/layout/index.json")")
    cmp "$work/layout/blobs/sha256/${layer#sha256:}" "$dist/tagmoor-chart-$version.tgz"
}

# The files that are published reach a registry, and helm installs from there.
published() {
    local registry=127.0.0.1:5999
    printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "%s"}\n' "$work/registry" "$registry" >"$work/registry.yaml"
    docker-registry serve "$work/registry.yaml" 2>"$work/registry.log" &
    trap 'kill %1' EXIT
    for _ in $(seq 50); do curl -sf "http://$registry/v2/" && break; sleep 0.1; done
    SKOPEO_FLAGS=--dest-tls-verify=false deploy/release/push.sh "$dist" "$registry/tagmoor"
    grep -x "$registry/tagmoor@$(cat build/image/digest)" build/pushed.txt
    "$helm" pull --plain-http "oci://$registry/tagmoor/charts/tagmoor" --version "$version" -d "$work"
    cmp "$work/tagmoor-$version.tgz" "$dist/tagmoor-chart-$version.tgz"
}

indexes() {
    build/release/validate-krew-manifest -manifest "$dist/tagmoor.yaml" -skip-install
    ruby -c "$dist/tagmoor.rb"
    [ "$(grep -c -f <(awk '/linux/ {print $1}' "$dist/SHA256SUMS") "$dist/tagmoor.rb" "$dist/tagmoor.yaml" | paste -sd' ')" = \
        "$dist/tagmoor.rb:2 $dist/tagmoor.yaml:2" ]
}

image() { gzip -d <"$dist/tagmoor-$version-image-amd64.tar.gz" | cmp - build/image/tagmoor.tar; }

source_archive() {
    mkdir "$work/source"
    tar -C "$work/source" --strip-components=1 -xzf "$dist/tagmoor-$version-source.tar.gz"
    make -C "$work/source" -j"$(nproc)" build/gcc/tagmoor
    make -C "$work/source" install-files DESTDIR="$work/installed" PREFIX=/usr
    "$work/installed/usr/bin/tagmoor" version
}

again() {
    git clone -q . "$work/again"
    mkdir -p "$work/again/build"
    ln -s "$PWD/build/arm64" "$PWD/build/charts" "$work/again/build/"
    BASE_TAR=$(ls "$PWD"/build/image/base-*.tar) "$work/again/deploy/release/dist.sh" "$work/dist"
    diff "$dist/SHA256SUMS" "$work/dist/SHA256SUMS"
}

try "checksums: complete and right" checksums
try "command line for amd64: runs, with man pages and licence" archive amd64
try "command line for arm64: same answers under an emulator" archive arm64 qemu-aarch64
try "Debian package: lintian finds nothing" lint
try "older package" older_package
for suite in bookworm trixie; do
    try "Debian package, $suite: install, upgrade, serve, remove, purge" package "$suite"
done
try "chart: lint and template; its OCI layout" chart
try "image: the one of build/image" image
try "image and chart: pushed to a registry, and pulled" published
try "krew and Homebrew: valid, with the checksums" indexes
try "source archive: builds and installs" source_archive
[ -n "${MOOR_DIST_ONCE:-}" ] || try "built again from another clone: the same bytes" again
exit "$failed"
