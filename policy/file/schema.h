/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema - the records that a policy file is read into, as it was written: nothing is inherited
 * yet.
 *
 * A new key is a field here and a row in the tables of schema.c or schema_rules.c, from which the
 * loader and the JSON Schema are made; tests/golden/policy_schema_test.py asks for its place in
 * tagmoor-policy(5).
 *
 * Threads:  constant tables, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_SCHEMA_H
#define MOOR_POLICY_FILE_SCHEMA_H

#include "policy/file/key.h"
#include "policy/object/field.h"

#define MOOR_SCHEMA_MAX_ENVIRONMENTS 64
#define MOOR_SCHEMA_MAX_REPOSITORIES 1024
#define MOOR_SCHEMA_MAX_EXEMPTIONS   256
#define MOOR_SCHEMA_MAX_LABELS       16
#define MOOR_SCHEMA_MAX_IMAGE_RULES  64

/* `number` is an enum moor_requirement. */
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
    struct moor_schema_requirements requirements; /* its `at` is not set */
};

struct moor_schema_environment {
    const struct moor_yaml_node *at;
    struct moor_key_value name;
    struct moor_key_value is_default;
    struct moor_key_value mode; /* an enum moor_mode */
    struct moor_key_value labels;
    struct moor_key_value namespaces;
    struct moor_key_list images;                              /* of struct moor_schema_image_rule */
    struct moor_schema_requirements requirements;             /* its `at` is not set */
    struct moor_schema_requirements fields[MOOR_FIELD_COUNT]; /* none for containers */
    struct moor_schema_requirements unchanged;
};

struct moor_schema_controllers {
    const struct moor_yaml_node *at;
    struct moor_key_value users;
    struct moor_schema_requirements requirements; /* its `at` is not set */
};

struct moor_schema_repository {
    const struct moor_yaml_node *at;
    struct moor_key_value match;
    struct moor_key_value reason;
    struct moor_key_value patterns[3]; /* by enum moor_pattern_kind */
    struct moor_key_value version_parts;
    struct moor_key_value otherwise; /* counted from MOOR_LEVEL_ROLLING */
};

struct moor_schema_resource {
    const struct moor_yaml_node *at;
    struct moor_key_value resource;
    struct moor_key_value kind;
    struct moor_key_value pod_specs;
    struct moor_key_value images;
};

/* What stands below an exemption's `match`. */
struct moor_schema_match {
    const struct moor_yaml_node *at;
    struct moor_key_value keys[8]; /* by enum moor_exemption_key */
    struct moor_key_value images;
};

struct moor_schema_exemption {
    const struct moor_yaml_node *at;
    struct moor_key_value name;
    struct moor_key_value reason;
    struct moor_key_value expires;
    struct moor_key_value permanent;
    struct moor_key_value enforce; /* counted from MOOR_REQUIREMENT_ANY */
    struct moor_schema_match match;
};

struct moor_schema_policy {
    const struct moor_yaml_node *at;
    struct moor_key_value version;
    struct moor_key_value grammar;
    struct moor_key_value mode;        /* an enum moor_mode */
    struct moor_key_list environments; /* of struct moor_schema_environment */
    struct moor_schema_controllers controllers;
    struct moor_key_list repositories;     /* of struct moor_schema_repository */
    struct moor_key_list exemptions;       /* of struct moor_schema_exemption */
    struct moor_key_list custom_resources; /* of struct moor_schema_resource */
    struct moor_key_value placeholders;
    struct moor_key_value annotations;
};

/* The tables for struct moor_schema_policy, and for the records that it lists. */
extern const struct moor_key_table moor_schema_policy_table;
extern const struct moor_key_table moor_schema_repository_table;
extern const struct moor_key_table moor_schema_exemption_table;

#endif
