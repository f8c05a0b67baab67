{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{/*
Prepares the values, once for each rendering; every file includes this first.

A value that is missing or null gets its default.  The policy, which may be a mapping or the text of a file, becomes a
mapping in .Values.policy; .Values.policyText is the policy file, and .Values.mode the mode that applies.
*/}}
{{- define "tagmoor.prepare" -}}
{{- if not .Values.policyText -}}
  {{- $defaults := .Files.Get "files/defaults.yaml" | fromYaml -}}
  {{- include "tagmoor.fill" (dict "values" .Values "defaults" $defaults) -}}
  {{- if and .Values.policyFile (ne (toJson .Values.policy) (toJson $defaults.policy)) -}}
    {{- fail "policyFile and policy are both set, and only one applies: remove one of them (--set policy=null restores the default)" -}}
  {{- end -}}
  {{- include "tagmoor.readPolicy" . -}}
{{- end -}}
{{- end -}}

{{/* Adds the missing values of a section.  In a mapping with keys of the user's choice, a missing key stays missing. */}}
{{- define "tagmoor.fill" -}}
{{- $values := .values -}}
{{- range $key, $default := .defaults -}}
  {{- if kindIs "invalid" (index $values $key) -}}
    {{- $_ := set $values $key (deepCopy $default) -}}
  {{- else if and (kindIs "map" $default) (not (has $key (list "policy" "nodeSelector" "podSecurityContext" "containerSecurityContext" "requests" "limits" "labels"))) -}}
    {{- include "tagmoor.fill" (dict "values" (index $values $key) "defaults" $default) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "tagmoor.readPolicy" -}}
{{- $source := empty .Values.policyFile | ternary "policy" "policyFile" -}}
{{- $text := .Values.policyFile | default (kindIs "string" .Values.policy | ternary .Values.policy "") | toString | replace "\r\n" "\n" -}}
{{- $policy := .Values.policy -}}
{{- if $text -}}
  {{- $policy = fromYaml $text -}}
  {{- with $policy.Error -}}{{- fail (printf "%s: this is not valid YAML, or not a mapping: %s" $source .) -}}{{- end -}}
{{- end -}}
{{- $_ := include "tagmoor.checkPolicy" (dict "policy" $policy "source" $source) -}}
{{- $inside := $policy.mode | default "" | toString -}}
{{- if and $inside .Values.mode (ne $inside .Values.mode) -}}
  {{- fail (printf "%s contains 'mode: %s', but the value mode is '%s', which would apply: remove one of them, or make them equal" $source $inside .Values.mode) -}}
{{- end -}}
{{- $_ := set .Values "mode" (.Values.mode | default $inside | default "warn") -}}
{{- if not $text -}}
  {{- $text = printf "%s\n" (toYaml (merge (dict "mode" .Values.mode) $policy)) -}}
{{- else if not $inside -}}
  {{- $text = include "tagmoor.withMode" (dict "text" $text "mode" .Values.mode "source" $source) -}}
{{- end -}}
{{- /* A ConfigMap cannot keep several line breaks at the end: toYaml removes one. */ -}}
{{- $text = regexReplaceAll "\\n\\n+\\z" $text "\n" -}}
{{- $_ := set .Values "policy" $policy -}}
{{- $_ := set .Values "policyText" $text -}}
{{- end -}}

{{/* The text of a policy file without `mode`, with this key added: in the first line, or after the start of the document. */}}
{{- define "tagmoor.withMode" -}}
{{- $start := regexFind "\\A(\\s*(#.*)?\\n)*---([ \\t]+#.*)?[ \\t]*\\n" .text -}}
{{- $rest := trimPrefix $start .text -}}
{{- $first := regexFind "(?m)^[^#\\n]*[^#\\s].*$" $rest -}}
{{- if not (regexMatch "^[A-Za-z\"']" $first) -}}
  {{- fail (printf "%s: write each key on a line of its own without indentation, or add 'mode: %s'" .source .mode) -}}
{{- end -}}
{{- printf "%smode: %s\n%s" $start .mode $rest -}}
{{- end -}}

