/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of what a policy says about some repositories and exempts. */
#include "policy/rules/policy.h"
#include "policy/rules/shape.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define OTHERWISE_MAX ((unsigned)(MOOR_LEVEL_BUILD - MOOR_LEVEL_ROLLING))

/* The place is counted from `rolling`. */
static const char *otherwise(unsigned place)
{
    return place <= OTHERWISE_MAX
               ? moor_level_name((enum moor_level)(place + (unsigned)MOOR_LEVEL_ROLLING))
               : NULL;
}

#define REPOSITORY(member) offsetof(struct moor_shape_repository, member)
#define PATTERNS(kind)     (REPOSITORY(patterns) + (kind) * sizeof(struct moor_key_value))

static const struct moor_key repository_keys[] = {
    {.name = "match",
     .type = MOOR_KEY_TEXTS,
     .is_required = true,
     .offset = REPOSITORY(match),
     .hint = "it names the repositories: [registry.example.com/**]"},
    {.name = "reason", .type = MOOR_KEY_TEXT, .offset = REPOSITORY(reason)},
    {.name = "rolling", .type = MOOR_KEY_TEXTS, .offset = PATTERNS(MOOR_PATTERNS_ROLLING)},
    {.name = "build", .type = MOOR_KEY_TEXTS, .offset = PATTERNS(MOOR_PATTERNS_BUILD)},
    {.name = "release", .type = MOOR_KEY_TEXTS, .offset = PATTERNS(MOOR_PATTERNS_RELEASE)},
    {.name = "versionParts",
     .type = MOOR_KEY_NUMBER,
     .offset = REPOSITORY(version_parts),
     .min = 1,
     .max = 9},
    {.name = "otherwise",
     .type = MOOR_KEY_CHOICE,
     .offset = REPOSITORY(otherwise),
     .choice = otherwise},
};

const struct moor_key_table moor_shape_repository_table = {
    .what = "an item of 'repositories'",
    .keys = repository_keys,
    .count = LENGTH(repository_keys),
    .size = sizeof(struct moor_shape_repository),
};
