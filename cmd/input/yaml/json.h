/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_json - reads the documents of a YAML text as JSON, with a position in the file per value.
 *
 * Some forms that kubectl accepts and libyaml rejects are rewritten first
 * (policy/file/yaml_text.h). tests/yaml/kubectl_test.py compares both libraries and lists the
 * remaining differences.  A tag without a value in a flow list or mapping is an error, because
 * kubectl reads the comma after it as a part of the tag.
 *
 * libyaml emits events, and each event becomes JSON at once, so that no tree is built.  Anchors,
 * aliases, merge keys and the types of plain scalars follow go-yaml v2, as kubectl does.  With
 * merge keys, the last value of a key wins.  Other duplicate keys stay in the JSON, and its reader
 * decides. The value of an alias keeps the position at which the value is written.
 *
 * Threads:  one reader, one thread at a time.
 * Memory:   owns its buffers, which are reused for each document and text.
 * Limits:   those of document.h; after MOOR_YAML_JSON_MAX_ERRORS broken documents, the rest of the
 *           text is not read.
 */
#ifndef MOOR_CMD_INPUT_YAML_JSON_H
#define MOOR_CMD_INPUT_YAML_JSON_H

#include "cmd/input/yaml/document.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#define MOOR_YAML_JSON_MAX_ERRORS 20

struct moor_yaml_state;

/* A reader of YAML documents. */
struct moor_yaml_json {
    const struct moor_yaml_document *document; /* the last one */
    struct moor_yaml_state *state;
};

/* Prepares a reader without a text.  Returns -1 if memory is short. */
int moor_yaml_json_init(struct moor_yaml_json *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_yaml_json_release(struct moor_yaml_json *yaml);

/*
 * Starts reading `text`, which must outlive the reading.  `lines_before` is the number of lines
 * that precede it in its file.
 */
void moor_yaml_json_open(struct moor_yaml_json *yaml, struct moor_slice text,
                         uint32_t lines_before);

/*
 * Reads the next document into `yaml->document`.  Returns 1, or 0 at the end.  Returns -1 with the
 * position in `err` if the text is not YAML or exceeds a limit.  The next call then continues after
 * the next line `---`.  `err` may be NULL.
 */
int moor_yaml_json_next(struct moor_yaml_json *yaml, struct moor_error *err) MOOR_MUST_CHECK;

#endif
