// SPDX-License-Identifier: Apache-2.0

// Command evaluate decides admission requests by ValidatingAdmissionPolicies, with the API server's own code.
//
// It reads the policies and their bindings from the file of its first argument, and a request from each line of standard
// input: {"id": ID, "request": the request of an AdmissionReview, "labels": those of the namespace}.  Each line of standard
// output is {"id": ID, "cost": the highest of a policy, "deny": [...], "warn": [...], "audit": [...]}, with messages.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	v1 "k8s.io/api/admissionregistration/v1"
	authv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	apicel "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// policy is a policy with its compiled expressions and the action of its binding.
type policy struct {
	spec      v1.ValidatingAdmissionPolicy
	action    string
	namespace labels.Selector
	values    cel.ConditionEvaluator
	validator validating.Validator
}

// request is a line of the input.
type request struct {
	ID      any
	Labels  map[string]string
	Request struct {
		Kind        metav1.GroupVersionKind
		Resource    metav1.GroupVersionResource
		SubResource string
		Name        string
		Namespace   string
		Operation   admission.Operation
		UserInfo    authv1.UserInfo
		Object      map[string]any
		OldObject   map[string]any
	}
}

// answer is a line of the output.
type answer struct {
	ID    any      `json:"id"`
	Cost  int64    `json:"cost"`
	Deny  []string `json:"deny"`
	Warn  []string `json:"warn"`
	Audit []string `json:"audit"`
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "evaluate: "+format+"\n", values...)
	os.Exit(2)
}

// check ends the program if an expression does not compile.
func check(name string, errors []error) {
	for _, err := range errors {
		fail("%s: %v", name, err)
	}
}

// compile compiles all expressions for a version of Kubernetes, as the API server does when a policy is created.
func compile(spec v1.ValidatingAdmissionPolicy, at *version.Version) policy {
	options := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(at))
	if err != nil {
		fail("%v", err)
	}
	// Match conditions cannot use variables, so they are compiled first.
	var conditions []cel.ExpressionAccessor
	for i := range spec.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&spec.Spec.MatchConditions[i]))
	}
	match := compiler.CompileCondition(conditions, options, environment.NewExpressions)
	check(spec.Name+": matchConditions", match.CompilationErrors())
	for _, variable := range spec.Spec.Variables {
		result := compiler.CompileAndStoreVariable(&validating.Variable{Name: variable.Name, Expression: variable.Expression}, options, environment.NewExpressions)
		if result.Error != nil {
			fail("%s: variable %s: %v", spec.Name, variable.Name, result.Error)
		}
	}
	var values, messages []cel.ExpressionAccessor
	for _, validation := range spec.Spec.Validations {
		values = append(values, &validating.ValidationCondition{Expression: validation.Expression, Message: validation.Message, Reason: validation.Reason})
		messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression})
	}
	plain := cel.OptionalVariableDeclarations{}
	out := policy{spec: spec, values: compiler.CompileCondition(values, options, environment.NewExpressions)}
	message := compiler.CompileCondition(messages, plain, environment.NewExpressions)
	check(spec.Name+": validations", out.values.CompilationErrors())
	check(spec.Name+": messages", message.CompilationErrors())
	matcher := matchconditions.NewMatcher(match, spec.Spec.FailurePolicy, "policy", "validate", spec.Name)
	out.validator = validating.NewValidator(out.values, matcher, compiler.CompileCondition(nil, options, environment.NewExpressions), message, spec.Spec.FailurePolicy, nil)
	if out.namespace, err = metav1.LabelSelectorAsSelector(spec.Spec.MatchConstraints.NamespaceSelector); err != nil {
		fail("%s: %v", spec.Name, err)
	}
	return out
}

// load reads the policies of a file, each with the action of its binding.
func load(path string, at *version.Version) []policy {
	file, err := os.Open(path)
	if err != nil {
		fail("%v", err)
	}
	var policies []policy
	actions := map[string]string{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(file))
	for {
		text, err := reader.Read()
		if err == io.EOF {
			break
		}
		var kind metav1.TypeMeta
		var spec v1.ValidatingAdmissionPolicy
		var binding v1.ValidatingAdmissionPolicyBinding
		if err == nil {
			err = yaml.Unmarshal(text, &kind)
		}
		switch {
		case err != nil:
		case kind.Kind == "ValidatingAdmissionPolicy":
			err = yaml.UnmarshalStrict(text, &spec)
			policies = append(policies, policy{spec: spec})
		case kind.Kind == "ValidatingAdmissionPolicyBinding":
			err = yaml.UnmarshalStrict(text, &binding)
			actions[binding.Spec.PolicyName] = string(binding.Spec.ValidationActions[0])
		}
		if err != nil {
			fail("%s: %v", path, err)
		}
	}
	for i := range policies {
		action := actions[policies[i].spec.Name]
		policies[i] = compile(policies[i].spec, at)
		policies[i].action = action
	}
	return policies
}

