/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema - the records of a policy file as written, before defaults and inheritance.
 *
 * To add a key, add a member here and a row to the tables of schema.c or schema_rules.c.  The
 * loader and the JSON Schema are made from the tables, and so are build and show of plain keys.
 * tests/golden/policy_schema_test.py requires an entry in tagmoor-policy(5) too.
 *
 * Threads:  constant tables, any thread.
 * Memory:   allocates nothing.
 * Limits:   MOOR_SCHEMA_MAX_... items in each list.
 */
#ifndef MOOR_POLICY_FILE_SCHEMA_H
#define MOOR_POLICY_FILE_SCHEMA_H

#include "policy/file/key.h"
#include "policy/object/field.h"

/* Maximum number of items in the lists. */
#define MOOR_SCHEMA_MAX_ENVIRONMENTS 64
#define MOOR_SCHEMA_MAX_REPOSITORIES 1024
#define MOOR_SCHEMA_MAX_EXEMPTIONS   256
#define MOOR_SCHEMA_MAX_LABELS       16
#define MOOR_SCHEMA_MAX_IMAGE_RULES  64

/* Requirements; the `number` of each is an enum moor_requirement. */
struct moor_schema_requirements {
    const struct moor_yaml_node *at;
    struct moor_key_value enforce;
    struct moor_key_value warn;
    struct moor_key_value audit;
};

/* An item of an environment's `images`. */
struct moor_schema_image_rule {
    const struct moor_yaml_node *at;
    struct moor_key_value match;
    struct moor_schema_requirements requirements; /* from the same mapping; `at` is not set */
};

/* An item of `environments`. */
struct moor_schema_environment {
    const struct moor_yaml_node *at;
    struct moor_key_value name;
    struct moor_key_value is_default;
    struct moor_key_value mode; /* `number` is an enum moor_mode */
    struct moor_key_value labels;
    struct moor_key_value namespaces;
    struct moor_key_list images;                              /* struct moor_schema_image_rule */
    struct moor_schema_requirements requirements;             /* `at` is not set */
    struct moor_schema_requirements fields[MOOR_FIELD_COUNT]; /* unused for containers */
    struct moor_schema_requirements unchanged;
};

/* The mapping `controllers`. */
struct moor_schema_controllers {
    const struct moor_yaml_node *at;
    struct moor_key_value users;
    struct moor_schema_requirements requirements; /* `at` is not set */
};

/* An item of `repositories`. */
struct moor_schema_repository {
    const struct moor_yaml_node *at;
    struct moor_key_value match;
    struct moor_key_value reason;
    struct moor_key_value patterns[3]; /* by enum moor_pattern_kind */
    struct moor_key_value version_parts;
    struct moor_key_value otherwise; /* `number` counts from MOOR_LEVEL_ROLLING */
};

/* An item of `customResources`. */
struct moor_schema_resource {
    const struct moor_yaml_node *at;
    struct moor_key_value resource;
    struct moor_key_value kind;
    struct moor_key_value pod_specs;
    struct moor_key_value images;
};

/* The mapping `match` of an exemption. */
struct moor_schema_match {
    const struct moor_yaml_node *at;
    struct moor_key_value keys[8]; /* by enum moor_exemption_key */
    struct moor_key_value images;
};

/* An item of `exemptions`. */
struct moor_schema_exemption {
    const struct moor_yaml_node *at;
    struct moor_key_value name;
    struct moor_key_value reason;
    struct moor_key_value expires;
    struct moor_key_value permanent;
    struct moor_key_value enforce; /* `number` counts from MOOR_REQUIREMENT_ANY */
    struct moor_schema_match match;
};

/* The whole file. */
struct moor_schema_policy {
    const struct moor_yaml_node *at;
    struct moor_key_value version;
    struct moor_key_value grammar;
    struct moor_key_value mode;        /* `number` is an enum moor_mode */
    struct moor_key_list environments; /* struct moor_schema_environment */
    struct moor_schema_controllers controllers;
    struct moor_key_list repositories;     /* struct moor_schema_repository */
    struct moor_key_list exemptions;       /* struct moor_schema_exemption */
    struct moor_key_list custom_resources; /* struct moor_schema_resource */
    struct moor_key_value placeholders;
    struct moor_key_value annotations;
};

/* The table of the whole file, and the tables of records in its lists. */
extern const struct moor_key_table moor_schema_policy_table;
extern const struct moor_key_table moor_schema_environment_table;
extern const struct moor_key_table moor_schema_resource_table;
extern const struct moor_key_table moor_schema_repository_table;
extern const struct moor_key_table moor_schema_exemption_table;

#endif
