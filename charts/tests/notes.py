# SPDX-License-Identifier: Apache-2.0
"""NOTES.txt of the chart, which `helm template` does not print."""
import shutil
import tempfile

from chart import BASE, CHART, merged, render

WRAPPED = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\ndata:\n  {{- toYaml (dict "notes" (tpl (.Files.Get "NOTES.txt") .)) | nindent 2 }}\n'


def notes(values=None):
    """NOTES.txt, which `helm template` does not print, as the content of a ConfigMap."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(CHART, f"{folder}/tagmoor")
        shutil.move(f"{folder}/tagmoor/templates/NOTES.txt", f"{folder}/tagmoor/NOTES.txt")
        with open(f"{folder}/tagmoor/templates/notes.yaml", "w", encoding="utf-8") as file:
            file.write(WRAPPED)
        return render(merged(BASE, values or {}), chart=f"{folder}/tagmoor")["ConfigMap", "notes"]["data"]["notes"]
