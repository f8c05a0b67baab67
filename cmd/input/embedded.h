/* SPDX-License-Identifier: Apache-2.0 */
/*
 * embedded - a YAML document inside a string of another document, such as `helm.values`.
 *
 * The result has positions in the file.  In a literal block scalar (`|`) and in a string on one
 * line they are exact; in any other style, and in a string over MOOR_EMBEDDED_MAX_LINE bytes on one
 * line, each value has the position of the string.
 *
 * Threads:  one reader, one thread at a time.
 * Templates in the string (`{{ }}`) are filled with `$`, or become comments if a line has nothing
 * else, so that the rest can be read: what has them is not determined there.
 *
 * Memory:   owns its buffers; a document is valid until the next call.
 * Limits:   those of yaml_json.
 */
#ifndef MOOR_CMD_INPUT_EMBEDDED_H
#define MOOR_CMD_INPUT_EMBEDDED_H

#include "cmd/input/documents.h"

#define MOOR_EMBEDDED_MAX_LINE ((size_t)1024 * 1024)

/* How positions in the string become positions in the file. */
enum moor_embedded_style {
    MOOR_EMBEDDED_ANYHOW, /* they all become the position of the string */
    MOOR_EMBEDDED_BLOCK,  /* the lines are those of the file, after an indent */
    MOOR_EMBEDDED_PLAIN,  /* one line without escapes */
    MOOR_EMBEDDED_DOUBLE, /* "...", in YAML and JSON */
    MOOR_EMBEDDED_SINGLE  /* '...' */
};

struct moor_embedded_map {
    enum moor_embedded_style style;
    struct moor_position start; /* position of the string */
    uint32_t indent;            /* MOOR_EMBEDDED_BLOCK: columns before the text */
    struct moor_slice raw;      /* the quoted text as it is in the file, without quotes */
    size_t steps;               /* that may still be made in it */
    size_t at;                  /* reading position in `raw`, */
    uint32_t line;              /* the line of the string there, from 1, */
    uint32_t column;            /* its column, from 1, */
    uint32_t passed;            /* and the characters of the file before it */
};

/* A reader of embedded documents. */
struct moor_embedded {
    struct moor_yaml_json yaml;
    struct moor_positions positions; /* in the file */
    struct moor_buf text;            /* the string */
    /* Internal: the string that is read. */
    struct moor_buf filled;               /* it without templates, if it has some */
    const struct moor_document *document; /* with the string */
    struct moor_embedded_map map;
};

/* Prepares a reader.  Returns -1 if memory is short. */
int moor_embedded_init(struct moor_embedded *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_embedded_release(struct moor_embedded *embedded);

/*
 * Reads the YAML in the JSON string `json` of `document`.  Returns 1 with the document in `*out`, 0
 * if the string has none, and -1 with the reason and the position in `err`.
 */
int moor_embedded_read(struct moor_document *out, struct moor_embedded *embedded,
                       const struct moor_document *document, struct moor_slice json,
                       struct moor_error *err) MOOR_MUST_CHECK;

/* Reads the next document of the same string.  Returns as moor_embedded_read() does. */
int moor_embedded_next(struct moor_document *out, struct moor_embedded *embedded,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
