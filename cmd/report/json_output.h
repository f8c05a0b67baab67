/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_output - connects the JSON writer to a stream, and escapes texts as all other outputs do.
 *
 * The caller writes with `json` and flushes between items, so that a long report is never
 * completely in memory.  If memory is short, the output is truncated and therefore not valid JSON.
 *
 * Threads:  one output, one thread at a time.
 * Memory:   a buffer for unflushed bytes, released by moor_json_output_end().
 */
#ifndef MOOR_CMD_REPORT_JSON_OUTPUT_H
#define MOOR_CMD_REPORT_JSON_OUTPUT_H

#include "policy/json/writer.h"

#include <stdio.h>

/* A JSON text on a stream. */
struct moor_json_output {
    FILE *out;
    struct moor_buf bytes;
    struct moor_json_writer json;
};

/* Begins a text; the items of the `lines` outer levels have a line each. */
void moor_json_output_init(struct moor_json_output *output, FILE *out, uint32_t lines);

/* Writes the bytes so far to the stream. */
void moor_json_output_flush(struct moor_json_output *output);

/* Ends the text with a newline, and releases the buffer. */
void moor_json_output_end(struct moor_json_output *output);

/* Writes a member with an escaped text, or nothing if the text is empty. */
void moor_json_output_member(struct moor_json_writer *json, const char *name,
                             struct moor_slice text);

/* Writes an escaped string. */
void moor_json_output_string(struct moor_json_writer *json, struct moor_slice text);

/* Writes a member name that comes from an input, escaped. */
void moor_json_output_key(struct moor_json_writer *json, struct moor_slice name);

/* Write a member and open its object or array. */
void moor_json_output_object(struct moor_json_writer *json, const char *name);
void moor_json_output_array(struct moor_json_writer *json, const char *name);

#endif
