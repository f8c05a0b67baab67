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

#define LABEL       "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
#define LABEL_TEXT  "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

#define DEMAND_HINT "it is one of ignore, any, release, build, digest"

/* The three levels, whose record starts at `base` in the record that holds the keys. */
#define LEVELS(base, needed)                                                                       \
    {.name = "enforce",                                                                            \
     .description = "Deny below this level.",                                                      \
     .type = MOOR_KEY_CHOICE,                                                                      \
     .is_required = (needed),                                                                      \
     .offset = (base) + offsetof(struct moor_schema_requirements, enforce),                        \
     .choice = requirement,                                                                        \
     .hint = DEMAND_HINT},                                                                         \
        {.name = "warn",                                                                           \
         .description = "Admit with a warning below this level; as enforce where not given.",      \
         .type = MOOR_KEY_CHOICE,                                                                  \
         .offset = (base) + offsetof(struct moor_schema_requirements, warn),                       \
         .choice = requirement},                                                                   \
    {                                                                                              \
        .name = "audit",                                                                           \
        .description = "Admit and record below this level; as warn where not given.",              \
        .type = MOOR_KEY_CHOICE,                                                                   \
        .offset = (base) + offsetof(struct moor_schema_requirements, audit), .choice = requirement \
    }

static const struct moor_key requirements_keys[] = {LEVELS(0, false)};

static const struct moor_key_table requirements_table = {
    .name = "levels",
    .description = "Levels of which those not given stay as they were.",
    .what = "a set of levels",
    .keys = requirements_keys,
    .count = MOOR_ARRAY_SIZE(requirements_keys),
    .size = sizeof(struct moor_schema_requirements),
};

#define IMAGE_RULE(member) offsetof(struct moor_schema_image_rule, member)

static const struct moor_key image_rule_keys[] = {
    {.name = "match",
     .description = "Globs over the canonical name without tag.",

     .type = MOOR_KEY_TEXTS,
     .is_required = true,
     .offset = IMAGE_RULE(match),
     .hint = "it names the images: [registry.example.com/**]"},
    LEVELS(IMAGE_RULE(requirements), true),
};

static const struct moor_key_table image_rule_table = {
    .name = "images",
    .description = "Levels for some images.",
    .what = "an item of 'images'",
    .keys = image_rule_keys,
    .count = MOOR_ARRAY_SIZE(image_rule_keys),
    .size = sizeof(struct moor_schema_image_rule),
};

#define ENVIRONMENT(member) offsetof(struct moor_schema_environment, member)
#define FIELD(field)        (ENVIRONMENT(fields) + (field) * sizeof(struct moor_schema_requirements))

static const struct moor_key environment_keys[] = {
    {.name = "name",
     .description = "Stands in verdicts and in the path /validate/<name>.",
     .constraints = "{\"pattern\":\"^" LABEL "$\"}",

     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = ENVIRONMENT(name),
     .hint = "verdicts and the path /validate/<name> use it"},
    {.name = "default",
     .description = "Takes what no other environment takes.",
     .type = MOOR_KEY_FLAG,
     .offset = ENVIRONMENT(is_default)},
    {.name = "mode",
     .description = "In place of the policy's.",
     .type = MOOR_KEY_CHOICE,
     .offset = ENVIRONMENT(mode),
     .choice = mode},
    {.name = "namespaceLabels",
     .description = "Labels that the namespace must have, each with one of its values.",
     .constraints =
         "{\"propertyNames\":{\"pattern\":\"^([-a-z0-9.]{1,253}/)?" LABEL_TEXT "$\"},"
         "\"additionalProperties\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":256,\"items\":"
         "{\"$ref\":\"#/$defs/text\",\"pattern\":\"^" LABEL_TEXT "$\"}}}",

     .type = MOOR_KEY_TEXTS_BY_NAME,
     .offset = ENVIRONMENT(labels),
     .max = MOOR_SCHEMA_MAX_LABELS},
    {.name = "namespaces",
     .description = "Globs over the namespace's name.",
     .type = MOOR_KEY_TEXTS,
     .offset = ENVIRONMENT(namespaces)},
    LEVELS(ENVIRONMENT(requirements), true),
    {.name = "images",
     .description = "Other levels for some images; the first match holds.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = ENVIRONMENT(images),
     .max = MOOR_SCHEMA_MAX_IMAGE_RULES,
     .table = &image_rule_table},
    {.name = "initContainers",
     .description = "Other levels for init containers.",

     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_INIT_CONTAINERS),
     .table = &requirements_table},
    {.name = "ephemeralContainers",
     .description = "Other levels for 'kubectl debug'.",

     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_EPHEMERAL_CONTAINERS),
     .table = &requirements_table},
    {.name = "imageVolumes",
     .description = "Other levels for image volumes.",

     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_IMAGE_VOLUMES),
     .table = &requirements_table},
    {.name = "unchanged",
     .description = "Other levels for an image that the old object already had.",

     .type = MOOR_KEY_MAPPING,
     .offset = ENVIRONMENT(unchanged),
     .table = &requirements_table},
};

static const struct moor_key_table environment_table = {
    .name = "environment",
    .description = "Some namespaces, and what is asked there.",
    .constraints =
        "{\"anyOf\":[{\"required\":[\"namespaces\"]},{\"required\":[\"namespaceLabels\"]},"
        "{\"properties\":{\"default\":{\"const\":true}},\"required\":[\"default\"]}]}",
    .what = "an environment",
    .keys = environment_keys,
    .count = MOOR_ARRAY_SIZE(environment_keys),
    .size = sizeof(struct moor_schema_environment),
};

