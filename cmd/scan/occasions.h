/* SPDX-License-Identifier: Apache-2.0 */
/*
 * occasions - the verdicts on one object, on each occasion that can occur for it.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows the verdicts.
 */
#ifndef MOOR_CMD_SCAN_OCCASIONS_H
#define MOOR_CMD_SCAN_OCCASIONS_H

#include "cmd/scan/workloads.h"

/* The verdicts by occasion.  Only those that are marked exist. */
struct moor_occasions {
    struct moor_verdict verdicts[MOOR_SCAN_WHEN_COUNT];
    bool is_judged[MOOR_SCAN_WHEN_COUNT];
};

/*
 * Stores the decisions for the image at `index` in `*out`, and returns the most severe verdict on
 * it; NULL if there is none.
 */
const struct moor_image_verdict *moor_occasions_weigh(struct moor_scan_decisions *out,
                                                      const struct moor_occasions *occasions,
                                                      size_t index);

/* Returns the verdict that contains the verdict on an image; NULL if none does. */
const struct moor_verdict *moor_occasions_of(const struct moor_occasions *occasions,
                                             const struct moor_image_verdict *image);

#endif
