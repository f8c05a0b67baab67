{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{/*
The text of the fallback policy: an export of the policy in force, `tagmoor policy export vap`.  That of the default policy
is files/fallback.yaml, for mode `enforce`; the bindings give it the mode in force.  The first line of an own text has the
SHA-256 of the policy file, so that it cannot differ from the policy of the webhook.
*/}}
{{- define "tagmoor.fallbackText" -}}
{{- $digest := sha256sum .Values.policyText -}}
{{- if .Values.fallbackPolicy.text -}}
  {{- if not (regexMatch (printf "\\A# policy.yaml %s\\b" $digest) .Values.fallbackPolicy.text) -}}
    {{- fail (printf "fallbackPolicy.text is not an export of the policy in force (mode %s, SHA-256 %s): %s" .Values.mode $digest (include "tagmoor.fallbackCommand" .)) -}}
  {{- end -}}
  {{- .Values.fallbackPolicy.text -}}
{{- else if include "tagmoor.isDefaultPolicy" . -}}
  {{- .Files.Get "files/fallback.yaml" -}}
{{- else -}}
  {{- fail (printf "fallbackPolicy.enabled with an own policy requires its export in fallbackPolicy.text: %s" (include "tagmoor.fallbackCommand" .)) -}}
{{- end -}}
{{- end -}}

{{/* "true" if the policy is the default one, in any mode. */}}
{{- define "tagmoor.isDefaultPolicy" -}}
{{- $default := (.Files.Get "files/defaults.yaml" | fromYaml).policy -}}
{{- if eq (omit .Values.policy "mode" | toJson) (toJson $default) -}}true{{- end -}}
{{- end -}}

{{- define "tagmoor.fallbackCommand" -}}
add --set-file fallbackPolicy.text=fallback.yaml, which these commands write with the values of the release in values.yaml: helm template {{ .Release.Name }} CHART --namespace {{ .Release.Namespace }} --values values.yaml --set tls.helm.withoutCluster=true,fallbackPolicy=null --show-only templates/configmap.yaml | kubectl create --dry-run=client --output jsonpath='{.data.policy\.yaml}' --filename - >policy.yaml; { sha256sum policy.yaml | sed -E 's/(\S+) +(\S+)/# \2 \1/'; tagmoor policy export vap --action deny --policy policy.yaml; } >fallback.yaml
{{- end -}}

{{/* A ValidatingAdmissionPolicy or its binding, as it is installed: {"root", "object"}. */}}
{{- define "tagmoor.fallbackObject" -}}
{{- $root := .root -}}
{{- $object := .object -}}
{{- $isDefault := not $root.Values.fallbackPolicy.text -}}
{{- $name := $object.metadata.name -}}
{{- $renamed := printf "%s-" (include "tagmoor.fullname" $root) -}}
{{- $_ := set $object.metadata "name" (regexReplaceAll "^tagmoor-" $name $renamed) -}}
{{- $_ := set $object.metadata "labels" (include "tagmoor.labels" $root | fromYaml) -}}
{{- $spec := $object.spec -}}
{{- if eq $object.kind "ValidatingAdmissionPolicy" -}}
  {{- $constraints := $spec.matchConstraints -}}
  {{- $excluded := (first $constraints.namespaceSelector.matchExpressions).values -}}
  {{- $all := include "tagmoor.commonExpressions" (dict "root" $root "excluded" $excluded) | fromJsonArray -}}
  {{- $_ := set $constraints "namespaceSelector" (dict "matchExpressions" $all) -}}
  {{- /* The API server would add these defaults, which GitOps tools then show as differences. */ -}}
  {{- $_ := set $constraints "objectSelector" dict -}}
  {{- range $constraints.resourceRules -}}{{- $_ := set . "scope" "*" -}}{{- end -}}
  {{- if and $isDefault (ne $root.Values.mode "enforce") -}}{{- $_ := set $spec "failurePolicy" "Ignore" -}}{{- end -}}
{{- else if eq $object.kind "ValidatingAdmissionPolicyBinding" -}}
  {{- $_ := set $spec "policyName" (regexReplaceAll "^tagmoor-" $spec.policyName $renamed) -}}
  {{- if $isDefault -}}
    {{- $actions := dict "enforce" "Deny" "warn" "Warn" "audit" "Audit" -}}
    {{- $_ := set $spec "validationActions" (list (index $actions $root.Values.mode)) -}}
  {{- end -}}
{{- else -}}
  {{- fail (printf "fallbackPolicy.text: unexpected kind '%s': it must be the output of tagmoor policy export vap" (toString $object.kind)) -}}
{{- end -}}
{{- toYaml $object -}}
{{- end -}}
