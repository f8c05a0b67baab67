/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state - what the modules of the YAML reader share while a text is read; for them alone.
 *
 *   json -> events -> scalar, position, anchor, merge -> state -> document
 *
 * Threads:  one state, one thread at a time.
 * Memory:   owned by the struct moor_yaml_json.
 */
#ifndef MOOR_CMD_INPUT_YAML_STATE_H
#define MOOR_CMD_INPUT_YAML_STATE_H

#include <yaml.h>

#include "cmd/input/yaml/document.h"
#include "policy/base/error.h"
#include "policy/file/yaml_text.h"

/* An open list or mapping. */
struct moor_yaml_frame {
    size_t start; /* of its bracket in the JSON */
    uint32_t line;
    uint32_t column;
    uint32_t anchor; /* MOOR_YAML_NO_ANCHOR: none */
    bool is_mapping;
    bool is_flow;      /* between brackets or braces */
    bool is_elsewhere; /* as of a position, of all that is in it */
    bool has_items;
    bool has_key;   /* a key was read, its value not yet */
    bool has_merge; /* a merge key was read */
};

/* A value that aliases can name, kept apart: what is merged moves in the JSON. */
struct moor_yaml_anchor {
    size_t name; /* in `names` */
    size_t name_len;
    size_t start; /* of the value in `kept` */
    size_t end;
    bool is_open;
};

struct moor_yaml_state {
    yaml_parser_t parser;
    bool has_parser;
    bool is_short;                      /* there was no memory for the text */
    struct moor_yaml_text source;       /* the whole */
    struct moor_slice text;             /* of it */
    size_t start;                       /* of what the parser reads, in `text` */
    uint32_t lines_before;              /* that, in the file */
    uint32_t first_lines;               /* of the file, before `text` */
    uint32_t document_line;             /* where the last document began */
    size_t errors;                      /* broken documents so far */
    size_t budget;                      /* bytes that aliases may still add */
    size_t work;                        /* bytes that may still be copied for anchors and merges */
    struct moor_buf number;             /* scratch */
    struct moor_buf names;              /* of anchors */
    struct moor_yaml_document document; /* what was read of the document at hand */
    struct moor_yaml_document kept;     /* the values of anchors */
    struct moor_yaml_document merged;   /* scratch */
    struct moor_yaml_anchor anchors[MOOR_YAML_MAX_ANCHORS];
    size_t anchor_count;
    struct moor_yaml_frame frames[MOOR_YAML_MAX_DEPTH];
    size_t depth;
};

/* A state without a text; NULL without memory. */
struct moor_yaml_state *moor_yaml_state_new(void);
void moor_yaml_state_free(struct moor_yaml_state *state);

/* Forgets the last document and its anchors. */
void moor_yaml_state_clear(struct moor_yaml_state *state);

/* Sets the error with the mark's position in the file.  Always returns -1. */
int moor_yaml_fail(const struct moor_yaml_state *state, yaml_mark_t mark, struct moor_error *err,
                   enum moor_error_code code, const char *text);

/* Takes from the work that may still be done.  Returns -1 if nothing is left. */
int moor_yaml_spend(struct moor_yaml_state *state, size_t bytes, yaml_mark_t mark,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
