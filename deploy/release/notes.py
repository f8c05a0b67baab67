#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""notes.py VERSION - prints the section of .github/CHANGELOG.md for VERSION, as the notes of its release; fails if there is none."""
import re
import sys

with open(".github/CHANGELOG.md", encoding="utf-8") as changelog:
    sections = re.split(r"^## ", changelog.read(), flags=re.M)[1:]
for section in sections:
    title, _, text = section.partition("\n")
    if title.split()[0].strip("[]") == sys.argv[1] and text.strip():
        print(text.strip())
        sys.exit(0)
sys.exit(f"notes: .github/CHANGELOG.md has no section '## {sys.argv[1]}'")
