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

/* A label of RFC 1123, and a label value of Kubernetes. */
#define LABEL       "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
#define LABEL_TEXT  "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

#define DEMAND_HINT "one of ignore, any, release, build, digest"

/* The three requirements, whose record starts at `base` in the record that holds the keys. */
#define LEVELS(base, needed)                                                                       \
    {.name = "enforce",                                                                            \
     .description = "Requirement below which an image is denied.",                                 \
     .type = MOOR_KEY_CHOICE,                                                                      \
     .is_required = (needed),                                                                      \
     .offset = (base) + offsetof(struct moor_schema_requirements, enforce),                        \
     .choice = requirement,                                                                        \
     .hint = DEMAND_HINT},                                                                         \
        {.name = "warn",                                                                           \
         .description = "Requirement below which an image is admitted with a warning.",            \
         .type = MOOR_KEY_CHOICE,                                                                  \
         .offset = (base) + offsetof(struct moor_schema_requirements, warn),                       \
         .choice = requirement},                                                                   \
    {                                                                                              \
        .name = "audit",                                                                           \
        .description = "Requirement below which an image is admitted and audited.",                \
        .type = MOOR_KEY_CHOICE,                                                                   \
        .offset = (base) + offsetof(struct moor_schema_requirements, audit), .choice = requirement \
    }

static const struct moor_key requirements_keys[] = {LEVELS(0, false)};

static const struct moor_key_table requirements_table = {
    .name = "levels",
    .description = "Requirements; a key that is not given keeps the value that applies otherwise.",
    .what = "a set of requirements",
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
     .hint = "globs over the images, as in [registry.example.com/**]"},
    LEVELS(IMAGE_RULE(requirements), true),
};

static const struct moor_key_table image_rule_table = {
    .name = "images",
    .description = "Requirements for some images; warn defaults to enforce, audit to warn.",
    .what = "an item of 'images'",
    .keys = image_rule_keys,
    .count = MOOR_ARRAY_SIZE(image_rule_keys),
    .size = sizeof(struct moor_schema_image_rule),
};

#define ENVIRONMENT(member) offsetof(struct moor_schema_environment, member)
#define FIELD(field)        (ENVIRONMENT(fields) + (field) * sizeof(struct moor_schema_requirements))

static const struct moor_key environment_keys[] = {
    {.name = "name",
     .description = "Name of the environment, as in the URL path /validate/<name>.",
     .constraints = "{\"pattern\":\"^" LABEL "$\"}",

     MOOR_KEY_PLAIN_TEXT(struct moor_environment, name),
     .is_required = true,
     .offset = ENVIRONMENT(name),
     .hint = "messages and the URL path /validate/<name> contain it"},
    {.name = "default",
     .description = "Whether this is the environment of all namespaces that no other matches.",
     MOOR_KEY_PLAIN_FLAG(struct moor_environment, is_default),
     .offset = ENVIRONMENT(is_default)},
    {.name = "mode",
     .description = "Mode of this environment, in place of the policy's.",
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
     .description = "Globs over the name of the namespace.",
     MOOR_KEY_PLAIN_GLOBS(struct moor_environment, namespaces),
     .offset = ENVIRONMENT(namespaces)},
    LEVELS(ENVIRONMENT(requirements), true),
    {.name = "images",
     .description = "Requirements for some images; the first match applies.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = ENVIRONMENT(images),
     .max = MOOR_SCHEMA_MAX_IMAGE_RULES,
     .table = &image_rule_table},
    {.name = "initContainers",
     .description = "Requirements for init containers.",

     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_INIT_CONTAINERS),
     .table = &requirements_table},
    {.name = "ephemeralContainers",
     .description = "Requirements for ephemeral containers, as of 'kubectl debug'.",

     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_EPHEMERAL_CONTAINERS),
     .table = &requirements_table},
    {.name = "imageVolumes",
     .description = "Requirements for image volumes.",

     .type = MOOR_KEY_MAPPING,
     .offset = FIELD(MOOR_FIELD_IMAGE_VOLUMES),
     .table = &requirements_table},
    {.name = "unchanged",
     .description = "Requirements for images that the old object already had (enforce: any).",

     .type = MOOR_KEY_MAPPING,
     .offset = ENVIRONMENT(unchanged),
     .table = &requirements_table},
};

const struct moor_key_table moor_schema_environment_table = {
    .name = "environment",
    .description = "Namespaces and their requirements; warn defaults to enforce, audit to warn.",
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
    .description = "Users of controller requests, and the requirements for these requests.",
    .what = "'controllers'",
    .keys = controllers_keys,
    .count = MOOR_ARRAY_SIZE(controllers_keys),
    .size = sizeof(struct moor_schema_controllers),
};

#define RESOURCE(member) offsetof(struct moor_schema_resource, member)

