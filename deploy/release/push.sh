#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# push.sh DIST REPOSITORY - copies the image and the chart of DIST to REPOSITORY and REPOSITORY/charts/tagmoor, by their version, and
# writes the references with digests to build/pushed.txt, for signatures.  GITHUB_ACTOR and TOKEN are the credentials, if set.
# SKOPEO_FLAGS, such as --dest-tls-verify=false, is for a registry without TLS.
set -euo pipefail
dist=$1 repository=${2,,}
version=$(sed -n 's/^VERSION := //p' Makefile)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -z "${TOKEN:-}" ] || skopeo login --username "$GITHUB_ACTOR" --password-stdin "${repository%%/*}" <<<"$TOKEN"

mkdir -p "$work/chart" build
gzip -d <"$dist/tagmoor-$version-image-amd64.tar.gz" >"$work/image.tar"
tar -C "$work/chart" -xf "$dist/tagmoor-chart-$version-oci.tar"
copy() { # SOURCE TARGET
    # shellcheck disable=SC2086 # one word a flag
    skopeo copy --quiet ${SKOPEO_FLAGS:-} --digestfile "$work/digest" "$1" "docker://$2:$version"
    echo "$2@$(cat "$work/digest")" >>build/pushed.txt
}
: >build/pushed.txt
copy "oci-archive:$work/image.tar:$version" "$repository"
copy "oci:$work/chart:$version" "$repository/charts/tagmoor"
cat build/pushed.txt
