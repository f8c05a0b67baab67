// SPDX-License-Identifier: Apache-2.0

// kubectlyaml reads texts as kubectl reads the files of `kubectl apply -f`.
//
// Standard input: a JSON list of base64 strings.  Standard output: for each, the JSON of its documents and
// the error that ended the reading, if any.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

type result struct {
	Documents []json.RawMessage `json:"documents"`
	Error     string            `json:"error,omitempty"`
}

// read does what the StreamVisitor of k8s.io/cli-runtime does.
func read(text []byte) (out result) {
	out.Documents = []json.RawMessage{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		document := runtime.RawExtension{}
		if err := decoder.Decode(&document); err != nil {
			if !errors.Is(err, io.EOF) {
				out.Error = err.Error()
			}
			return out
		}
		raw := bytes.TrimSpace(document.Raw)
		if len(raw) != 0 && !bytes.Equal(raw, []byte("null")) {
			out.Documents = append(out.Documents, json.RawMessage(bytes.Clone(raw)))
		}
	}
}

func main() {
	var texts [][]byte
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	results := make([]result, len(texts))
	for i, text := range texts {
		results[i] = read(text)
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
