/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_json - the documents of a YAML text as JSON texts, each value with its position in the file.
 *
 * Forms that kubectl's library accepts and libyaml rejects are rewritten first
 * (policy/file/yaml_text.h); tests/yaml/kubectl_test.py compares both libraries and lists the
 * differences that remain.  A tag without a value in a flow list or mapping is an error, because
 * kubectl reads the comma after it as a part of the tag.
 *
 * libyaml gives events; each becomes JSON at once, so that no tree is built.  Anchors, aliases,
 * merge keys and the types of plain scalars are as kubectl reads them (go-yaml v2): with merge
 * keys, what is written last wins.  A key that stands twice otherwise stays in the JSON twice:
 * whoever reads it decides.  What an alias names keeps the position where it is written.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns its buffers, which are reused from document to document and from text to text.
 * Limits:   those of document.h; after MOOR_YAML_JSON_MAX_ERRORS broken documents the rest of the
 * text is not read.
 */
#ifndef MOOR_CMD_INPUT_YAML_JSON_H
#define MOOR_CMD_INPUT_YAML_JSON_H

#include "cmd/input/yaml/document.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#define MOOR_YAML_JSON_MAX_ERRORS 20

struct moor_yaml_state;

struct moor_yaml_json {
    const struct moor_yaml_document *document; /* the last one */
    struct moor_yaml_state *state;
};

int moor_yaml_json_init(struct moor_yaml_json *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_yaml_json_release(struct moor_yaml_json *yaml);

/* Starts reading `text`, which must outlive the reading and has `lines_before` in its file. */
void moor_yaml_json_open(struct moor_yaml_json *yaml, struct moor_slice text,
                         uint32_t lines_before);

/*
 * Reads the next document.  Returns 1 with `document`, 0 at the end, and -1 with the position in
 * `err` if the text is no YAML or crosses a limit.  The next call then continues after the next
 * line `---`.
 */
int moor_yaml_json_next(struct moor_yaml_json *yaml, struct moor_error *err) MOOR_MUST_CHECK;

#endif
