/* SPDX-License-Identifier: Apache-2.0 */
/*
 * levels - which levels hold for an image: each rule replaces or lowers what those before it said.
 *
 * Threads:  pure, any thread with a matcher.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_RULES_REQUIREMENTS_H
#define MOOR_POLICY_RULES_REQUIREMENTS_H

#include "policy/rules/policy.h"

/* `before`, with what the overlay gives in its place. */
struct moor_requirements moor_requirements_overlay(struct moor_requirements before,
                                                   const struct moor_overlay *overlay);

/* The lower one of each. */
struct moor_requirements moor_requirements_lower(struct moor_requirements left,
                                                 struct moor_requirements right);

/*
 * The environment's levels for an image of this canonical name, without tag: those of the first of
 * its `images` that matches, else its own.  An empty name, of what is no reference, matches none.
 */
struct moor_requirements moor_requirements_for_name(const struct moor_environment *environment,
                                                    struct moor_slice name,
                                                    struct moor_matcher *matcher);

/* Whether an image of this level satisfies the requirement. */
static inline bool moor_level_satisfies(enum moor_level level, enum moor_requirement requirement)
{
    return (int)level >= (int)requirement;
}

#endif
