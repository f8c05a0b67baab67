#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# image-root.sh BINARY ROOT - creates ROOT, the file system of the image: BINARY, the libraries that it links, and their licences.
# For scanners, it also has /var/lib/dpkg/status.d and an SPDX bill of materials in /usr/share/sbom.
set -eu
binary=$1 root=$2
mkdir -p "$root/usr/bin" "$root/usr/lib64" "$root/etc" "$root/var/lib/dpkg/status.d" "$root/usr/share/sbom"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
strip -o "$root/usr/bin/tagmoor" "$binary"
printf 'nonroot:x:65532:65532::/nonexistent:/nonexistent\n' >"$root/etc/passwd"
printf 'nonroot:x:65532:\n' >"$root/etc/group"
cp /etc/os-release "$root/etc/os-release"

# ldd prints `name => /path (address)` for a library, and only the path for the loader.
libraries=$(ldd "$binary" | awk '$2 == "=>" {print $3} $1 ~ "^/" {print $1}' | sort -u)
packages=
for library in $libraries; do
    case $library in
    /lib64/*) target=/usr$library ;;
    *) target=/usr${library#/usr} ;;
    esac
    mkdir -p "$root$(dirname "$target")"
    cp -L "$library" "$root$target"
    chmod 755 "$root$target"
    # dpkg knows a file either under /lib or under /usr/lib, depending on the package.
    real=$(readlink -f "$library")
    owner=$(dpkg-query -S "$real" 2>/dev/null || dpkg-query -S "${real#/usr}" 2>/dev/null || dpkg-query -S "$library")
    packages="$packages ${owner%%:*}"
done
# shellcheck disable=SC2086 # split into one word for each package
packages=$(printf '%s\n' $packages base-files | sort -u)

sbom=$root/usr/share/sbom/tagmoor.spdx.json
for package in $packages; do
    dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
    # The image contains only /etc/os-release of base-files, for scanners.
    if [ "$package" != base-files ]; then
        mkdir -p "$root/usr/share/doc/$package"
        cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
    fi
done
# shellcheck disable=SC2086 # split into one word for each package
dpkg-query -W -f '${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' $packages | sort | awk '
    function quoted(text) { gsub(/[^A-Za-z0-9.+~:_-]/, "", text); return text }
    function percent(text) { gsub(/\+/, "%2B", text); gsub(/:/, "%3A", text); return text }
    BEGIN {
        print "{\n \"spdxVersion\": \"SPDX-2.3\", \"dataLicense\": \"CC0-1.0\", \"SPDXID\": \"SPDXRef-DOCUMENT\", \"name\": \"tagmoor\","
        print " \"documentNamespace\": \"https://tagmoor.dev/spdx/tagmoor\","
        print " \"creationInfo\": {\"created\": \"1970-01-01T00:00:00Z\", \"creators\": [\"Tool: tagmoor-image-root\"]},"
        print " \"packages\": ["
        print "  {\"SPDXID\": \"SPDXRef-tagmoor\", \"name\": \"tagmoor\", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, \"licenseDeclared\": \"Apache-2.0\"}"
        relations = "  {\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-tagmoor\"}"
    }
    {
        id = $1; gsub(/[^A-Za-z0-9.-]/, "-", id)
        printf "  ,{\"SPDXID\": \"SPDXRef-%s\", \"name\": \"%s\", \"versionInfo\": \"%s\", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false, \"supplier\": \"Organization: Debian\", \"sourceInfo\": \"built from %s %s\", \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"pkg:deb/debian/%s@%s?arch=%s&distro=debian-12\"}]}\n", id, quoted($1), quoted($2), quoted($4), quoted($5), percent($1), percent($2), $3
        relations = relations sprintf(",\n  {\"spdxElementId\": \"SPDXRef-tagmoor\", \"relationshipType\": \"DEPENDS_ON\", \"relatedSpdxElement\": \"SPDXRef-%s\"}", id)
    }
    END { print " ],\n \"relationships\": [\n" relations "\n ]\n}" }' >"$sbom"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f ! -path '*/bin/*' ! -name '*.so*' -exec chmod 644 {} +
