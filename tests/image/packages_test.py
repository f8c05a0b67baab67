#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The packages that the image is built with are those of the Makefile."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import check_equal, main, test  # noqa: E402


@test
def packages__to_build_with__those_of_the_makefile():
    with open("Makefile", encoding="utf-8") as file:
        wanted = next(line for line in file if line.startswith("BUILD_PACKAGES")).split(":=")[1].split()
    with open("deploy/build-packages.txt", encoding="utf-8") as file:
        check_equal(sorted(file.read().split()), sorted(wanted + ["make"]))


main()
