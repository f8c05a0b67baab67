/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - compares a file before and after its edits: nothing but the images may have changed.
 *
 * Both texts are read as `check` reads them.  Each value must be the same, except for the values of
 * sites, which must have exactly the text of their edit.  A value that another place shares through
 * an alias changes there too.  This is accepted if the shared value is a whole reference and the
 * member's name says that it is an image, as in `x-image: &image nginx:1.27`; else the sites of the
 * value are left as they are, and the caller applies the other edits anew.
 *
 * Threads:  one at a time.
 * Memory:   owns two readers, whose buffers are reused for each file.
 * Limits:   those of documents and embedded.
 */
#ifndef MOOR_CMD_PIN_VERIFY_H
#define MOOR_CMD_PIN_VERIFY_H

#include "cmd/input/embedded.h"
#include "cmd/pin/sites.h"

/* The readers.  Index 0 is before the edits, 1 after them. */
struct moor_pin_verify {
    struct moor_documents documents[2];
    struct moor_embedded embedded[2];
    struct moor_source after;
    struct moor_arena arena;
};

/* Prepares the readers.  Returns -1 if memory is short. */
int moor_pin_verify_init(struct moor_pin_verify *out, struct moor_error *err) MOOR_MUST_CHECK;
void moor_pin_verify_release(struct moor_pin_verify *verify);

/*
 * Compares `before` with `after`, the same file with the edits of `sites`, which are settled.
 * Returns 1 if only images differ.  Returns 0 if it left sites that share a value, and the caller
 * must apply the edits anew.  Returns -1 with the reason if anything else differs.
 */
int moor_pin_verify_run(struct moor_pin_verify *verify, struct moor_pin_sites *sites,
                        struct moor_source *before, struct moor_slice after, bool is_whole,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
