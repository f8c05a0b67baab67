/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cost - the work that a request may take, and an estimate of the work of an image under a policy.
 *
 * Any client that reaches the webhook can send any object, and a policy can be slow to match.  The
 * work of a request is therefore counted in the steps of matcher.h and ends at a fixed number.  The
 * number is the same for the server and the command line, so that both give the same decision.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates only a matcher.
 */
#ifndef MOOR_POLICY_RULES_COST_H
#define MOOR_POLICY_RULES_COST_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

#include <stdint.h>

struct moor_policy;

/* Maximum number of steps of a request: about 8 ms on a current CPU. */
#define MOOR_COST_MAX_STEPS   8000000
/* More images than real objects have; the loader warns if the steps may not last for so many. */
#define MOOR_COST_MANY_IMAGES 256

/* Returns the steps for reading and parsing an image of `len` bytes. */

static inline uint64_t moor_cost_of_image(size_t len)
{
    return 256 + len;
}

/* Returns the steps for classifying a tag of `len` bytes. */
static inline uint64_t moor_cost_of_tag(size_t len)
{
    return 8 * len;
}

/* The parts of a policy that take steps for an image. */
enum moor_cost_part {
    MOOR_COST_PATTERNS,     /* the patterns of an entry for repositories */
    MOOR_COST_REPOSITORIES, /* the globs of all entries for repositories */
    MOOR_COST_IMAGES,       /* the `images` of an environment */
    MOOR_COST_EXEMPTIONS,   /* the globs of all exemptions */
    MOOR_COST_PLACEHOLDERS  /* the placeholders */
};

/* The estimate for the costliest image. */
struct moor_cost {
    uint64_t image_steps;     /* steps in total */
    enum moor_cost_part part; /* the part that takes most of them */
    uint64_t part_steps;      /* steps of that part; 0: no part takes any */
    size_t index;             /* PATTERNS: the repository; IMAGES: the environment */
};

/* Estimates the steps of the costliest image under a policy.  Returns -1 if there is no memory. */
int moor_cost_estimate(struct moor_cost *out, const struct moor_policy *policy,
                       struct moor_error *err) MOOR_MUST_CHECK;

#endif
