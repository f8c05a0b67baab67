{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{/* JSON: the requirements that every namespace meets.  Namespaces may be added by name: {"root", "excluded"}. */}}
{{- define "tagmoor.commonExpressions" -}}
{{- $root := .root | default . -}}
{{- $excluded := concat (list "kube-system" $root.Release.Namespace) $root.Values.webhook.excludeNamespaces (.excluded | default list) | uniq -}}
{{- $common := list (dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" $excluded) -}}
{{- range $key, $value := $root.Values.webhook.namespaceSelector.matchLabels -}}
  {{- $common = append $common (dict "key" $key "operator" "In" "values" (list $value)) -}}
{{- end -}}
{{- concat $common ($root.Values.webhook.namespaceSelector.matchExpressions | default list) | toJson -}}
{{- end -}}

{{/*
The entries of the webhook configuration, derived from the policy.

An entry selects the namespaces of one environment by label, or the remaining namespaces.  The selectors are
disjoint: each excludes the namespaces of earlier environments.  webhook.namespaceSelector is part of every
selector.  The requirements of a selector are joined by
`and`, so an environment with several labels splits the remaining namespaces: not (a and b) is (not a) or
(a and not b).

Returns JSON: {"entries": [{"name", "path", "mode", "selector", "scope"}]}; a `name` that is not empty ends in a dot.
*/}}
{{- define "tagmoor.entries" -}}
{{- $rest := list (include "tagmoor.commonExpressions" . | fromJsonArray) -}}
{{- $entries := list -}}
{{- $restMode := "warn" -}}
{{- range $environment := .Values.policy.environments -}}
  {{- $mode := $environment.mode | default $.Values.mode -}}
  {{- if eq $mode "enforce" -}}{{- $restMode = "enforce" -}}{{- end -}}
  {{- if $environment.namespaceLabels -}}
    {{- $left := list -}}
    {{- range $i, $selector := $rest -}}
      {{- $all := $selector -}}
      {{- range $key := keys $environment.namespaceLabels | sortAlpha -}}
        {{- $value := index $environment.namespaceLabels $key -}}
        {{- $values := kindIs "slice" $value | ternary $value (list $value) -}}
        {{- $left = append $left (append $all (dict "key" $key "operator" "NotIn" "values" $values)) -}}
        {{- $all = append $all (dict "key" $key "operator" "In" "values" $values) -}}
      {{- end -}}
      {{- $name := printf "%s%s." (gt $i 0 | ternary (printf "%d." (add1 $i)) "") $environment.name -}}
      {{- $entries = append $entries (dict "name" $name "path" (printf "/validate/%s" $environment.name) "mode" $mode "selector" $all "scope" "Namespaced") -}}
    {{- end -}}
    {{- $rest = $left -}}
  {{- end -}}
{{- end -}}
{{- range $i, $selector := $rest -}}
  {{- $name := gt $i 0 | ternary (printf "%d." (add1 $i)) "" -}}
  {{- $entries = append $entries (dict "name" $name "path" "/validate" "mode" $restMode "selector" $selector "scope" (gt $i 0 | ternary "Namespaced" "*")) -}}
{{- end -}}
{{- dict "entries" $entries | toJson -}}
{{- end -}}

{{/* "true" if the requirement for controllers is higher than a valid reference: then every request must be evaluated. */}}
{{- define "tagmoor.controllersEnforced" -}}
{{- $enforce := dig "controllers" "enforce" "any" .Values.policy -}}
{{- if not (has $enforce (list "ignore" "any")) -}}true{{- end -}}
{{- end -}}

{{/*
The lists and expressions of tagmoor: files/webhook.yaml, which `make manifests` writes.  `%s` in an expression stands
for a list or text in the form of JSON.  `tagmoor policy export webhook` joins them in the same way.
*/}}
{{- define "tagmoor.facts" -}}
{{- .Files.Get "files/webhook.yaml" -}}
{{- end -}}

{{/* CEL: whether it is a controller request.  Globs in controllers.users become regular expressions. */}}
{{- define "tagmoor.isController" -}}
{{- $facts := include "tagmoor.facts" . | fromYaml -}}
{{- $names := $facts.controllers -}}
{{- $patterns := list -}}
{{- range $user := dig "controllers" "users" list .Values.policy -}}
  {{- if regexMatch "[*?]" $user -}}
    {{- $pattern := regexQuoteMeta $user | replace "\\*\\*" ".*" | replace "\\*" "[^/]*" | replace "\\?" "[^/]" -}}
    {{- $patterns = append $patterns (printf "(?s)^%s$" $pattern) -}}
  {{- else -}}
    {{- $names = append $names $user -}}
  {{- end -}}
{{- end -}}
({{ printf $facts.expressions.isUserIn ($names | uniq | toJson) }}
{{- range $patterns }} || {{ printf $facts.expressions.userMatches (toJson .) }}{{ end -}}
) && !({{ $facts.expressions.isRollback }})
{{- end -}}

{{/*
CEL: whether the request may introduce an image. If a custom resource has images outside of `spec`, all its updates are
sent.
*/}}
{{- define "tagmoor.mayBringImage" -}}
{{- $facts := include "tagmoor.facts" . | fromYaml -}}
{{- $outside := list -}}
{{- range $resource := .Values.policy.customResources -}}
  {{- range $path := concat ($resource.podSpecs | default list) ($resource.images | default list) -}}
    {{- if not (regexMatch "^spec([.\\[]|$)" $path) -}}{{- $outside = append $outside $resource.resource -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- $annotations := concat $facts.annotations (.Values.policy.imageAnnotations | default list) | uniq -}}
{{- $facts.expressions.mayBringImage -}}
{{- printf " || " }}{{ printf $facts.expressions.annotationChanged (toJson $annotations) -}}
{{- range $facts.annotationPrefixes }} || {{ printf $facts.expressions.annotationWithPrefixChanged (toJson .) }}{{ end -}}
{{- with $outside | uniq }} || {{ printf $facts.expressions.hasImagesOutsideSpec (toJson .) }}{{ end -}}
{{- end -}}

{{/*
The rules: the kinds that contain images, and the only subresource that can introduce one.  Objects without a
namespace (some custom resources) match every namespaceSelector, so only one entry includes them.
*/}}
{{- define "tagmoor.rules" -}}
{{- $facts := include "tagmoor.facts" .root | fromYaml -}}
{{- range $facts.rules }}
- apiGroups: {{ toJson .apiGroups }}
  apiVersions: {{ toJson .apiVersions }}
  resources: {{ toJson .resources }}
  operations: {{ toJson .operations }}
  scope: {{ $.scope | quote }}
{{- end -}}
{{- $custom := .root.Values.webhook.customResources | ternary $facts.customResources dict -}}
{{- range .root.Values.policy.customResources -}}
  {{- $resource := regexReplaceAll "\\..*$" .resource "" -}}
  {{- $group := trimPrefix (printf "%s." $resource) .resource -}}
  {{- $_ := set $custom $group (append (index $custom $group | default list) $resource | uniq) -}}
{{- end -}}
{{- range $group := keys $custom | sortAlpha }}
- apiGroups: {{ list $group | toJson }}
  apiVersions: ["*"]
  resources: {{ index $custom $group | sortAlpha | toJson }}
  operations: ["CREATE","UPDATE"]
  scope: {{ $.scope | quote }}
{{- end -}}
{{- end -}}
