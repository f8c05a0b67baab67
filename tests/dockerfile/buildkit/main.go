// SPDX-License-Identifier: Apache-2.0

// buildkitimages reads Dockerfiles with the parser, the instructions and the lexer of BuildKit.
//
// Standard input: a JSON list of base64 strings.  Standard output: for each, the JSON of its images, or the
// error for which BuildKit rejects it.  What a build adds to a file, the platform and --build-arg, is not there:
// each value is computed with three values of each such variable, one of them empty, and is unknown if they differ.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type image struct {
	Where string `json:"where"`
	State string `json:"state"` // "known", "unknown" or "template"
	Image string `json:"image"` // if known
	Start int    `json:"start"` // first and last line of the instruction
	End   int    `json:"end"`
}

type result struct {
	Images []image `json:"images"`
	Error  string  `json:"error,omitempty"`
}

var (
	template = regexp.MustCompile(`\{\{|\{%|<%`)
	stageful = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-_.]*$`)
	platform = []string{
		"BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT", "TARGETPLATFORM", "TARGETOS",
		"TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE",
	}
	// open are the values of a variable that the file does not determine.
	open = [3]string{"linux/amd64", "windows.arm64-v8", ""}
)

// variables are one choice of all values.
type variables map[string]string

func (v variables) Get(name string) (string, bool) { value, ok := v[name]; return value, ok }
func (v variables) Keys() []string                 { return nil }

// file is what is known of a Dockerfile while its instructions are read.
type file struct {
	lexer  *shell.Lex
	values [3]variables
	stages []string
	late   []late
	images []image
}

// late is a text that can name a stage which follows.
type late struct {
	image
	isCopy, isTrigger bool
}

// needs returns whether the word uses a variable that is not set, with no operator that allows for that.
func needs(word string, unset map[string]struct{}) bool {
	for name := range unset {
		if !regexp.MustCompile(`^[A-Za-z_]`).MatchString(name) {
			continue
		}
		used := regexp.MustCompile(`\$` + name + `(\W|$)|\$\{` + name + `(\}|#|%|/|:?\?)`)
		if used.MatchString(word) {
			return true
		}
	}
	return false
}

// expand returns the values of a word, and whether the file determines it.
func (f *file) expand(word string) (values [3]string, known bool, err error) {
	known = true
	for i := range values {
		expanded, failure := f.lexer.ProcessWordWithMatches(word, f.values[i])
		if failure != nil && strings.Contains(failure.Error(), "is not allowed to be") {
			return values, false, nil // which only --build-arg can mend
		}
		if failure != nil {
			return values, false, failure
		}
		known = known && !needs(word, expanded.Unmatched)
		values[i] = expanded.Result
	}
	return values, known && values[0] == values[1] && values[0] == values[2], nil
}

func (f *file) isStage(name string) bool {
	for _, stage := range f.stages {
		if stage != "" && strings.EqualFold(stage, name) {
			return true
		}
	}
	return false
}

func (f *file) argument(command *instructions.ArgCommand) error {
	for _, pair := range command.Args {
		if len(f.stages) > 0 || pair.Value == nil {
			continue
		}
		values, known, err := f.expand(*pair.Value)
		if err != nil {
			return err
		}
		if !known {
			values = open
		}
		for i := range values {
			f.values[i][pair.Key] = values[i]
		}
	}
	return nil
}

func (f *file) stage(stage *instructions.Stage, found image) error {
	defer func() { f.stages = append(f.stages, stage.Name) }()
	found.Where = "FROM"
	values, known, err := f.expand(stage.BaseName)
	switch {
	case template.MatchString(stage.BaseName) || err == nil && template.MatchString(values[0]):
		found.State = "template"
	case err != nil:
		return err
	case !known:
		found.State = "unknown"
	case values[0] == "":
		return errors.New("base name should not be blank")
	case values[0] == "scratch" || f.isStage(values[0]):
		return nil
	default:
		found.State, found.Image = "known", values[0]
	}
	f.images = append(f.images, found)
	return nil
}

// references collects the texts of COPY --from and RUN --mount.
func (f *file) references(command any, found image, isTrigger bool) {
	prefix := ""
	if isTrigger {
		prefix = "ONBUILD "
	}
	switch command := command.(type) {
	case *instructions.CopyCommand:
		if command.From != "" {
			found.Where, found.Image = prefix+"COPY --from", command.From
			f.late = append(f.late, late{found, true, isTrigger})
		}
	case *instructions.RunCommand:
		for _, mount := range instructions.GetMounts(command) {
			if mount.From != "" {
				found.Where, found.Image = prefix+"RUN --mount", mount.From
				f.late = append(f.late, late{found, false, isTrigger})
			}
		}
	}
}

func (f *file) settle() error {
	for _, text := range f.late {
		number, err := strconv.Atoi(text.Image)
		isNumber := err == nil && text.isCopy
		text.State = "known"
		switch {
		case template.MatchString(text.Image):
			text.State = "template"
		case strings.Contains(text.Image, "$"):
			text.State = "unknown"
		case f.isStage(text.Image) || text.Image == "scratch":
			continue
		case text.isTrigger && (isNumber || stageful.MatchString(text.Image)):
			text.State = "unknown" // the stages are those of a later build
		case isNumber && (number < 0 || number >= len(f.stages)):
			return errors.New("invalid stage index")
		case isNumber:
			continue
		}
		if text.State != "known" {
			text.Image = ""
		}
		f.images = append(f.images, text.image)
	}
	return nil
}

func (f *file) instruction(node *parser.Node) error {
	command, err := instructions.ParseInstruction(node)
	if err != nil {
		return err
	}
	at := image{Start: node.StartLine, End: node.EndLine}
	switch command := command.(type) {
	case *instructions.ArgCommand:
		return f.argument(command)
	case *instructions.Stage:
		return f.stage(command, at)
	case *instructions.OnbuildCommand:
		trigger, err := parser.Parse(strings.NewReader(command.Expression))
		if err != nil {
			return err
		}
		for _, child := range trigger.AST.Children {
			inner, err := instructions.ParseCommand(child)
			if err != nil {
				return err
			}
			f.references(inner, at, true)
		}
	default:
		f.references(command, at, false)
	}
	return nil
}

func read(text []byte) (out result) {
	defer func() { // some malformed files make the parser panic
		if failure := recover(); failure != nil {
			out = result{Error: fmt.Sprint(failure)}
		}
	}()
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return result{Error: err.Error()}
	}
	f := file{lexer: shell.NewLex(parsed.EscapeToken), values: [3]variables{{}, {}, {}}, images: []image{}}
	for _, name := range platform {
		for i := range open {
			f.values[i][name] = open[i]
		}
		if !strings.HasSuffix(name, "VARIANT") && !strings.HasSuffix(name, "VERSION") {
			f.values[2][name] = "default" // which is never empty
		}
	}
	if syntax, _, where, ok := parser.DetectSyntax(text); ok {
		found := image{Where: "# syntax", State: "known", Image: syntax, Start: where[0].Start.Line, End: where[0].End.Line}
		if template.MatchString(syntax) {
			found.State, found.Image = "template", ""
		}
		f.images = append(f.images, found)
	}
	for _, node := range parsed.AST.Children {
		if err := f.instruction(node); err != nil {
			return result{Error: err.Error()}
		}
	}
	if err := f.settle(); err != nil {
		return result{Error: err.Error()}
	}
	return result{Images: f.images}
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
