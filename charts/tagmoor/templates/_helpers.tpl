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

{{- define "tagmoor.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "tagmoor.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
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

{{/* The security context of every Pod of the release, without privileges. */}}
{{- define "tagmoor.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tagmoor.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
