#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deb.sh SOURCE OUT - builds the Debian package from SOURCE, an unpacked source archive, and puts it in OUT.
# One package installs on Debian 12 and 13: it is built on 12 and brings libh2o, which 13 lacks.  SOURCE_DATE_EPOCH is its time.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
source=$(readlink -f "$1") out=$(readlink -f "$2")
version=$(sed -n 's/^VERSION := //p' "$source/Makefile")
grep -q '^VERSION_ID="12"' /etc/os-release || { echo "deb: build on Debian 12: the package is to run on 12 and 13" >&2; exit 2; }

cp -r "$here/debian" "$source/debian"
cat >"$source/debian/changelog" <<END
tagmoor ($version-1) stable; urgency=medium

  * Release $version: see /usr/share/doc/tagmoor/changelog.gz.

 -- tagmoor maintainers <maintainers@tagmoor.dev>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
(cd "$source" && dpkg-buildpackage --no-sign -b >"$out/deb.log" 2>&1) || { tail -30 "$out/deb.log" >&2; exit 1; }
rm -f "$out/deb.log"
mv "$source"/../tagmoor_"$version"-1_*.deb "$out"
