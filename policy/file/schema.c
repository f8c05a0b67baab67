/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/schema.h"
#include "policy/base/array_size.h"
#include "policy/rules/policy.h"

static const char *requirement(unsigned place)
{
    return place <= MOOR_REQUIREMENT_DIGEST ? moor_requirement_name((enum moor_requirement)place)
                                            : NULL;
}

static const char *mode(unsigned place)
{
    return place <= MOOR_MODE_ENFORCE ? moor_mode_name((enum moor_mode)place) : NULL;
}

#define DEMAND_HINT "it is one of ignore, any, release, build, digest"

/* The three levels, whose record starts at `base` in the record that holds the keys. */
#define LEVELS(base, needed)                                                                       \
    {.name = "enforce",                                                                            \
     .type = MOOR_KEY_CHOICE,                                                                      \
     .is_required = (needed),                                                                      \
     .offset = (base) + offsetof(struct moor_schema_requirements, enforce),                        \
     .choice = requirement,                                                                        \
     .hint = DEMAND_HINT},                                                                         \
        {.name = "warn",                                                                           \
         .type = MOOR_KEY_CHOICE,                                                                  \
         .offset = (base) + offsetof(struct moor_schema_requirements, warn),                       \
         .choice = requirement},                                                                   \
    {                                                                                              \
        .name = "audit", .type = MOOR_KEY_CHOICE,                                                  \
        .offset = (base) + offsetof(struct moor_schema_requirements, audit), .choice = requirement \
    }

static const struct moor_key requirements_keys[] = {LEVELS(0, false)};

static const struct moor_key_table requirements_table = {
    .what = "a set of levels",
    .keys = requirements_keys,
    .count = MOOR_ARRAY_SIZE(requirements_keys),
    .size = sizeof(struct moor_schema_requirements),
};

#define IMAGE_RULE(member) offsetof(struct moor_schema_image_rule, member)

static const struct moor_key image_rule_keys[] = {
    {.name = "match",
     .type = MOOR_KEY_TEXTS,
     .is_required = true,
     .offset = IMAGE_RULE(match),
     .hint = "it names the images: [registry.example.com/**]"},
    LEVELS(IMAGE_RULE(requirements), true),
};

static const struct moor_key_table image_rule_table = {
    .what = "an item of 'images'",
    .keys = image_rule_keys,
    .count = MOOR_ARRAY_SIZE(image_rule_keys),
    .size = sizeof(struct moor_schema_image_rule),
};

#define ENVIRONMENT(member) offsetof(struct moor_schema_environment, member)
#define FIELD(field)        (ENVIRONMENT(fields) + (field) * sizeof(struct moor_schema_requirements))

static const struct moor_key environment_keys[] = {
    {.name = "name",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = ENVIRONMENT(name),
     .hint = "verdicts and the path /validate/<name> use it"},
    {.name = "default", .type = MOOR_KEY_FLAG, .offset = ENVIRONMENT(is_default)},
    {.name = "mode", .type = MOOR_KEY_CHOICE, .offset = ENVIRONMENT(mode), .choice = mode},
    {.name = "namespaceLabels",
     .type = MOOR_KEY_TEXTS_BY_NAME,
     .offset = ENVIRONMENT(labels),
     .max = MOOR_SCHEMA_MAX_LABELS},
    {.name = "namespaces", .type = MOOR_KEY_TEXTS, .offset = ENVIRONMENT(namespaces)},
    LEVELS(ENVIRONMENT(requirements), true),
    {.name = "images",
     .type = MOOR_KEY_MAPPINGS,
     .offset = ENVIRONMENT(images),
     .max = MOOR_SCHEMA_MAX_IMAGE_RULES,
     .table = &image_rule_table},
    {.name = "initContainers",
     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_INIT_CONTAINERS),
     .table = &requirements_table},
    {.name = "ephemeralContainers",
     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_EPHEMERAL_CONTAINERS),
     .table = &requirements_table},
    {.name = "imageVolumes",
     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_IMAGE_VOLUMES),
     .table = &requirements_table},
    {.name = "unchanged",
     .type = MOOR_KEY_MAPPING,
     .offset = ENVIRONMENT(unchanged),
     .table = &requirements_table},
};

