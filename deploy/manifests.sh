#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# manifests.sh HELM TAGMOOR [--check] - exports what the chart needs of tagmoor, and renders the chart to plain manifests in deploy/; with
# --check, fails if one of the files is not up to date.
set -eu
helm=$(readlink -f "$1")
tagmoor=$(readlink -f "$2")
cd "$(dirname "$(readlink -f "$0")")/.."

# The lists and expressions of the webhook configuration.
facts() {
    cat <<'END'
# SPDX-License-Identifier: Apache-2.0
# Written by make manifests from `tagmoor policy export chart`; change policy/export and policy/object, not this file.
END
    "$tagmoor" policy export chart
}

# The denials of the default policy.  The time is fixed, because the default policy has no exemptions.
fallback() {
    echo '# SPDX-License-Identifier: Apache-2.0'
    "$tagmoor" policy export vap --action deny --now 2000-01-01
}

# Labels that claim that Helm manages the objects are removed.
everything() {
    rendered=$("$helm" template tagmoor charts/tagmoor --namespace tagmoor --values deploy/kubernetes/values.yaml --no-hooks --skip-tests)
    echo '# Rendered from charts/tagmoor by make manifests; change the chart or deploy/kubernetes/values.yaml, not this file.'
    echo "$rendered" | grep -vE '^ *(helm.sh/chart|app.kubernetes.io/managed-by): '
}

# The names and the address are those of a server outside the cluster, which has no namespace to exclude.
webhook_by_url() {
    cat <<'END'
# SPDX-License-Identifier: Apache-2.0
# Written by make manifests from `tagmoor policy export webhook`; change deploy/manifests.sh, not this file.
#
# tagmoor on the host of each API server (deploy/tagmoor.service), which calls it by URL, without a Service or Pods. API servers that
# read webhook configurations from files (Kubernetes 1.37) require names that end in .static.k8s.io. Such a configuration cannot be
# deleted through the API. The conditions are those of the default policy. For your own policy, export it with --policy, and the CA of
# the server with --ca-bundle.
END
    exported=$("$tagmoor" policy export webhook --static --url https://127.0.0.1:8443 --custom-resources own)
    echo "$exported" | sed -e '/^#/d' -e 's/^\( *\)url: .*/&\
\1caBundle: Q0EgYXMgUEVNLCBpbiBiYXNlNjQ=/'
}

out=.
if [ "${3:-}" = --check ]; then
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
    mkdir -p "$out/charts/tagmoor/files" "$out/deploy/kubernetes" "$out/deploy/examples"
fi
# The chart is rendered with its files of the last `make manifests`, so they come first.
facts >"$out/charts/tagmoor/files/webhook.yaml"
fallback >"$out/charts/tagmoor/files/fallback.yaml"
everything >"$out/deploy/kubernetes/tagmoor.yaml"
webhook_by_url >"$out/deploy/examples/webhook-by-url.yaml"
for file in charts/tagmoor/files/webhook.yaml charts/tagmoor/files/fallback.yaml deploy/kubernetes/tagmoor.yaml deploy/examples/webhook-by-url.yaml; do
    diff "$file" "$out/$file"
done
