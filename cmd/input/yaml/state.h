/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state - shares data between the modules of the YAML reader; private to this directory.
 *
 *   json -> events -> scalar, position, anchor, merge -> state -> document
 *
 * Threads:  one state, one thread at a time.
 * Memory:   owned by struct moor_yaml_json.
 */
#ifndef MOOR_CMD_INPUT_YAML_STATE_H
#define MOOR_CMD_INPUT_YAML_STATE_H

#include <yaml.h>

#include "cmd/input/yaml/document.h"
#include "policy/base/error.h"
#include "policy/file/yaml_text.h"

/* An open list or mapping. */
struct moor_yaml_frame {
    size_t start; /* offset of its bracket in the JSON */
    uint32_t line;
    uint32_t column;
    uint32_t anchor; /* MOOR_YAML_NO_ANCHOR: none */
    bool is_mapping;
    bool is_flow;      /* written with brackets or braces */
    bool is_elsewhere; /* another value replaces this one and its children */
    bool has_items;
    bool has_key;   /* a key was read, and its value was not */
    bool has_merge; /* a merge key was read */
};

/* The value of an anchor.  It is a copy, because a merge can move the original in the JSON. */
struct moor_yaml_anchor {
    size_t name; /* offset in `names` */
    size_t name_len;
    size_t start; /* range of the value in `kept` */
    size_t end;
    bool is_open;
};

/* The reading of one text.  Buffers are kept from document to document. */
struct moor_yaml_state {
    yaml_parser_t parser;
    bool has_parser;
    bool is_short;                      /* memory was short for the text */
    struct moor_yaml_text source;       /* the text with its rewritten forms */
    struct moor_slice text;             /* the bytes of `source` */
    size_t start;                       /* offset in `text` of the parser's input */
    uint32_t lines_before;              /* lines of the file before `start` */
    uint32_t first_lines;               /* lines of the file before `text` */
    uint32_t document_line;             /* line at which the last document began */
    size_t errors;                      /* number of broken documents so far */
    size_t budget;                      /* bytes that aliases may still add */
    size_t work;                        /* bytes that anchors and merges may still copy */
    struct moor_buf number;             /* scratch space */
    struct moor_buf names;              /* names of anchors */
    struct moor_yaml_document document; /* the current document */
    struct moor_yaml_document kept;     /* values of anchors */
    struct moor_yaml_document merged;   /* scratch space */
    struct moor_yaml_anchor anchors[MOOR_YAML_MAX_ANCHORS];
    size_t anchor_count;
    struct moor_yaml_frame frames[MOOR_YAML_MAX_DEPTH];
    size_t depth;
};

/* Returns a state without a text, or NULL if memory is short. */
struct moor_yaml_state *moor_yaml_state_new(void);

/* Frees the state and its parser.  NULL is allowed. */
void moor_yaml_state_free(struct moor_yaml_state *state);

/* Forgets the last document and its anchors, and keeps the buffers. */
void moor_yaml_state_clear(struct moor_yaml_state *state);

/* Sets `err` with the position of `mark` in the file.  Always returns -1. */
int moor_yaml_fail(const struct moor_yaml_state *state, yaml_mark_t mark, struct moor_error *err,
                   enum moor_error_code code, const char *text);

/* Deducts `bytes` from the budget for copies.  Returns -1 if the budget is exhausted. */

int moor_yaml_spend(struct moor_yaml_state *state, size_t bytes, yaml_mark_t mark,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
