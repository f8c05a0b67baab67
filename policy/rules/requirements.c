/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/requirements.h"

struct moor_levels moor_levels_overlay(struct moor_levels before,
                                       const struct moor_overlay *overlay)
{
    return (struct moor_levels){
        .enforce = overlay->has_enforce ? overlay->levels.enforce : before.enforce,
        .warn = overlay->has_warn ? overlay->levels.warn : before.warn,
        .audit = overlay->has_audit ? overlay->levels.audit : before.audit,
    };
}

static enum moor_demand lower(enum moor_demand left, enum moor_demand right)
{
    return left < right ? left : right;
}

struct moor_levels moor_levels_lower(struct moor_levels left, struct moor_levels right)
{
    return (struct moor_levels){lower(left.enforce, right.enforce), lower(left.warn, right.warn),
                                lower(left.audit, right.audit)};
}

struct moor_levels moor_levels_for_name(const struct moor_environment *environment,
                                        struct moor_slice name, struct moor_matcher *matcher)
{
    if (name.len == 0) {
        return environment->levels;
    }
    uint32_t place = moor_glob_index_lowest(&environment->image_index, name, matcher);
    return place < environment->image_count ? environment->images[place].levels
                                            : environment->levels;
}
