/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirements - the requirements for an image, after each rule has replaced or lowered them.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_RULES_REQUIREMENTS_H
#define MOOR_POLICY_RULES_REQUIREMENTS_H

#include "policy/rules/policy.h"

/* Returns `before` with the requirements that the overlay gives. */
struct moor_requirements moor_requirements_overlay(struct moor_requirements before,
                                                   const struct moor_overlay *overlay);

/* Returns the lower requirement of each pair. */
struct moor_requirements moor_requirements_lower(struct moor_requirements left,
                                                 struct moor_requirements right);

/*
 * Returns the environment's requirements for an image with this canonical name, without tag.  The
 * first of its `images` that matches applies, else the environment's own.  An empty name, for a
 * text that is not a reference, matches none.
 */
struct moor_requirements moor_requirements_for_name(const struct moor_environment *environment,
                                                    struct moor_slice name,
                                                    struct moor_matcher *matcher);

/* Returns whether an image with this level satisfies the requirement. */
static inline bool moor_level_satisfies(enum moor_level level, enum moor_requirement requirement)
{
    return (int)level >= (int)requirement;
}

#endif
