{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
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
{{- $excluded := concat (list "kube-system" .Release.Namespace) .Values.webhook.excludeNamespaces | uniq -}}
{{- $common := list (dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" $excluded) -}}
{{- range $key, $value := .Values.webhook.namespaceSelector.matchLabels -}}
  {{- $common = append $common (dict "key" $key "operator" "In" "values" (list $value)) -}}
{{- end -}}
{{- $rest := list (concat $common (.Values.webhook.namespaceSelector.matchExpressions | default list)) -}}
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

{{/* The built-in controllers of Kubernetes, as in `tagmoor policy show`. */}}
{{- define "tagmoor.builtinControllers" -}}
- system:serviceaccount:kube-system:deployment-controller
- system:serviceaccount:kube-system:replicaset-controller
- system:serviceaccount:kube-system:statefulset-controller
- system:serviceaccount:kube-system:daemon-set-controller
- system:serviceaccount:kube-system:job-controller
- system:serviceaccount:kube-system:cronjob-controller
- system:serviceaccount:kube-system:replication-controller
- system:kube-controller-manager
{{- end -}}

{{/* CEL: whether the user matches controllers.users.  Globs become regular expressions. */}}
{{- define "tagmoor.isController" -}}
{{- $names := include "tagmoor.builtinControllers" . | fromYamlArray -}}
{{- $patterns := list -}}
{{- range $user := dig "controllers" "users" list .Values.policy -}}
  {{- if regexMatch "[*?]" $user -}}
    {{- $pattern := regexQuoteMeta $user | replace "\\*\\*" ".*" | replace "\\*" "[^/]*" | replace "\\?" "[^/]" -}}
    {{- $patterns = append $patterns (printf "(?s)^%s$" $pattern) -}}
  {{- else -}}
    {{- $names = append $names $user -}}
  {{- end -}}
{{- end -}}
request.userInfo.username in {{ $names | uniq | toJson }}
{{- range $patterns }} || request.userInfo.username.matches({{ . | toJson }}){{ end -}}
{{- end -}}

{{/*
CEL: whether the request is an update of a Deployment by Kubernetes itself. Only a rollback changes its spec: the
controller copies the template of an old ReplicaSet, which a user names in an annotation.
*/}}
{{- define "tagmoor.isRollback" -}}
request.operation == "UPDATE" && request.resource.group == "apps" && request.resource.resource == "deployments" && request.userInfo.username in ["system:serviceaccount:kube-system:deployment-controller","system:kube-controller-manager"]
{{- end -}}

{{/* CEL: whether the request is not a mirror Pod of a node. tagmoor would admit a mirror Pod, because it already runs. */}}
{{- define "tagmoor.isNoMirrorPod" -}}
!("system:nodes" in request.userInfo.?groups.orValue([])) || request.resource.resource != "pods" || !("kubernetes.io/config.mirror" in object.metadata.?annotations.orValue({}))
{{- end -}}

{{/* The annotations that injectors take images from, as `tagmoor policy show` lists them. */}}
{{- define "tagmoor.imageAnnotations" -}}
- sidecar.istio.io/proxyImage
- sidecar.istio.io/userVolume
- proxy.istio.io/overrides
- config.linkerd.io/proxy-image
- config.linkerd.io/proxy-version
- config.linkerd.io/init-image
- config.linkerd.io/init-image-version
- config.linkerd.io/debug-image
- config.linkerd.io/debug-image-version
- vault.hashicorp.com/agent-image
- vault.hashicorp.com/agent-json-patch
- vault.hashicorp.com/agent-init-json-patch
- openbao.openbao.org/agent-image
- openbao.openbao.org/agent-json-patch
- openbao.openbao.org/agent-init-json-patch
- secrets-webhook.security.bank-vaults.io/secret-init-image
- secrets-webhook.security.bank-vaults.io/vault-image
- secrets-webhook.security.bank-vaults.io/vault-ct-image
- secrets-webhook.security.bank-vaults.io/bao-image
- secrets-webhook.security.bank-vaults.io/bao-ct-image
- vault.security.banzaicloud.io/vault-image
- vault.security.banzaicloud.io/vault-env-image
- vault.security.banzaicloud.io/vault-ct-image
- consul.hashicorp.com/consul-sidecar-user-volume
- dapr.io/sidecar-image
- admission.datadoghq.com/apm-inject.custom-image
- admission.datadoghq.com/apm-inject.version
- admission.datadoghq.com/all-lib.version
- oneagent.dynatrace.com/image
- telegraf.influxdata.com/image
- conjur.org/container-image
- sidecar.skywalking.apache.org/initcontainer.Image
- operator.1password.io/version
{{- end -}}

{{/* The prefixes of annotations whose key contains the name of a container. */}}
{{- define "tagmoor.imageAnnotationPrefixes" -}}
- admission.datadoghq.com/
{{- end -}}

{{/*
CEL: whether the request may introduce an image. Images are in `spec`, in the `template` of a PodTemplate, in the `data`
of a ControllerRevision and in annotations of the object itself. If a custom resource has images in other fields, all its
updates are sent.
*/}}
{{- define "tagmoor.mayBringImage" -}}
{{- $outside := list -}}
{{- range $resource := .Values.policy.customResources -}}
  {{- range $path := concat ($resource.podSpecs | default list) ($resource.images | default list) -}}
    {{- if not (regexMatch "^spec([.\\[]|$)" $path) -}}{{- $outside = append $outside $resource.resource -}}{{- end -}}
  {{- end -}}
{{- end -}}
{{- $annotations := concat (include "tagmoor.imageAnnotations" . | fromYamlArray) (.Values.policy.imageAnnotations | default list) | uniq -}}
{{- $prefixes := include "tagmoor.imageAnnotationPrefixes" . | fromYamlArray -}}
request.operation != "UPDATE" || object.?spec != oldObject.?spec || object.?template != oldObject.?template || object.?data != oldObject.?data
{{- printf " || %s.exists(k, object.metadata.?annotations[?k].orValue(\"\") != oldObject.metadata.?annotations[?k].orValue(\"\"))" (toJson $annotations) -}}
{{- range $prefixes }}{{ printf " || object.metadata.?annotations.orValue({}).exists(k, k.startsWith(%s) && object.metadata.annotations[k] != oldObject.metadata.?annotations[?k].orValue(\"\"))" (toJson .) }}{{ end -}}
{{- with $outside | uniq }} || (request.resource.resource + "." + request.resource.group) in {{ toJson . }}{{ end -}}
{{- end -}}

{{/* The custom resources that tagmoor knows, as `tagmoor policy show` lists them. */}}
{{- define "tagmoor.knownResources" -}}
agent.k8s.elastic.co: [agents]
agents.x-k8s.io: [sandboxes]
apm.k8s.elastic.co: [apmservers]
apps.kruise.io: [clonesets, statefulsets, daemonsets, broadcastjobs, advancedcronjobs, sidecarsets, uniteddeployments]
apps.openshift.io: [deploymentconfigs]
argoproj.io: [rollouts, experiments, analysistemplates, clusteranalysistemplates, analysisruns, workflows, workflowtemplates, clusterworkflowtemplates, cronworkflows, sensors]
beat.k8s.elastic.co: [beats]
ceph.rook.io: [cephclusters, cephnfses, cephcosidrivers]
elasticsearch.k8s.elastic.co: [elasticsearches]
enterprisesearch.k8s.elastic.co: [enterprisesearches]
extensions.agents.x-k8s.io: [sandboxtemplates]
grafana.integreatly.org: [grafanas]
jobset.x-k8s.io: [jobsets]
kafka.strimzi.io: [kafkas, kafkanodepools, kafkaconnects, kafkabridges, kafkamirrormakers, kafkamirrormaker2s]
keda.sh: [scaledjobs]
kibana.k8s.elastic.co: [kibanas]
kubeflow.org: [pytorchjobs, tfjobs, mpijobs, xgboostjobs, paddlejobs, jaxjobs]
leaderworkerset.x-k8s.io: [leaderworkersets]
logstash.k8s.elastic.co: [logstashes]
maps.k8s.elastic.co: [elasticmapsservers]
monitoring.coreos.com: [prometheuses, prometheusagents, alertmanagers, thanosrulers]
opentelemetry.io: [opentelemetrycollectors, targetallocators, opampbridges, instrumentations]
operator.victoriametrics.com: [vmagents, vmalerts, vmalertmanagers, vmauths, vmsingles, vmclusters]
postgresql.cnpg.io: [clusters, imagecatalogs, clusterimagecatalogs, poolers]
ray.io: [rayclusters, rayjobs, rayservices, raycronjobs]
serving.knative.dev: [services, configurations, revisions]
sparkoperator.k8s.io: [sparkapplications, scheduledsparkapplications]
tekton.dev: [tasks, clustertasks, taskruns, pipelines, pipelineruns, stepactions]
trainer.kubeflow.org: [trainjobs, trainingruntimes, clustertrainingruntimes]
{{- end -}}

{{/*
The rules: the kinds that contain images, and the only subresource that can introduce one.  Objects without a
namespace (some custom resources) match every namespaceSelector, so only one entry includes them.
*/}}
{{- define "tagmoor.rules" -}}
- apiGroups: [""]
  apiVersions: [v1]
  resources: [pods, podtemplates, replicationcontrollers]
  operations: [CREATE, UPDATE]
  scope: {{ $.scope | quote }}
- apiGroups: [""]
  apiVersions: [v1]
  resources: [pods/ephemeralcontainers]
  operations: [UPDATE]
  scope: {{ $.scope | quote }}
- apiGroups: [apps]
  apiVersions: [v1]
  resources: [deployments, replicasets, statefulsets, daemonsets, controllerrevisions]
  operations: [CREATE, UPDATE]
  scope: {{ $.scope | quote }}
- apiGroups: [batch]
  apiVersions: [v1]
  resources: [jobs, cronjobs]
  operations: [CREATE, UPDATE]
  scope: {{ $.scope | quote }}
{{- $custom := dict -}}
{{- if .root.Values.webhook.customResources -}}
  {{- $custom = include "tagmoor.knownResources" .root | fromYaml -}}
{{- end -}}
{{- range .root.Values.policy.customResources -}}
  {{- $resource := regexReplaceAll "\\..*$" .resource "" -}}
  {{- $group := trimPrefix (printf "%s." $resource) .resource -}}
  {{- $_ := set $custom $group (append (index $custom $group | default list) $resource | uniq) -}}
{{- end -}}
{{- range $group := keys $custom | sortAlpha }}
- apiGroups: [{{ $group }}]
  apiVersions: ["*"]
  resources: {{ index $custom $group | sortAlpha | toJson }}
  operations: [CREATE, UPDATE]
  scope: {{ $.scope | quote }}
{{- end -}}
{{- end -}}
