/* SPDX-License-Identifier: Apache-2.0 */
/* The tables for the keys of repositories and of exemptions. */
#include "policy/base/array_size.h"
#include "policy/base/pattern.h"
#include "policy/file/schema.h"
#include "policy/rules/policy.h"

#define OTHERWISE_MAX ((unsigned)(MOOR_LEVEL_BUILD - MOOR_LEVEL_ROLLING))

/*
 * The choices start at `rolling`: an entry cannot make a tag invalid.  They end at `build`: a
 * registry can move any tag, so no entry makes a tag equal to a digest.
 */
static const char *otherwise(unsigned index)
{
    return index <= OTHERWISE_MAX
               ? moor_level_name((enum moor_level)(index + (unsigned)MOOR_LEVEL_ROLLING))
               : NULL;
}

#define PATTERN_ITEMS "{\"items\":{\"$ref\":\"#/$defs/text\",\"maxLength\":512}}"

_Static_assert(MOOR_PATTERN_MAX_BYTES == 512, "PATTERN_ITEMS contains the limit");

#define REPOSITORY(member) offsetof(struct moor_schema_repository, member)
#define PATTERNS(kind)     (REPOSITORY(patterns) + (kind) * sizeof(struct moor_key_value))

static const struct moor_key repository_keys[] = {
    {.name = "match",
     .description = "Globs over the canonical name without tag.",

     .type = MOOR_KEY_TEXTS,
     .is_required = true,
     .offset = REPOSITORY(match),
     .hint = "globs over the repositories, as in [registry.example.com/**]"},
    {.name = "reason",
     .description = "Explanation, shown if the entry determines the level.",
     MOOR_KEY_PLAIN_TEXT(struct moor_repository, reason),
     .offset = REPOSITORY(reason)},
    {.name = "rolling",
     .description = "Regular expressions for tags that move.",
     .constraints = PATTERN_ITEMS,
     .type = MOOR_KEY_TEXTS,
     .offset = PATTERNS(MOOR_PATTERNS_ROLLING)},
    {.name = "build",
     .description = "Regular expressions for tags that identify one build.",
     .constraints = PATTERN_ITEMS,
     .type = MOOR_KEY_TEXTS,
     .offset = PATTERNS(MOOR_PATTERNS_BUILD)},
    {.name = "release",
     .description = "Regular expressions for tags that identify one release.",
     .constraints = PATTERN_ITEMS,
     .type = MOOR_KEY_TEXTS,
     .offset = PATTERNS(MOOR_PATTERNS_RELEASE)},
    {.name = "versionParts",
     .description = "Number of parts that a full version has (default: 3).",

     MOOR_KEY_PLAIN_NUMBER(struct moor_repository, version_parts),
     .offset = REPOSITORY(version_parts),
     .min = 1,
     .max = 9},
    {.name = "otherwise",
     .description = "Level of all other tags (default: that of their built-in class).",

     .type = MOOR_KEY_CHOICE,
     .offset = REPOSITORY(otherwise),
     .choice = otherwise},
};

const struct moor_key_table moor_schema_repository_table = {
    .name = "repositories",
    .description = "Classification of the tags of some repositories.",
    .what = "an item of 'repositories'",
    .keys = repository_keys,
    .count = MOOR_ARRAY_SIZE(repository_keys),
    .size = sizeof(struct moor_schema_repository),
};

/* --- exemptions ------------------------------------------------------------------------------- */

#define MATCH(member) offsetof(struct moor_schema_match, member)
#define GLOBS(text, key, says)                                         \
    {                                                                  \
        .name = (text), .description = (says), .type = MOOR_KEY_TEXTS, \
        .offset = MATCH(keys) + (key) * sizeof(struct moor_key_value)  \
    }

