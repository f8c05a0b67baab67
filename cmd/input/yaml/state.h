/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_state - what yaml_json, yaml_anchor, yaml_merge and yaml_place share; for them alone.
 *
 * Threads:  one state, one thread at a time.
 * Memory:   belongs to the struct moor_yaml_json.
 */
#ifndef MOOR_CMD_INPUT_YAML_STATE_H
#define MOOR_CMD_INPUT_YAML_STATE_H

#include <yaml.h>

#include "cmd/input/yaml/json.h"
#include "policy/file/yaml_text.h"

/* The key under which a merged value waits in the JSON for its mapping's end: no key of the file
 * can look so, because `<` is never escaped. */
#define MOOR_YAML_MERGE_KEY "\\u003c<"
#define MOOR_YAML_NO_ANCHOR UINT32_MAX

/* An open list or mapping. */
struct moor_yaml_frame {
    size_t start; /* of its bracket in the JSON */
    uint32_t line;
    uint32_t column;
    uint32_t anchor; /* MOOR_YAML_NO_ANCHOR: none */
    bool is_mapping;
    bool is_flow;      /* between brackets or braces */
    bool is_elsewhere; /* as of a place, of all that is in it */
    bool has_items;
    bool has_key;   /* a key was read, its value not yet */
    bool has_merge; /* a merge key was read */
};

/* A value that aliases can name, kept apart: what is merged moves in the JSON. */
struct moor_yaml_anchor {
    size_t name;
    size_t name_len;
    size_t json;
    size_t json_len;
    size_t positions;
    bool is_open;
};

struct moor_yaml_state {
    yaml_parser_t parser;
    bool has_parser;
    bool is_short;                /* there was no memory for the text */
    struct moor_yaml_text source; /* the whole */
    struct moor_slice text;       /* of it */
    size_t start;                 /* of what the parser reads, in `text` */
    uint32_t lines_before;        /* that, in the file */
    uint32_t first_lines;         /* of the file, before `text` */
    uint32_t document_line;       /* where the last document began */
    size_t errors;                /* broken documents so far */
    size_t budget;                /* bytes that aliases may still bring */
    size_t work;                  /* bytes that may still be copied for anchors and merge keys */
    struct moor_buf number;       /* scratch */
    struct moor_buf kept;         /* names and JSON of anchors */
    struct moor_buf merged;       /* scratch */
    struct moor_positions kept_positions;
    struct moor_positions merged_positions;
    struct moor_yaml_anchor anchors[MOOR_YAML_JSON_MAX_ANCHORS];
    size_t anchor_count;
    struct moor_yaml_frame frames[MOOR_YAML_JSON_MAX_DEPTH];
    size_t depth;
};

/* Sets the error with the mark's place in the whole text.  Always returns -1. */
int moor_yaml_fail(const struct moor_yaml_state *state, yaml_mark_t mark, struct moor_error *err,
                   enum moor_error_code code, const char *text);

/* The place of the event's value in the file. */
struct moor_position moor_yaml_position(const struct moor_yaml_state *state,
                                        const yaml_event_t *event);

/* Whether a value with this tag is not the one that counts. */
bool moor_yaml_is_elsewhere(const unsigned char *tag);

/* Takes from the work that may still be done.  Returns -1 where nothing is left. */
int moor_yaml_spend(struct moor_yaml_state *state, size_t bytes, yaml_mark_t mark,
                    struct moor_error *err) MOOR_MUST_CHECK;

/* Begins an anchor called `name`; `*out` is its number, MOOR_YAML_NO_ANCHOR without a name. */
int moor_yaml_anchor_open(uint32_t *out, struct moor_yaml_state *state, const yaml_event_t *event,
                          const unsigned char *name, struct moor_error *err) MOOR_MUST_CHECK;

/* Keeps the value that begins at `start` in the JSON and ends with it. */
int moor_yaml_anchor_close(struct moor_yaml_json *yaml, uint32_t anchor, size_t start,
                           yaml_mark_t mark, struct moor_error *err) MOOR_MUST_CHECK;

/* The JSON of what an alias names, and where its places begin. */
int moor_yaml_anchor_find(const struct moor_yaml_anchor **out, struct moor_yaml_state *state,
                          const yaml_event_t *event, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Puts what waits under MOOR_YAML_MERGE_KEY among the members of the object that begins at `start`
 * in the JSON and ends with it: each key once, with the value that was written last.
 */
int moor_yaml_merge(struct moor_yaml_json *yaml, size_t start, yaml_mark_t mark,
                    struct moor_error *err) MOOR_MUST_CHECK;

#endif
