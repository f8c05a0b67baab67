{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{/*
The certificate of `tls.type: helm`, generated once per rendering and kept in .Values.generatedTLS.

The certificate and the CA of the cluster are kept if possible.  A new certificate is signed by the same CA if
fewer than renewDays are left, or if the name of the Service has changed.  A new CA is generated if the present
one would expire before a new certificate.  The API server then trusts both CAs until the Pods have reloaded
their certificate.
*/}}
{{- define "tagmoor.generateTLS" -}}
{{- if not (hasKey .Values "generatedTLS") -}}
{{- $helm := .Values.tls.helm -}}
{{- $name := include "tagmoor.fullname" . -}}
{{- $host := include "tagmoor.host" . -}}
{{- $names := list $host (printf "%s.%s" $name .Release.Namespace) $name -}}
{{- $now := now | unixEpoch | int64 -}}
{{- $day := 86400 -}}
{{- $authority := lookup "v1" "Secret" .Release.Namespace (printf "%s-ca" $name) | default dict -}}
{{- $serving := lookup "v1" "Secret" .Release.Namespace (printf "%s-tls" $name) | default dict -}}
{{- $tls := dict -}}
{{- $authorityEnds := dig "metadata" "annotations" "tagmoor.dev/not-after" "0" $authority | int64 -}}
{{- $servingEnds := dig "metadata" "annotations" "tagmoor.dev/not-after" "0" $serving | int64 -}}
{{- $isKept := gt $authorityEnds (add $now (mul $day (int64 $helm.days))) -}}
{{- $ca := dict -}}
{{- if $isKept -}}
  {{- $ca = buildCustomCert (index $authority.data "tls.crt") (index $authority.data "tls.key") -}}
{{- else -}}
  {{- $ca = genCAWithKey (printf "%s CA" $host) (int $helm.caDays) (genPrivateKey "ecdsa") -}}
  {{- $authorityEnds = add $now (mul $day (int64 $helm.caDays)) -}}
{{- end -}}
{{- $trusted := $ca.Cert -}}
{{- if and (not $isKept) $authority.data -}}
  {{- $trusted = printf "%s%s" $ca.Cert (index $authority.data "tls.crt" | b64dec) -}}
{{- end -}}
{{- $isGood := and $isKept (gt $servingEnds (add $now (mul $day (int64 $helm.renewDays)))) (eq $host (dig "metadata" "annotations" "tagmoor.dev/host" "" $serving)) -}}
{{- if $isGood -}}
  {{- $tls = dict "cert" (index $serving.data "tls.crt" | b64dec) "key" (index $serving.data "tls.key" | b64dec) -}}
{{- else -}}
  {{- $leaf := genSignedCertWithKey $host (list) $names (int $helm.days) $ca (genPrivateKey "ecdsa") -}}
  {{- $tls = dict "cert" $leaf.Cert "key" $leaf.Key -}}
  {{- $servingEnds = add $now (mul $day (int64 $helm.days)) -}}
{{- end -}}
{{- $_ := set $tls "ends" (printf "%d" (int64 $servingEnds)) -}}
{{- $_ := set $tls "ca" (dict "cert" $ca.Cert "key" $ca.Key "ends" (printf "%d" (int64 $authorityEnds)) "trusted" $trusted) -}}
{{- $_ := set .Values "generatedTLS" $tls -}}
{{- end -}}
{{- end -}}

{{/* "true" if an annotation of the webhook configuration lets cert-manager or OpenShift inject the CA. */}}
{{- define "tagmoor.isInjected" -}}
{{- $annotations := .Values.webhook.annotations -}}
{{- $isInjected := or (eq (get $annotations "cert-manager.io/inject-apiserver-ca") "true") (eq (get $annotations "service.beta.openshift.io/inject-cabundle") "true") -}}
{{- range $key := list "cert-manager.io/inject-ca-from" "cert-manager.io/inject-ca-from-secret" -}}
  {{- if get $annotations $key -}}{{- $isInjected = true -}}{{- end -}}
{{- end -}}
{{- $isInjected -}}
{{- end -}}

{{/* A duration of at least an hour as Go prints it, and therefore as the API server stores it: 90m is 1h30m0s. */}}
{{- define "tagmoor.duration" -}}
{{- $seconds := 0 -}}
{{- $units := dict "h" 3600 "m" 60 "s" 1 -}}
{{- range regexFindAll "[0-9]+[hms]" . -1 -}}
  {{- $unit := trunc -1 . -}}
  {{- $seconds = add $seconds (mul (trimSuffix $unit . | int64) (index $units $unit)) -}}
{{- end -}}
{{- printf "%dh%dm%ds" (div $seconds 3600) (mod (div $seconds 60) 60) (mod $seconds 60) -}}
{{- end -}}