static const struct moor_key match_keys[] = {
    GLOBS("environments", MOOR_EXEMPTION_ENVIRONMENTS, "Globs over names of environments."),
    GLOBS("namespaces", MOOR_EXEMPTION_NAMESPACES, "Globs over names of namespaces."),
    GLOBS("kinds", MOOR_EXEMPTION_KINDS,
          "Globs over Kind or Kind.group; for Pods of controllers, those of the workload."),
    GLOBS("names", MOOR_EXEMPTION_NAMES,
          "Globs over names of objects; for Pods of controllers, those of the workload."),
    GLOBS("fields", MOOR_EXEMPTION_FIELDS,
          "Fields: containers, initContainers, ephemeralContainers, imageVolumes or annotations."),
    GLOBS("containers", MOOR_EXEMPTION_CONTAINERS,
          "Globs over names of containers and volumes, and keys of annotations."),
    {.name = "images",
     .description =
         "Globs over the canonical name with tag and digest; without a tag, all tags match.",
     .type = MOOR_KEY_TEXTS,
     .offset = MATCH(images)},
    GLOBS("users", MOOR_EXEMPTION_USERS, "Globs over user names."),
    GLOBS("groups", MOOR_EXEMPTION_GROUPS, "Globs over the groups of the user."),
};

static const struct moor_key_table match_table = {
    .name = "match",
    .description = "Conditions of the exemption; every key must match.",
    .constraints = "{\"minProperties\":1}",
    .what = "'match'",
    .keys = match_keys,
    .count = MOOR_ARRAY_SIZE(match_keys),
    .size = sizeof(struct moor_schema_match),
};

/* The choices start at `any`.  `digest` is not one, because an exemption lowers requirements. */
static const char *lowered(unsigned index)
{
    return index <= (unsigned)(MOOR_REQUIREMENT_BUILD - MOOR_REQUIREMENT_ANY)
               ? moor_requirement_name(
                     (enum moor_requirement)(index + (unsigned)MOOR_REQUIREMENT_ANY))
               : NULL;
}

#define EXEMPTION(member) offsetof(struct moor_schema_exemption, member)

static const struct moor_key exemption_keys[] = {
    {.name = "name",
     .description = "Name of the exemption, shown in messages, logs and metrics.",
     /* The same form as is_name() in build_exemptions.c: an editor sees only the JSON Schema. */
     .constraints = "{\"pattern\":\"^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$\"}",

     MOOR_KEY_PLAIN_TEXT(struct moor_exemption, name),
     .is_required = true,
     .offset = EXEMPTION(name),
     .hint = "messages, logs and metrics show it if the exemption admits an image"},
    {.name = "reason",
     .description = "Reason for the exemption, and where it is tracked.",
     .constraints = "{\"minLength\":8}",

     MOOR_KEY_PLAIN_TEXT(struct moor_exemption, reason),
     .is_required = true,
     .offset = EXEMPTION(reason),
     .hint = "state the reason, and where it is tracked"},
    {.name = "expires",
     .description = "Date (until its end, in UTC) or RFC 3339 time at which the exemption ends.",
     /* A schema can check only the form: the loader also rejects dates that do not exist. */
     .constraints = "{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt].+)?$\"}",
     .type = MOOR_KEY_TEXT,
     .offset = EXEMPTION(expires)},
    {.name = "permanent",
     .description = "Whether the exemption has no end.",
     MOOR_KEY_PLAIN_FLAG(struct moor_exemption, is_permanent),
     .offset = EXEMPTION(permanent)},
    {.name = "match",
     .description = "Conditions; every key must match, by any item of its list.",

     .type = MOOR_KEY_MAPPING,
     .is_required = true,
     .offset = EXEMPTION(match),
     .table = &match_table,
     .hint = "list the conditions of the exemption"},
    {.name = "enforce",
     .description = "Requirement in place of a higher one (default: any).",
     .type = MOOR_KEY_CHOICE,
     .offset = EXEMPTION(enforce),
     .choice = lowered},
};

const struct moor_key_table moor_schema_exemption_table = {
    .name = "exemption",
    .description = "Lower requirements for some images, for a limited time.",
    /* `oneOf` and not `anyOf`, because an exemption with an end cannot also be permanent. */
    .constraints =
        "{\"oneOf\":[{\"required\":[\"expires\"]},"
        "{\"properties\":{\"permanent\":{\"const\":true}},\"required\":[\"permanent\"]}]}",
    .what = "an exemption",
    .keys = exemption_keys,
    .count = MOOR_ARRAY_SIZE(exemption_keys),
    .size = sizeof(struct moor_schema_exemption),
};

_Static_assert(MOOR_ARRAY_SIZE(((struct moor_schema_match *)0)->keys) == MOOR_EXEMPTION_KEY_COUNT &&
                   MOOR_ARRAY_SIZE(((struct moor_schema_repository *)0)->patterns) ==
                       MOOR_PATTERNS_COUNT,
               "the records have a member for each key and kind");
