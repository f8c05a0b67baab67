/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cost - how many matching steps a request has, and whether a policy can need more.
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

#endif
