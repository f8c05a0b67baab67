{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{/* The name of the release's objects. */}}
{{- define "tagmoor.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of the chart is its alias if it is a dependency with an alias. */}}
{{- define "tagmoor.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of every object.  A selector must match, so nothing overrides its labels. */}}
{{- define "tagmoor.labels" -}}
{{- $selector := include "tagmoor.selectorLabels" . | fromYaml -}}
{{- $own := dict "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" .Chart.AppVersion "app.kubernetes.io/managed-by" .Release.Service -}}
{{- include "tagmoor.merged" (list $own .Values.commonLabels $selector) -}}
{{- end -}}

{{/* One mapping from several, of which the last takes precedence: a key that appears twice is invalid YAML. */}}
{{- define "tagmoor.merged" -}}
{{- $merged := dict -}}
{{- range . -}}
  {{- range $key, $value := . -}}{{- $_ := set $merged $key $value -}}{{- end -}}
{{- end -}}
{{- include "tagmoor.withoutEmpty" $merged -}}
{{- toYaml $merged -}}
{{- end -}}

{{- define "tagmoor.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The DNS name that the API server expects in the certificate. */}}
{{- define "tagmoor.host" -}}
{{ include "tagmoor.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{- define "tagmoor.tlsSecret" -}}
{{- if eq .Values.tls.type "existingSecret" -}}
{{ .Values.tls.existingSecret.name }}
{{- else -}}
{{ include "tagmoor.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{/* What all Pods of the release have in common: where they run, and without which privileges. */}}
{{- define "tagmoor.podSpec" -}}
{{- with .Values.imagePullSecrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- include "tagmoor.withoutEmpty" .Values.nodeSelector -}}
{{- with .Values.nodeSelector -}}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- with .Values.tolerations -}}
tolerations:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- include "tagmoor.withoutEmpty" .Values.podSecurityContext -}}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{- define "tagmoor.securityContext" -}}
{{- include "tagmoor.withoutEmpty" .Values.containerSecurityContext -}}
{{- toYaml .Values.containerSecurityContext -}}
{{- end -}}
