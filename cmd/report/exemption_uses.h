/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exemption_uses - counts the images that exemptions admit, and those that ended ones would admit.
 *
 * An image that an exemption admits can be allowed, and then has no finding that names the
 * exemption.  The summary of a report names it with its end.
 *
 * Threads:  one list, one thread at a time.
 * Memory:   owns its array; borrows the exemptions, so the policy must outlive it.
 * Limits:   at most two items for each exemption of the policy.
 */
#ifndef MOOR_CMD_REPORT_EXEMPTION_USES_H
#define MOOR_CMD_REPORT_EXEMPTION_USES_H

#include "policy/base/buf.h"
#include "policy/json/writer.h"
#include "policy/verdict.h"

/* An exemption and its images. */
struct moor_exemption_use {
    const struct moor_exemption *exemption;
    bool has_ended; /* it would admit the images if it had not ended */
    size_t images;
};

/* The exemptions in the order of their first use. */
struct moor_exemption_uses {
    struct moor_exemption_use *items;
    size_t count;
    size_t room;
    bool failed; /* memory was short: the list is incomplete */
};

void moor_exemption_uses_release(struct moor_exemption_uses *uses);

/* Counts the exemption of the image, and the ended one. */
void moor_exemption_uses_add(struct moor_exemption_uses *uses,
                             const struct moor_image_verdict *image);

/* Appends a line of text: `exemption 'agent' until 2026-12-05: 2 images admitted`. */
void moor_exemption_use_append(struct moor_buf *out, const struct moor_exemption_use *use);

/* Writes the member `exemptions`. */
void moor_exemption_uses_write(struct moor_json_writer *json,
                               const struct moor_exemption_uses *uses);

#endif
