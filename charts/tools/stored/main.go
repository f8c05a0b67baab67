// SPDX-License-Identifier: Apache-2.0

// stored MANIFESTS... - reports fields of built-in kinds that the API server would store in another form than they are written,
// such as an empty list, 1000m for 1, or a duration of another form. GitOps tools show each as a difference that never ends.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// differences compares each written value with the stored value; fields that only the stored object has are defaults.
func differences(path string, written, stored any) []string {
	var found []string
	switch value := written.(type) {
	case map[string]any:
		other, ok := stored.(map[string]any)
		if !ok {
			return []string{path}
		}
		for key, one := range value {
			found = append(found, differences(path+"."+key, one, other[key])...)
		}
	case []any:
		other, ok := stored.([]any)
		if !ok || len(other) != len(value) {
			return []string{path}
		}
		for i, one := range value {
			found = append(found, differences(fmt.Sprintf("%s[%d]", path, i), one, other[i])...)
		}
	default:
		if !reflect.DeepEqual(written, stored) {
			found = append(found, fmt.Sprintf("%s: %v is stored as %v", path, written, stored))
		}
	}
	return found
}

// check returns the differences of a document, and whether its kind is built in.
func check(document string) ([]string, bool, error) {
	text, err := yaml.YAMLToJSON([]byte(document))
	if err != nil {
		return nil, false, err
	}
	var written map[string]any
	if err := json.Unmarshal(text, &written); err != nil || written == nil {
		return nil, false, err
	}
	object := unstructured.Unstructured{Object: written}
	typed, err := scheme.Scheme.New(object.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if err := yaml.UnmarshalStrict(text, typed); err != nil {
		return nil, true, err
	}
	again, err := json.Marshal(typed)
	if err != nil {
		return nil, true, err
	}
	var stored map[string]any
	if err := json.Unmarshal(again, &stored); err != nil {
		return nil, true, err
	}
	return differences(object.GetKind()+" "+object.GetName(), written, stored), true, nil
}

func main() {
	status, count := 0, 0
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		for _, document := range strings.Split(string(text), "\n---\n") {
			found, isBuiltIn, err := check(document)
			if err != nil {
				found = append(found, err.Error())
			}
			for _, one := range found {
				fmt.Fprintf(os.Stderr, "%s: %s\n", file, one)
				status = 1
			}
			if isBuiltIn {
				count++
			}
		}
	}
	fmt.Printf("%d objects of built-in kinds\n", count)
	if count == 0 {
		status = 1
	}
	os.Exit(status)
}
