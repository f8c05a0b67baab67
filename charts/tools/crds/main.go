// SPDX-License-Identifier: Apache-2.0

// crds OUT FILES... - writes the schemas of CustomResourceDefinitions to OUT, for kubeconform. Objects are closed, so an unknown
// field is an error.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

type definition struct {
	Spec struct {
		Group    string
		Names    struct{ Kind string }
		Versions []struct {
			Name   string
			Schema struct {
				OpenAPIV3Schema map[string]any `json:"openAPIV3Schema"`
			}
		}
	}
}

// closed forbids unknown members of an object, unless its schema preserves them.
func closed(value any) {
	switch node := value.(type) {
	case map[string]any:
		if _, isObject := node["properties"].(map[string]any); isObject && node["x-kubernetes-preserve-unknown-fields"] != true {
			node["additionalProperties"] = false
		}
		if node["x-kubernetes-int-or-string"] == true {
			delete(node, "type")
		}
		for _, child := range node {
			closed(child)
		}
	case []any:
		for _, child := range node {
			closed(child)
		}
	}
}

func write(out, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var crd definition
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	group := strings.Split(crd.Spec.Group, ".")[0]
	for _, version := range crd.Spec.Versions {
		closed(version.Schema.OpenAPIV3Schema)
		if properties, ok := version.Schema.OpenAPIV3Schema["properties"].(map[string]any); ok {
			properties["metadata"] = map[string]any{"type": "object"}
		}
		text, err := json.Marshal(version.Schema.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		name := strings.ToLower(crd.Spec.Names.Kind) + "-" + group + "-" + version.Name + ".json"
		if err := os.WriteFile(filepath.Join(out, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	for _, file := range os.Args[2:] {
		if err := write(os.Args[1], file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