#define CONTROLLERS(member) offsetof(struct moor_schema_controllers, member)

static const struct moor_key controllers_keys[] = {
    {.name = "users",
     .description = "Globs over user names, added to the built-in controllers.",
     .type = MOOR_KEY_TEXTS,
     .offset = CONTROLLERS(users)},
    LEVELS(CONTROLLERS(requirements), false),
};

static const struct moor_key_table controllers_table = {
    .name = "controllers",
    .description = "Users who only carry out what was judged, and what is asked of them.",
    .what = "'controllers'",
    .keys = controllers_keys,
    .count = MOOR_ARRAY_SIZE(controllers_keys),
    .size = sizeof(struct moor_schema_controllers),
};

#define RESOURCE(member) offsetof(struct moor_schema_resource, member)

static const struct moor_key resource_keys[] = {
    {.name = "resource",
     .description = "The plural and the group, as in rollouts.argoproj.io.",
     .constraints = "{\"pattern\":\"^" LABEL "(\\\\." LABEL ")+$\"}",

     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = RESOURCE(resource),
     .hint = "the plural and the group, as in 'rollouts.argoproj.io'"},
    {.name = "kind",
     .description = "The kind, as in Rollout.",
     .constraints = "{\"pattern\":\"^[A-Za-z][-A-Za-z0-9]{0,62}$\"}",

     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = RESOURCE(kind),
     .hint = "the kind, as in 'Rollout'"},
    {.name = "podSpecs",
     .description = "Paths to Pod specifications, as in spec.template.spec.",
     .type = MOOR_KEY_TEXTS,
     .offset = RESOURCE(pod_specs),
     .max = 32},
    {.name = "images",
     .description = "Paths to images, as in spec.containers[*].image.",
     .type = MOOR_KEY_TEXTS,
     .offset = RESOURCE(images),
     .max = 32},
};

static const struct moor_key_table resource_table = {
    .name = "resource",
    .description = "A kind, and where images stand in it.",
    .constraints = "{\"anyOf\":[{\"required\":[\"podSpecs\"]},{\"required\":[\"images\"]}]}",
    .what = "a custom resource",
    .keys = resource_keys,
    .count = MOOR_ARRAY_SIZE(resource_keys),
    .size = sizeof(struct moor_schema_resource),
};

#define POLICY(member) offsetof(struct moor_schema_policy, member)

static const struct moor_key policy_keys[] = {
    {.name = "version",
     .description = "The version of the file's shape.",

     .type = MOOR_KEY_NUMBER,
     .is_required = true,
     .offset = POLICY(version),
     .min = 1,
     .max = 1,
     .hint = "write 'version: 1'"},
    {.name = "grammar",
     .description = "The version of the tag classes that 'enforce' uses.",
     .type = MOOR_KEY_NUMBER,
     .offset = POLICY(grammar),
     .min = 1,
     .max = 1},
    {.name = "mode",
     .description =
         "Caps every environment: warn makes warnings of denials, audit records of both.",
     .type = MOOR_KEY_CHOICE,
     .offset = POLICY(mode),
     .choice = mode},
    {.name = "environments",
     .description = "In order: the first whose labels or namespaces match; one is the default.",
     .constraints =
         "{\"contains\":{\"properties\":{\"default\":{\"const\":true}},\"required\":[\"default\"]},"
         "\"minContains\":1,\"maxContains\":1}",

     .type = MOOR_KEY_MAPPINGS,
     .is_required = true,
     .offset = POLICY(environments),
     .max = MOOR_SCHEMA_MAX_ENVIRONMENTS,
     .table = &environment_table,
     .hint = "it says what is asked for where; at least one, which is the default"},
    {.name = "controllers",
     .description = "Users who only carry out what was judged when a person wrote it.",

     .type = MOOR_KEY_MAPPING,
     .offset = POLICY(controllers),
     .table = &controllers_table},
    {.name = "repositories",
     .description = "What is known about the tags of some repositories; the first match holds.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(repositories),
     .max = MOOR_SCHEMA_MAX_REPOSITORIES,
     .table = &moor_schema_repository_table},
    {.name = "exemptions",
     .description = "Less is asked of what matches, for a time.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(exemptions),
     .max = MOOR_SCHEMA_MAX_EXEMPTIONS,
     .table = &moor_schema_exemption_table},
    {.name = "customResources",
     .description = "Where images stand in kinds that Kubernetes does not know.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(custom_resources),
     .table = &resource_table},
    {.name = "placeholders",
     .description = "Images that something fills in before a Pod is made.",
     .type = MOOR_KEY_TEXTS,
     .offset = POLICY(placeholders)},
    {.name = "imageAnnotations",
     .description = "Keys of annotations of Pods and Pod templates that an injector takes as "
                    "images; added to the "
                    "built-in ones.",
     .constraints =
         "{\"items\":{\"$ref\":\"#/$defs/text\",\"pattern\":\"^([-a-z0-9.]{1,253}/)?" LABEL_TEXT
         "$\"}}",

     .type = MOOR_KEY_TEXTS,
     .offset = POLICY(annotations),
     .max = MOOR_ANNOTATION_MAX_OWN},
};

const struct moor_key_table moor_schema_policy_table = {
    .name = "policy",
    .description = "What tagmoor asks of container images, and where: see tagmoor-policy(5).",
    .what = "a policy",
    .keys = policy_keys,
    .count = MOOR_ARRAY_SIZE(policy_keys),
    .size = sizeof(struct moor_schema_policy),
};

_Static_assert(MOOR_ARRAY_SIZE(environment_keys) <= MOOR_KEYS_MAX, "the engine counts on it");