// selects returns whether a rule of the policy covers the request.
func (p *policy) selects(in *request) bool {
	resource := in.Request.Resource.Resource
	if in.Request.SubResource != "" {
		resource += "/" + in.Request.SubResource
	}
	if in.Request.Namespace != "" && !p.namespace.Matches(labels.Set(in.Labels)) {
		return false
	}
	return slices.ContainsFunc(p.spec.Spec.MatchConstraints.ResourceRules, func(rule v1.NamedRuleWithOperations) bool {
		return slices.Contains(rule.APIGroups, in.Request.Resource.Group) && slices.Contains(rule.Resources, resource) &&
			slices.Contains(rule.Operations, v1.OperationType(in.Request.Operation)) &&
			(rule.APIVersions[0] == "*" || slices.Contains(rule.APIVersions, in.Request.Resource.Version))
	})
}

func object(content map[string]any) *unstructured.Unstructured {
	if content == nil {
		return nil
	}
	return &unstructured.Unstructured{Object: content}
}

// attributes are the request in the form in which plugins of the API server get it.
func attributes(in *request) *admission.VersionedAttributes {
	kind := schema.GroupVersionKind(in.Request.Kind)
	var now, old runtime.Object
	if o := object(in.Request.Object); o != nil {
		now = o
	}
	if o := object(in.Request.OldObject); o != nil {
		old = o
	}
	extra := map[string][]string{}
	who := &user.DefaultInfo{Name: in.Request.UserInfo.Username, Groups: in.Request.UserInfo.Groups, Extra: extra}
	record := admission.NewAttributesRecord(now, old, kind, in.Request.Namespace, in.Request.Name,
		schema.GroupVersionResource(in.Request.Resource), in.Request.SubResource, in.Request.Operation, &metav1.CreateOptions{}, false, who)
	out := &admission.VersionedAttributes{Attributes: record, VersionedKind: kind}
	if now != nil {
		out.VersionedObject = admission.NewLazyObject(now)
	}
	if old != nil {
		out.VersionedOldObject = admission.NewLazyObject(old)
	}
	return out
}

// decide evaluates one policy.  The cost is that of the validations without their messages.
func (p *policy) decide(in *request, out *answer) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in.Request.Namespace, Labels: in.Labels}}
	if in.Request.Namespace == "" {
		namespace = nil
	}
	context := context.Background()
	result := p.validator.Validate(context, schema.GroupVersionResource(in.Request.Resource), attributes(in), nil, namespace, apicel.RuntimeCELCostBudget, nil)
	if len(result.Decisions) == 0 {
		return
	}
	versioned := attributes(in)
	review := cel.CreateAdmissionRequest(versioned.Attributes, in.Request.Resource, in.Request.Kind)
	if _, left, err := p.values.ForInput(context, versioned, review, cel.OptionalVariableBindings{}, namespace, apicel.RuntimeCELCostBudget); err == nil {
		out.Cost = max(out.Cost, apicel.RuntimeCELCostBudget-left)
	}
	for _, decision := range result.Decisions {
		if decision.Action == validating.ActionAdmit {
			continue
		}
		list := map[string]*[]string{"Deny": &out.Deny, "Warn": &out.Warn, "Audit": &out.Audit}[p.action]
		*list = append(*list, decision.Message)
	}
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: evaluate POLICIES VERSION <REQUESTS")
	}
	policies := load(os.Args[1], version.MustParseGeneric(os.Args[2]))
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) == 0 && err == io.EOF {
			return
		}
		var next request
		if err := json.Unmarshal(line, &next); err != nil {
			fail("%v", err)
		}
		result := answer{ID: next.ID, Deny: []string{}, Warn: []string{}, Audit: []string{}}
		for i := range policies {
			if next.Request.Object != nil && policies[i].selects(&next) {
				policies[i].decide(&next, &result)
			}
		}
		if err := encoder.Encode(result); err != nil {
			fail("%v", err)
		}
	}
}
