#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# manifests.sh HELM [OUT] - renders the chart to plain manifests in OUT (default: deploy/kubernetes/tagmoor.yaml).
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
{
    echo '# Rendered from charts/tagmoor by make manifests; change the chart or deploy/kubernetes/values.yaml, not this file.'
    # Labels that claim that Helm manages the objects are removed.
    "$1" template tagmoor charts/tagmoor --namespace tagmoor --values deploy/kubernetes/values.yaml --no-hooks --skip-tests |
        grep -vE '^ *(helm.sh/chart|app.kubernetes.io/managed-by): '
} >"${2:-deploy/kubernetes/tagmoor.yaml}"
