// SPDX-License-Identifier: Apache-2.0

// cover MANIFESTS... - verifies that each admission request matches exactly one entry of a rendered webhook configuration, or
// none if it need not be evaluated.
//
// The requests are all combinations of namespaces, labels, users, operations, kinds and changes of an update, derived from the
// policy in the same manifests. The code of the API server (rules, namespaceSelector, CEL and its cost limits) decides whether
// an entry matches. This program derives the expected entry from the policy alone.
package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/namespace"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// policy is the part of the policy file that determines the entries.
type policy struct {
	Mode         string `json:"mode"`
	Environments []struct {
		Name            string              `json:"name"`
		Mode            string              `json:"mode"`
		NamespaceLabels map[string][]string `json:"namespaceLabels"`
	} `json:"environments"`
	Controllers struct {
		Users   []string `json:"users"`
		Enforce string   `json:"enforce"`
	} `json:"controllers"`
	CustomResources []struct {
		Resource string   `json:"resource"`
		PodSpecs []string `json:"podSpecs"`
		Images   []string `json:"images"`
	} `json:"customResources"`
	ImageAnnotations []string `json:"imageAnnotations"`
}

// release is a rendered release.
type release struct {
	configuration admissionv1.ValidatingWebhookConfiguration
	policy        policy
	namespace     string
	deployment    string
}

// namespaces is a lister that creates each namespace when it is requested.
type namespaces map[string]map[string]string

func (n namespaces) List(labels.Selector) ([]*corev1.Namespace, error) { return nil, nil }
func (n namespaces) Get(name string) (*corev1.Namespace, error) {
	found, ok := n[name]
	if !ok {
		return nil, errors.NewNotFound(corev1.Resource("namespaces"), name)
	}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: found}}, nil
}

// request is one admission request.
type request struct {
	namespace   string
	labels      map[string]string
	user        string
	operation   admission.Operation
	resource    schema.GroupVersionResource
	subresource string
	variant
}

// variant is the difference between requests for the same object.
type variant struct {
	isNode    bool   // the user is in the group of the nodes
	isMirror  bool   // the object has the annotation of a mirror Pod
	isDeleted bool   // it is being deleted
	change    string // of an update: "none", "metadata", "images", or the key of an annotation
}

func (r request) String() string {
	return fmt.Sprintf("%s %s/%s in '%s' %v by '%s' %+v", r.operation, r.resource, r.subresource,
		r.namespace, r.labels, r.user, r.variant)
}

var (
	builtinUsers = strings.Fields(`system:serviceaccount:kube-system:deployment-controller
		system:serviceaccount:kube-system:replicaset-controller system:serviceaccount:kube-system:statefulset-controller
		system:serviceaccount:kube-system:daemon-set-controller system:serviceaccount:kube-system:job-controller
		system:serviceaccount:kube-system:cronjob-controller system:serviceaccount:kube-system:replication-controller
		system:kube-controller-manager`)
	people = []string{"alice", "system:serviceaccount:kube-system:deployment-controller2", "system:serviceaccount:ci:deployer",
		"xsystem:kube-controller-manager", "system:serviceaccount:cnpg-system", "system:serviceaccount:cnpg-system-evil:x", "a\nb", `a"b\c`}
	judged    = readKinds("policy/object/kinds.c")
	notJudged = []schema.GroupVersionResource{{Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "services"},
		{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}, {Group: "example.org", Version: "v1", Resource: "pods"}}
)

// readKinds gives the resources of each group in the program's table of kinds.
func readKinds(path string) map[string][]string {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	found := map[string][]string{}
	for _, row := range regexp.MustCompile(`KIND\("(\w*)", "(\w+)", "`).FindAllStringSubmatch(string(text), -1) {
		found[row[1]] = append(found[row[1]], row[2])
	}
	return found
}

// globMatch matches a user name with a glob of the policy: * within a segment, ** across segments, and ?.
func globMatch(glob, text string) bool {
	switch {
	case glob == "":
		return text == ""
	case strings.HasPrefix(glob, "**"):
		return globMatch(glob[2:], text) || (text != "" && globMatch(glob, text[1:]))
	case glob[0] == '*':
		return globMatch(glob[1:], text) || (text != "" && text[0] != '/' && globMatch(glob, text[1:]))
	case text == "":
		return false
	case glob[0] == '?':
		return text[0] != '/' && globMatch(glob[1:], text[1:])
	}
	return glob[0] == text[0] && globMatch(glob[1:], text[1:])
}

