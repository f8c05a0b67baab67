/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of what a policy says about some repositories and exempts. */
#include "policy/base/array_size.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

#define OTHERWISE_MAX ((unsigned)(MOOR_LEVEL_BUILD - MOOR_LEVEL_ROLLING))

/* The place is counted from `rolling`. */
static const char *otherwise(unsigned place)
{
    return place <= OTHERWISE_MAX
               ? moor_level_name((enum moor_level)(place + (unsigned)MOOR_LEVEL_ROLLING))
               : NULL;
}

#define REPOSITORY(member) offsetof(struct moor_schema_repository, member)
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

const struct moor_key_table moor_schema_repository_table = {
    .what = "an item of 'repositories'",
    .keys = repository_keys,
    .count = MOOR_ARRAY_SIZE(repository_keys),
    .size = sizeof(struct moor_schema_repository),
};

/* --- exemptions ------------------------------------------------------------------------------- */

#define MATCH(member) offsetof(struct moor_schema_match, member)
#define GLOBS(text, key)                                              \
    {                                                                 \
        .name = (text), .type = MOOR_KEY_TEXTS,                       \
        .offset = MATCH(keys) + (key) * sizeof(struct moor_key_value) \
    }

static const struct moor_key match_keys[] = {
    GLOBS("environments", MOOR_EXEMPTION_ENVIRONMENTS),
    GLOBS("namespaces", MOOR_EXEMPTION_NAMESPACES),
    GLOBS("kinds", MOOR_EXEMPTION_KINDS),
    GLOBS("names", MOOR_EXEMPTION_NAMES),
    GLOBS("fields", MOOR_EXEMPTION_FIELDS),
    GLOBS("containers", MOOR_EXEMPTION_CONTAINERS),
    {.name = "images", .type = MOOR_KEY_TEXTS, .offset = MATCH(images)},
    GLOBS("users", MOOR_EXEMPTION_USERS),
    GLOBS("groups", MOOR_EXEMPTION_GROUPS),
};

static const struct moor_key_table match_table = {
    .what = "'match'",
    .keys = match_keys,
    .count = MOOR_ARRAY_SIZE(match_keys),
    .size = sizeof(struct moor_schema_match),
};

/* The place is counted from `any`; a digest is asked of nobody who is exempt. */
static const char *lowered(unsigned place)
{
    return place <= (unsigned)(MOOR_REQUIREMENT_BUILD - MOOR_REQUIREMENT_ANY)
               ? moor_requirement_name(
                     (enum moor_requirement)(place + (unsigned)MOOR_REQUIREMENT_ANY))
               : NULL;
}

#define EXEMPTION(member) offsetof(struct moor_schema_exemption, member)

static const struct moor_key exemption_keys[] = {
    {.name = "name",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = EXEMPTION(name),
     .hint = "verdicts and logs say by it why an image passed"},
    {.name = "reason",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = EXEMPTION(reason),
     .hint = "say why, and where that is tracked"},
    {.name = "expires", .type = MOOR_KEY_TEXT, .offset = EXEMPTION(expires)},
    {.name = "permanent", .type = MOOR_KEY_FLAG, .offset = EXEMPTION(permanent)},
    {.name = "match",
     .type = MOOR_KEY_MAPPING,
     .is_required = true,
     .offset = EXEMPTION(match),
     .table = &match_table,
     .hint = "it says what is exempt"},
    {.name = "enforce", .type = MOOR_KEY_CHOICE, .offset = EXEMPTION(enforce), .choice = lowered},
};

const struct moor_key_table moor_schema_exemption_table = {
    .what = "an exemption",
    .keys = exemption_keys,
    .count = MOOR_ARRAY_SIZE(exemption_keys),
    .size = sizeof(struct moor_schema_exemption),
};

_Static_assert(MOOR_ARRAY_SIZE(((struct moor_schema_match *)0)->keys) == MOOR_EXEMPTION_KEY_COUNT &&
                   MOOR_ARRAY_SIZE(((struct moor_schema_repository *)0)->patterns) ==
                       MOOR_PATTERNS_COUNT,
               "the records have a field for each");
