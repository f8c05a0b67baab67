/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_output - the writer of policy/json on a stream, with texts escaped as in all other outputs.
 *
 * The caller writes with `json` and flushes between items, so that a long report is never in
 * memory as a whole.  If memory is out, the output ends in the middle, and is no JSON.
 *
 * Threads:  one output, one thread at a time.
 * Memory:   a buffer for what is not flushed yet, released by moor_json_output_end().
 */
#ifndef MOOR_CMD_REPORT_JSON_OUTPUT_H
#define MOOR_CMD_REPORT_JSON_OUTPUT_H

#include "policy/json/writer.h"

#include <stdio.h>

struct moor_json_output {
    FILE *out;
    struct moor_buf bytes;
    struct moor_json_writer json;
};

/* Begins a text with a line for each item of the `lines` outer levels. */
void moor_json_output_init(struct moor_json_output *output, FILE *out, uint32_t lines);

/* Writes to the stream what there is so far. */
void moor_json_output_flush(struct moor_json_output *output);

/* Ends the text and its last line. */
void moor_json_output_end(struct moor_json_output *output);

/* A member, escaped; none if the text is empty. */
void moor_json_output_member(struct moor_json_writer *json, const char *name,
                             struct moor_slice text);

/* A string, escaped. */
void moor_json_output_string(struct moor_json_writer *json, struct moor_slice text);

/* A member's name that comes from outside, escaped. */
void moor_json_output_key(struct moor_json_writer *json, struct moor_slice name);

/* A member that is an object or array, which is then open. */
void moor_json_output_object(struct moor_json_writer *json, const char *name);
void moor_json_output_array(struct moor_json_writer *json, const char *name);

#endif
