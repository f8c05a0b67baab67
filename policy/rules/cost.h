/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cost - how many matching steps a request has, and how many an image can take under a policy.
 *
 * Anyone who reaches the webhook may send any object, and a policy may be written to be slow.  So
 * the work of a request is counted in the steps of matcher.h, and ends at a fixed number, which is
 * the same for the server and the command line.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing but a matcher.
 */
#ifndef MOOR_POLICY_RULES_COST_H
#define MOOR_POLICY_RULES_COST_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdint.h>

struct moor_policy;

/* About 8 ms of a current CPU. */
#define MOOR_COST_MAX_STEPS   8000000
/* More images than real objects have: a policy for which the steps may not last is warned about. */
#define MOOR_COST_MANY_IMAGES 256

/* What an image costs by its length alone: reading and parsing it, and finding the class of a tag.
 */
static inline uint64_t moor_cost_of_image(size_t len)
{
    return 256 + len;
}

static inline uint64_t moor_cost_of_tag(size_t len)
{
    return 8 * len;
}

/* What of a policy takes steps for an image. */
enum moor_cost_part {
    MOOR_COST_PATTERNS,     /* of one entry for repositories */
    MOOR_COST_REPOSITORIES, /* the globs of all entries */
    MOOR_COST_IMAGES,       /* of one environment */
    MOOR_COST_EXEMPTIONS,
    MOOR_COST_PLACEHOLDERS
};

struct moor_cost {
    uint64_t image_steps;     /* of the costliest image, in all */
    enum moor_cost_part part; /* that takes most of them */
    uint64_t part_steps;      /* and how many it takes; 0: no part takes any */
    size_t index;             /* PATTERNS: of the repository; IMAGES: of the environment */
};

/* Estimates the steps of the costliest image.  Returns -1 if there is no memory. */
int moor_cost_estimate(struct moor_cost *out, const struct moor_policy *policy,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