static const struct moor_key resource_keys[] = {
    {.name = "resource",
     .description = "Plural and group, as in rollouts.argoproj.io.",
     .constraints = "{\"pattern\":\"^" LABEL "(\\\\." LABEL ")+$\"}",

     .type = MOOR_KEY_TEXT,
     .is_required = true,
     .offset = RESOURCE(resource),
     .hint = "the plural and the group, as in 'rollouts.argoproj.io'"},
    {.name = "kind",
     .description = "Kind, as in Rollout.",
     .constraints = "{\"pattern\":\"^[A-Za-z][-A-Za-z0-9]{0,62}$\"}",

     MOOR_KEY_PLAIN_TEXT(struct moor_custom_resource, kind.kind),
     .is_required = true,
     .offset = RESOURCE(kind),
     .hint = "the kind, as in 'Rollout'"},
    {.name = "podSpecs",
     .description = "Paths to Pod specifications, as in spec.template.spec.",
     .type = MOOR_KEY_TEXTS,
     .offset = RESOURCE(pod_specs),
     .max = 100},
    {.name = "images",
     .description = "Paths to images, as in spec.containers[*].image.",
     .type = MOOR_KEY_TEXTS,
     .offset = RESOURCE(images),
     .max = 100},
};

const struct moor_key_table moor_schema_resource_table = {
    .name = "resource",
    .description = "Custom resource, and the paths to its images.",
    .constraints = "{\"anyOf\":[{\"required\":[\"podSpecs\"]},{\"required\":[\"images\"]}]}",
    .what = "a custom resource",
    .keys = resource_keys,
    .count = MOOR_ARRAY_SIZE(resource_keys),
    .size = sizeof(struct moor_schema_resource),
};

#define POLICY(member) offsetof(struct moor_schema_policy, member)

static const struct moor_key policy_keys[] = {
    {.name = "version",
     /* A later version may give keys another meaning, so that an unknown one is an error. */
     .description = "Version of the file format.",

     MOOR_KEY_PLAIN_NUMBER(struct moor_policy, version),
     .is_required = true,
     .offset = POLICY(version),
     .min = 1,
     .max = 1,
     .hint = "write 'version: 1'"},
    {.name = "grammar",
     .description = "Version of the rules that classify tags.",
     .type = MOOR_KEY_NUMBER,
     .offset = POLICY(grammar),
     .min = 1,
     .max = 1},
    {.name = "mode",
     .description =
         "Cap on decisions: warn turns denials into warnings, audit turns both into audit records.",
     .type = MOOR_KEY_CHOICE,
     .offset = POLICY(mode),
     .choice = mode},
    {.name = "environments",
     .description =
         "Environments; the first whose labels or namespaces match applies, else the default.",
     .constraints =
         "{\"contains\":{\"properties\":{\"default\":{\"const\":true}},\"required\":[\"default\"]},"
         "\"minContains\":1,\"maxContains\":1}",

     .type = MOOR_KEY_MAPPINGS,
     .is_required = true,
     .offset = POLICY(environments),
     .max = MOOR_SCHEMA_MAX_ENVIRONMENTS,
     .table = &moor_schema_environment_table,
     .hint = "list at least one environment, the default"},
    {.name = "controllers",
     .description = "Users of controller requests, and the requirements for these requests.",

     .type = MOOR_KEY_MAPPING,
     .offset = POLICY(controllers),
     .table = &controllers_table},
    {.name = "repositories",
     .description = "Classification of the tags of some repositories; the first match applies.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(repositories),
     .max = MOOR_SCHEMA_MAX_REPOSITORIES,
     .table = &moor_schema_repository_table},
    {.name = "exemptions",
     .description = "Lower requirements for some images, for a limited time.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(exemptions),
     .max = MOOR_SCHEMA_MAX_EXEMPTIONS,
     .table = &moor_schema_exemption_table},
    {.name = "customResources",
     .description = "Paths to the images in custom resources.",

     .type = MOOR_KEY_MAPPINGS,
     .offset = POLICY(custom_resources),
     .table = &moor_schema_resource_table},
    {.name = "placeholders",
     .description = "Images that a webhook replaces before the Pod is created (default: auto).",
     .type = MOOR_KEY_TEXTS,
     .offset = POLICY(placeholders)},
    {.name = "imageAnnotations",
     .description =
         "Keys of annotations on Pods and Pod templates whose values an injector uses as "
         "images; added to the built-in keys.",
     .constraints =
         "{\"items\":{\"$ref\":\"#/$defs/text\",\"pattern\":\"^([-a-z0-9.]{1,253}/)?" LABEL_TEXT
         "$\"}}",

     .type = MOOR_KEY_TEXTS,
     .offset = POLICY(annotations),
     .max = MOOR_ANNOTATION_MAX_OWN},
};

const struct moor_key_table moor_schema_policy_table = {
    .name = "policy",
    .description = "Requirements of tagmoor for container images: see tagmoor-policy(5).",
    .what = "a policy",
    .keys = policy_keys,
    .count = MOOR_ARRAY_SIZE(policy_keys),
    .size = sizeof(struct moor_schema_policy),
};

_Static_assert(MOOR_ARRAY_SIZE(environment_keys) <= MOOR_KEYS_MAX, "the engine counts on it");