static const struct moor_key_table environment_table = {
    .what = "an environment",
    .keys = environment_keys,
    .count = MOOR_ARRAY_SIZE(environment_keys),
    .size = sizeof(struct moor_schema_environment),
};

#define CONTROLLERS(member) offsetof(struct moor_schema_controllers, member)

static const struct moor_key controllers_keys[] = {
    {.name = "users", .type = MOOR_KEY_TEXTS, .offset = CONTROLLERS(users)},
    LEVELS(CONTROLLERS(requirements), false),
};

static const struct moor_key_table controllers_table = {
    .what = "'controllers'",
    .keys = controllers_keys,
    .count = MOOR_ARRAY_SIZE(controllers_keys),
    .size = sizeof(struct moor_schema_controllers),
};

#define RESOURCE(member) offsetof(struct moor_schema_resource, member)

static const struct moor_key resource_keys[] = {
    {.name = "resource",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = RESOURCE(resource),
     .hint = "the plural and the group, as in 'rollouts.argoproj.io'"},
    {.name = "kind",
     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = RESOURCE(kind),
     .hint = "the kind, as in 'Rollout'"},
    {.name = "podSpecs", .type = MOOR_KEY_TEXTS, .offset = RESOURCE(pod_specs), .max = 32},
    {.name = "images", .type = MOOR_KEY_TEXTS, .offset = RESOURCE(images), .max = 32},
};

static const struct moor_key_table resource_table = {
    .what = "a custom resource",
    .keys = resource_keys,
    .count = MOOR_ARRAY_SIZE(resource_keys),
    .size = sizeof(struct moor_schema_resource),
};

#define POLICY(member) offsetof(struct moor_schema_policy, member)

static const struct moor_key policy_keys[] = {
    {.name = "version",
     .type = MOOR_KEY_NUMBER,
     .is_required = true,
     .offset = POLICY(version),
     .min = 1,
     .max = 1,
     .hint = "write 'version: 1'"},
    {.name = "grammar", .type = MOOR_KEY_NUMBER, .offset = POLICY(grammar), .min = 1, .max = 1},
    {.name = "mode", .type = MOOR_KEY_CHOICE, .offset = POLICY(mode), .choice = mode},
    {.name = "environments",
     .type = MOOR_KEY_MAPPINGS,
     .is_required = true,
     .offset = POLICY(environments),
     .max = MOOR_SCHEMA_MAX_ENVIRONMENTS,
     .table = &environment_table,
     .hint = "it says what is asked for where; at least one, which is the default"},
    {.name = "controllers",
     .type = MOOR_KEY_MAPPING,
     .offset = POLICY(controllers),
     .table = &controllers_table},
    {.name = "repositories",
     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(repositories),
     .max = MOOR_SCHEMA_MAX_REPOSITORIES,
     .table = &moor_schema_repository_table},
    {.name = "exemptions",
     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(exemptions),
     .max = MOOR_SCHEMA_MAX_EXEMPTIONS,
     .table = &moor_schema_exemption_table},
    {.name = "customResources",
     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(custom_resources),
     .table = &resource_table},
    {.name = "placeholders", .type = MOOR_KEY_TEXTS, .offset = POLICY(placeholders)},
    {.name = "imageAnnotations",
     .type = MOOR_KEY_TEXTS,
     .offset = POLICY(annotations),
     .max = MOOR_ANNOTATION_MAX_OWN},
};

const struct moor_key_table moor_schema_policy_table = {
    .what = "a policy",
    .keys = policy_keys,
    .count = MOOR_ARRAY_SIZE(policy_keys),
    .size = sizeof(struct moor_schema_policy),
};

_Static_assert(MOOR_ARRAY_SIZE(environment_keys) <= MOOR_KEYS_MAX, "the engine counts on it");