func (p *policy) isController(name string) bool {
	for _, glob := range append(append([]string{}, builtinUsers...), p.Controllers.Users...) {
		if globMatch(glob, name) {
			return true
		}
	}
	return false
}

// isOutsideSpec reports whether the custom resource may contain images outside `spec`.
func (p *policy) isOutsideSpec(resource schema.GroupVersionResource) bool {
	for _, custom := range p.CustomResources {
		if custom.Resource != resource.Resource+"."+resource.Group {
			continue
		}
		for _, path := range append(append([]string{}, custom.PodSpecs...), custom.Images...) {
			if path != "spec" && !strings.HasPrefix(path, "spec.") && !strings.HasPrefix(path, "spec[") {
				return true
			}
		}
	}
	return false
}

// expected is the path and failure policy of the entry that should match; "" for none.
func (r *release) expected(q request, isJudged bool) (string, admissionv1.FailurePolicyType) {
	isExcluded := q.namespace == "kube-system" || q.namespace == r.namespace
	isMirrorPod := q.isNode && q.isMirror && q.resource.Group == "" && q.resource.Resource == "pods"
	if !isJudged || isExcluded || isMirrorPod || (q.operation != admission.Create && q.operation != admission.Update) {
		return "", ""
	}
	if q.subresource != "" && q.operation != admission.Update {
		return "", ""
	}
	isKept := (q.change == "none" || q.change == "metadata") && !r.policy.isOutsideSpec(q.resource)
	if q.operation == admission.Update && isKept {
		return "", ""
	}
	path, mode := "/validate", "warn"
	for _, environment := range r.policy.Environments {
		if environment.Mode == "enforce" || (environment.Mode == "" && r.policy.Mode == "enforce") {
			mode = "enforce"
		}
	}
	for _, environment := range r.policy.Environments {
		if q.namespace != "" && environment.NamespaceLabels != nil && matches(environment.NamespaceLabels, q.labels) {
			path, mode = "/validate/"+environment.Name, environment.Mode
			if mode == "" {
				mode = r.policy.Mode
			}
			break
		}
	}
	isOpen := mode != "enforce"
	// Kubernetes itself changes the template of a Deployment only in a rollback.
	isRollback := q.operation == admission.Update && q.resource.Group == "apps" && q.resource.Resource == "deployments" &&
		(q.user == builtinUsers[0] || q.user == "system:kube-controller-manager")
	if !isRollback && r.policy.isController(q.user) && (r.policy.Controllers.Enforce == "" || r.policy.Controllers.Enforce == "any" || r.policy.Controllers.Enforce == "ignore") {
		isOpen = true
	}
	if isOpen {
		return path, admissionv1.Ignore
	}
	return path, admissionv1.Fail
}

