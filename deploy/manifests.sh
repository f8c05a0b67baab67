#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# manifests.sh HELM [--check] - renders the chart to plain manifests in deploy/; with --check, fails if they are not up to date.
set -eu
helm=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/.."

render() {
    "$helm" template tagmoor charts/tagmoor --namespace tagmoor --values deploy/kubernetes/values.yaml --no-hooks --skip-tests "$@"
}

# Labels that claim that Helm manages the objects are removed.
everything() {
    rendered=$(render)
    echo '# Rendered from charts/tagmoor by make manifests; change the chart or deploy/kubernetes/values.yaml, not this file.'
    echo "$rendered" | grep -vE '^ *(helm.sh/chart|app.kubernetes.io/managed-by): '
}

# The names and the address are those of a server outside the cluster, which has no namespace to exclude.
webhook_by_url() {
    rendered=$(render --set mode=enforce,webhook.customResources=false --show-only templates/validatingwebhookconfiguration.yaml)
    cat <<'END'
# SPDX-License-Identifier: Apache-2.0
# Rendered from charts/tagmoor by make manifests; change the chart or deploy/manifests.sh, not this file.
#
# tagmoor on the host of each API server (deploy/tagmoor.service), which calls it by URL, without a Service or Pods. API servers that
# read webhook configurations from files (Kubernetes 1.37) require names that end in .static.k8s.io. Such a configuration cannot be
# deleted through the API. The conditions are those of the default policy. For your own policy, render the chart with it and copy them.
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: tagmoor.static.k8s.io
END
    echo "$rendered" | sed -E -e '1,/^webhooks:/{/^webhooks:/!d}' -e 's/^(- name: .*tagmoor)\.dev$/\1.static.k8s.io/' \
        -e 's/(values: \["kube-system"),"tagmoor"\]/\1]/' -e '/^    service:/,/^      port:/c\
    url: https://127.0.0.1:8443/validate\
    caBundle: Q0EgYXMgUEVNLCBpbiBiYXNlNjQ='
}

out=deploy
if [ "${2:-}" = --check ]; then
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
    mkdir "$out/kubernetes" "$out/examples"
fi
everything >"$out/kubernetes/tagmoor.yaml"
webhook_by_url >"$out/examples/webhook-by-url.yaml"
for file in kubernetes/tagmoor.yaml examples/webhook-by-url.yaml; do
    diff "deploy/$file" "$out/$file"
done
