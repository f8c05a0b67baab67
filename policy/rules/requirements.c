/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/requirements.h"

struct moor_requirements moor_requirements_overlay(struct moor_requirements before,
                                                   const struct moor_overlay *overlay)
{
    return (struct moor_requirements){
        .enforce = overlay->has_enforce ? overlay->requirements.enforce : before.enforce,
        .warn = overlay->has_warn ? overlay->requirements.warn : before.warn,
        .audit = overlay->has_audit ? overlay->requirements.audit : before.audit,
    };
}

/* The enumeration is in order of strictness. */
static enum moor_requirement lower(enum moor_requirement left, enum moor_requirement right)
{
    return left < right ? left : right;
}

struct moor_requirements moor_requirements_lower(struct moor_requirements left,
                                                 struct moor_requirements right)
{
    return (struct moor_requirements){lower(left.enforce, right.enforce),
                                      lower(left.warn, right.warn), lower(left.audit, right.audit)};
}

struct moor_requirements moor_requirements_for_name(const struct moor_environment *environment,
                                                    struct moor_slice name,
                                                    struct moor_matcher *matcher)
{
    /* An invalid reference has no name, so that no glob of `images` can relax its requirement. */
    if (name.len == 0) {
        return environment->requirements;
    }
    uint32_t index = moor_glob_index_lowest(&environment->image_index, name, matcher);
    return index < environment->image_count ? environment->images[index].requirements
                                            : environment->requirements;
}