func matches(wanted map[string][]string, has map[string]string) bool {
	for key, values := range wanted {
		found := false
		for _, value := range values {
			if got, ok := has[key]; ok && got == value {
				found = true
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func object(q request, changed bool, deleted bool, weight int) *unstructured.Unstructured {
	metadata := map[string]interface{}{"name": "x", "labels": map[string]interface{}{}}
	if q.namespace != "" {
		metadata["namespace"] = q.namespace
	}
	if deleted {
		metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
	}
	annotations := map[string]interface{}{"example.com/other": "x"}
	if q.isMirror {
		annotations["kubernetes.io/config.mirror"] = "x"
	}
	image := "nginx:1.27.3"
	switch {
	case !changed || q.change == "none":
	case q.change == "metadata":
		metadata["labels"] = map[string]interface{}{"changed": "yes"}
		annotations["example.com/other"] = "y"
	case q.change == "images":
		image = "nginx:latest"
	default:
		annotations[q.change] = "nginx:latest"
	}
	metadata["annotations"] = annotations
	containers := []interface{}{}
	for i := 0; i <= weight; i++ {
		containers = append(containers, map[string]interface{}{"name": fmt.Sprintf("c%d", i), "image": image,
			"env": []interface{}{map[string]interface{}{"name": "TEXT", "value": strings.Repeat("x", 100)}}})
	}
	content := map[string]interface{}{"apiVersion": "v1", "kind": "Thing", "metadata": metadata}
	key, ok := map[string]string{"podtemplates": "template", "controllerrevisions": "data"}[q.resource.Resource]
	if !ok {
		key = "spec"
	}
	content[key] = map[string]interface{}{"containers": containers}
	return &unstructured.Unstructured{Object: content}
}

// asker determines with the code of the API server which entries a request matches.
type asker struct {
	hooks    []webhook.WebhookAccessor
	compiler cel.ConditionCompiler
}

func newAsker(r *release) *asker {
	a := &asker{compiler: cel.NewConditionCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))}
	for i := range r.configuration.Webhooks {
		hook := &r.configuration.Webhooks[i]
		a.hooks = append(a.hooks, webhook.NewValidatingWebhookAccessor(hook.Name, r.configuration.Name, hook))
	}
	return a
}

func (a *asker) ask(q request, weight int) ([]webhook.WebhookAccessor, error) {
	kind := schema.GroupVersionKind{Group: q.resource.Group, Version: q.resource.Version, Kind: "Thing"}
	groups := []string{"system:authenticated"}
	if q.isNode {
		groups = append(groups, "system:nodes")
	}
	var old *unstructured.Unstructured
	attributes := admission.NewAttributesRecord(object(q, true, q.isDeleted, weight), nil, kind, q.namespace, "x", q.resource, q.subresource,
		q.operation, nil, false, &user.DefaultInfo{Name: q.user, Groups: groups})
	if q.operation == admission.Update {
		old = object(q, false, q.isDeleted, weight)
		attributes = admission.NewAttributesRecord(object(q, true, q.isDeleted, weight), old, kind, q.namespace, "x", q.resource, q.subresource,
			q.operation, nil, false, &user.DefaultInfo{Name: q.user, Groups: groups})
	}
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind, VersionedObject: admission.NewLazyObject(attributes.GetObject())}
	if old != nil {
		versioned.VersionedOldObject = admission.NewLazyObject(old)
	}
	selectors := namespace.Matcher{NamespaceLister: namespaces{q.namespace: q.labels}}
	var asked []webhook.WebhookAccessor
	for _, hook := range a.hooks {
		isMet, status := selectors.MatchNamespaceSelector(hook, attributes)
		if status != nil {
			return nil, status
		}
		isRuled := false
		for _, rule := range hook.GetRules() {
			isRuled = isRuled || (&rules.Matcher{Rule: rule, Attr: attributes}).Matches()
		}
		if !isMet || !isRuled {
			continue
		}
		result := hook.GetCompiledMatcher(a.compiler).Match(context.Background(), versioned, nil, nil)
		if result.Error != nil {
			return nil, result.Error
		}
		if result.Matches {
			asked = append(asked, hook)
		}
	}
	return asked, nil
}

func (r *release) check(a *asker, q request, isJudged bool, weight int) error {
	asked, err := a.ask(q, weight)
	if err != nil {
		return fmt.Errorf("%v: %w", q, err)
	}
	path, failure := r.expected(q, isJudged)
	if path == "" {
		if len(asked) != 0 {
			return fmt.Errorf("%v: matches '%s', expected no entry", q, asked[0].GetName())
		}
		return nil
	}
	if len(asked) != 1 {
		return fmt.Errorf("%v: matches %d entries, expected %s", q, len(asked), path)
	}
	if got := *asked[0].GetClientConfig().Service.Path; got != path {
		return fmt.Errorf("%v: matches %s, expected %s", q, got, path)
	}
	if got := *asked[0].GetFailurePolicy(); got != failure {
		return fmt.Errorf("%v: '%s' has failurePolicy %s, expected %s", q, asked[0].GetName(), got, failure)
	}
	return nil
}

// variants are the requests for each object.
func (p *policy) variants(operation admission.Operation) []variant {
	all := []variant{{change: "none"}, {isNode: true, change: "images"}, {isMirror: true, change: "images"}, {isNode: true, isMirror: true, change: "images"}}
	if operation != admission.Update {
		return all
	}
	all = append(all, variant{change: "metadata"}, variant{change: "images"}, variant{isNode: true, change: "none"},
		variant{isDeleted: true, change: "metadata"}, variant{isDeleted: true, change: "images"})
	for _, key := range append([]string{"sidecar.istio.io/proxyImage", "admission.datadoghq.com/web.java-lib.custom-image"}, p.ImageAnnotations...) {
		all = append(all, variant{change: key})
	}
	return all
}

// labelSets is every combination of the labels in the policy: absent, each value, and a value of no environment.
func (p *policy) labelSets() []map[string]string {
	values := map[string]map[string]bool{}
	for _, environment := range p.Environments {
		for key, list := range environment.NamespaceLabels {
			if values[key] == nil {
				values[key] = map[string]bool{"": true, "something-else": true}
			}
			for _, value := range list {
				values[key][value] = true
			}
		}
	}
	sets := []map[string]string{{}}
	for key, choices := range values {
		var next []map[string]string
		for _, set := range sets {
			for value := range choices {
				grown := map[string]string{}
				for k, v := range set {
					grown[k] = v
				}
				if value != "" {
					grown[key] = value
				}
				next = append(next, grown)
			}
		}
		sets = next
	}
	return sets
}

func (r *release) run() (int, error) {
	a := newAsker(r)
	users := append(append([]string{}, builtinUsers...), people...)
	for _, glob := range r.policy.Controllers.Users {
		for _, star := range []string{"x", "x/y", "", "\n"} {
			users = append(users, strings.NewReplacer("**", star, "*", star, "?", "q").Replace(glob))
		}
	}
	type thing struct {
		resource               schema.GroupVersionResource
		subresource            string
		isJudged, isNamespaced bool
	}
	var things []thing
	for group, resources := range judged {
		for _, resource := range resources {
			gvr := schema.GroupVersionResource{Group: group, Version: "v1", Resource: resource}
			things = append(things, thing{gvr, "", true, true}, thing{gvr, "status", false, true}, thing{gvr, "scale", false, true})
		}
	}
	pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	things = append(things, thing{pods, "ephemeralcontainers", true, true}, thing{pods, "exec", false, true}, thing{pods, "resize", false, true})
	for _, resource := range notJudged {
		things = append(things, thing{resource, "", false, true})
	}
	for _, custom := range r.policy.CustomResources {
		resource, group, _ := strings.Cut(custom.Resource, ".")
		gvr := schema.GroupVersionResource{Group: group, Version: "v1beta3", Resource: resource}
		things = append(things, thing{gvr, "", true, true}, thing{gvr, "", true, false}, thing{gvr, "status", false, true})
	}
	count := 0
	for s, set := range r.policy.labelSets() {
		for _, namespace := range []string{"shop", "dev-1", "kube-system", r.namespace} {
			all := map[string]string{"kubernetes.io/metadata.name": namespace}
			for key, value := range set {
				all[key] = value
			}
			for _, thing := range things {
				for i, name := range users {
					// All users and kinds are combined with one set of labels, and all sets of labels with two users and three kinds.
					if s > 0 && ((i != 0 && name != "alice") || (thing.resource.Resource != "pods" && thing.isNamespaced)) {
						continue
					}
					for _, operation := range []admission.Operation{admission.Create, admission.Update, admission.Delete, admission.Connect} {
						for _, variant := range r.policy.variants(operation) {
							q := request{namespace, all, name, operation, thing.resource, thing.subresource, variant}
							if !thing.isNamespaced {
								q.namespace = ""
							}
							if err := r.check(a, q, thing.isJudged, 0); err != nil {
								return count, err
							}
							count++
						}
					}
				}
			}
		}
	}
	// A specification of a megabyte must not exceed the limits of CEL, because the API server would then reject the request.
	for _, change := range []string{"metadata", "images"} {
		q := request{"shop", map[string]string{"kubernetes.io/metadata.name": "shop"}, "alice", admission.Update,
			schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, "", variant{change: change}}
		if err := r.check(a, q, true, 6000); err != nil {
			return count, fmt.Errorf("6,000 containers: %w", err)
		}
		count++
	}
	return count, nil
}

func read(file string) (*release, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &release{}
	for _, document := range strings.Split(string(text), "\n---\n") {
		var head struct {
			Kind     string            `json:"kind"`
			Metadata metav1.ObjectMeta `json:"metadata"`
			Data     map[string]string `json:"data"`
		}
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			return nil, err
		}
		switch {
		case head.Kind == "ValidatingWebhookConfiguration":
			if err := yaml.UnmarshalStrict([]byte(document), &r.configuration); err != nil {
				return nil, err
			}
		case head.Kind == "ConfigMap" && head.Data["policy.yaml"] != "":
			if err := yaml.Unmarshal([]byte(head.Data["policy.yaml"]), &r.policy); err != nil {
				return nil, err
			}
		case head.Kind == "Deployment":
			r.namespace, r.deployment = head.Metadata.Namespace, head.Metadata.Name
		}
	}
	if len(r.configuration.Webhooks) == 0 || len(r.policy.Environments) == 0 || r.namespace == "" {
		return nil, fmt.Errorf("%s: it contains no webhook configuration, policy or Deployment", file)
	}
	return r, nil
}

func main() {
	for _, file := range os.Args[1:] {
		r, err := read(file)
		count := 0
		if err == nil {
			count, err = r.run()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			os.Exit(1)
		}
		fmt.Printf("%s: %d requests, each matches one of %d entries, or none if it need not be evaluated\n", file, count, len(r.configuration.Webhooks))
	}
}