{{/*
Checks the parts of a policy that the templates read, and removes empty keys from them.  `tagmoor policy check` checks the
whole policy in a Job before install and upgrade.
*/}}
{{- define "tagmoor.checkPolicy" -}}
{{- $source := .source -}}
{{- include "tagmoor.withoutEmpty" .policy -}}
{{- if not .policy.environments -}}{{- fail (printf "%s: environments is missing: a policy needs at least one, with 'default: true'" $source) -}}{{- end -}}
{{- include "tagmoor.checkMappings" (dict "source" $source "key" "environments" "list" .policy.environments) -}}
{{- include "tagmoor.checkMode" (dict "source" $source "key" "mode" "mode" .policy.mode) -}}
{{- range $i, $environment := .policy.environments -}}
  {{- $at := printf "environments[%d]" $i -}}
  {{- include "tagmoor.checkMode" (dict "source" $source "key" (printf "%s.mode" $at) "mode" .mode) -}}
  {{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" (.name | toString)) -}}
    {{- fail (printf "%s: %s.name must be lowercase letters, digits and '-', because it is part of a URL" $source $at) -}}
  {{- end -}}
  {{- if and .namespaceLabels (not (kindIs "map" .namespaceLabels)) -}}{{- fail (printf "%s: %s.namespaceLabels must be a mapping" $source $at) -}}{{- end -}}
{{- end -}}
{{- with .policy.controllers -}}
  {{- if not (kindIs "map" .) -}}{{- fail (printf "%s: controllers must be a mapping" $source) -}}{{- end -}}
  {{- include "tagmoor.withoutEmpty" . -}}
  {{- include "tagmoor.checkTexts" (dict "source" $source "key" "controllers.users" "list" .users) -}}
{{- end -}}
{{- include "tagmoor.checkTexts" (dict "source" $source "key" "imageAnnotations" "list" .policy.imageAnnotations) -}}
{{- with .policy.customResources -}}
  {{- include "tagmoor.checkMappings" (dict "source" $source "key" "customResources" "list" .) -}}
  {{- range $i, $resource := . -}}
    {{- if not (regexMatch "^[^.]+\\..+$" (.resource | toString)) -}}
      {{- fail (printf "%s: customResources[%d].resource must be PLURAL.GROUP, such as widgets.example.com" $source $i) -}}
    {{- end -}}
    {{- range $key := list "podSpecs" "images" -}}
      {{- include "tagmoor.checkTexts" (dict "source" $source "key" (printf "customResources[%d].%s" $i $key) "list" (index $resource $key)) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "tagmoor.withoutEmpty" -}}
{{- $mapping := . -}}
{{- range $key := keys $mapping -}}
  {{- if kindIs "invalid" (index $mapping $key) -}}{{- $_ := unset $mapping $key -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Fails if the list is no list of mappings; removes empty keys from the mappings. */}}
{{- define "tagmoor.checkMappings" -}}
{{- $isGood := kindIs "slice" .list -}}
{{- if $isGood -}}
  {{- range .list -}}{{- if kindIs "map" . -}}{{- include "tagmoor.withoutEmpty" . -}}{{- else -}}{{- $isGood = false -}}{{- end -}}{{- end -}}
{{- end -}}
{{- if not $isGood -}}{{- fail (printf "%s: %s must be a list of mappings" .source .key) -}}{{- end -}}
{{- end -}}

{{- define "tagmoor.checkTexts" -}}
{{- $isGood := or (not .list) (kindIs "slice" .list) -}}
{{- if $isGood -}}
  {{- range .list -}}{{- if not (kindIs "string" .) -}}{{- $isGood = false -}}{{- end -}}{{- end -}}
{{- end -}}
{{- if not $isGood -}}{{- fail (printf "%s: %s must be a list of texts" .source .key) -}}{{- end -}}
{{- end -}}

{{- define "tagmoor.checkMode" -}}
{{- if not (has (.mode | default "warn" | toString) (list "audit" "warn" "enforce")) -}}
  {{- fail (printf "%s: %s '%s' is not audit, warn or enforce" .source .key (toString .mode)) -}}
{{- end -}}
{{- end -}}
