/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_entries - the parts that all importers share: entries of `repositories`, and notes about
 * settings that an entry cannot express.
 *
 * Immutability makes tags trusted, so an importer may leave settings out, but must never add trust:
 * text that it does not understand completely is left out with a note.
 *
 * Threads:  one at a time.
 * Memory:   owns two buffers.
 * Limits:   MOOR_IMPORT_MAX_BYTES each.
 */
#ifndef MOOR_CMD_IMPORT_ENTRIES_H
#define MOOR_CMD_IMPORT_ENTRIES_H

#include <jansson.h>

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdbool.h>

/* Maximum size of the entries, and of the notes; enough for the largest input. */
#define MOOR_IMPORT_MAX_BYTES ((size_t)256 * 1024 * 1024)

/* The result of an importer. */
struct moor_import {
    const char *project;   /* `HOST/NAME` of --project, or NULL */
    struct moor_buf out;   /* the entries, as YAML */
    struct moor_buf notes; /* a line for each setting that was left out, for standard error */
    size_t entries;        /* number of entries */
};

/* Prepares an empty result. */
void moor_import_init(struct moor_import *out, const char *project);
void moor_import_release(struct moor_import *import);

/* Starts an entry; `append_match` adds its globs, and the other functions its keys. */
void moor_import_begin(struct moor_import *import);
/* Appends a glob: the three texts joined. */
void moor_import_match(struct moor_import *import, const char *before, struct moor_slice name,
                       const char *after);
/* Appends `reason`, which is a constant without special characters. */
void moor_import_reason(struct moor_import *import, const char *reason);
/* Appends a list of patterns under `key`, `build` or `rolling`; nothing for an empty list. */
void moor_import_patterns(struct moor_import *import, const char *key,
                          const struct moor_slice *patterns, size_t count);
/* Appends `otherwise: build`. */
void moor_import_otherwise(struct moor_import *import);

/* Notes that the setting `text` of `subject` is left out, with the reason. */
void moor_import_leave(struct moor_import *import, struct moor_slice subject,
                       struct moor_slice text, const char *reason);

/*
 * Returns NULL if a regular expression of another language means the same in a policy, or why it is
 * not known to: only groups, sets, repetitions and escapes that are equal in PCRE2, RE2 and Python
 * are accepted.
 */
const char *moor_import_check_pattern(struct moor_slice pattern);

/* Returns the text of a member of a JSON object; empty if it is missing or not a text. */
struct moor_slice moor_import_text(const json_t *object, const char *key);

/*
 * Returns whether `--project` is a registry and a path, without a tag.  On failure writes an
 * example to `err`.
 */
int moor_import_check_project(const struct moor_import *import,
                              struct moor_error *err) MOOR_MUST_CHECK;

#endif
