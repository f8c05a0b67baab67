/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near_fields - finds misspelled and misplaced fields, whose images would not be found.
 *
 * The API server rejects `container` in place of `containers`, or drops it, depending on the
 * client.  Either way nothing runs as it was written, so `check` reports it as an input error.  In
 * the kinds of Kubernetes, each object on the way to the images is compared; in custom resources,
 * whose other fields are unknown, only Pod specifications are.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 * Limits:   paths as deep as those of the kind; a name over MOOR_NEAREST_MAX_BYTES is close to
 * none.
 */
#ifndef MOOR_CMD_CHECK_NEAR_FIELDS_H
#define MOOR_CMD_CHECK_NEAR_FIELDS_H

#include "policy/base/error.h"
#include "policy/json/reader.h"
#include "policy/object/kinds.h"

/* A search in one object. */
struct moor_near_fields {
    struct moor_json_reader reader;
    const struct moor_kind *kind;
    size_t depth; /* number of open objects and arrays */

    struct {
        const struct moor_path_node *node;
        bool is_array;
    } levels[MOOR_PATH_MAX_STEPS];
};

/* Starts a search in `json`, an object of `kind`; both are borrowed. */
void moor_near_fields_open(struct moor_near_fields *out, struct moor_slice json,
                           const struct moor_kind *kind);

/*
 * Returns true with the next field that is misspelled or misplaced: `err` has the text, and the
 * offset of its value in the JSON.  Returns false at the end, and for text that is not JSON, which
 * the reader of images reports.
 */
bool moor_near_fields_next(struct moor_near_fields *fields, struct moor_error *err);

#endif
