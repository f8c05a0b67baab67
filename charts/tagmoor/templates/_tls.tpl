{{/*
The certificate of `tls.type: helm`, made once in a rendering and kept in .Values.generatedTLS.

What the cluster has is kept.  The leaf is made anew, under the same CA, where fewer than renewDays are left
or the Service's name is another; the CA where it would end before a new leaf, and then the API server is
given the old one beside the new, until the Pods have read their new certificate.
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
