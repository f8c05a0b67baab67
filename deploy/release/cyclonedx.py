#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cyclonedx.py SPDX VERSION - prints the bill of materials of the image as CycloneDX 1.5, from its SPDX form."""
import json
import sys


def component(package):
    purl = next(ref["referenceLocator"] for ref in package["externalRefs"] if ref["referenceType"] == "purl")
    return {"type": "library", "bom-ref": purl, "name": package["name"], "version": package["versionInfo"], "purl": purl,
            "supplier": {"name": "Debian"}}


def main(path, version):
    with open(path, encoding="utf-8") as file:
        packages = json.load(file)["packages"]
    program = f"pkg:github/tagmoor/tagmoor@v{version}"
    libraries = sorted((component(package) for package in packages if package["name"] != "tagmoor"), key=lambda row: row["name"])
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": program, "name": "tagmoor", "version": version, "purl": program,
                                   "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": libraries,
        "dependencies": [{"ref": program, "dependsOn": [row["bom-ref"] for row in libraries]}],
    }, sys.stdout, indent=1)
    print()


main(*sys.argv[1:])
