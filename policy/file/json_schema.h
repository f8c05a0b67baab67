/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_schema - writes the JSON Schema (2020-12) of the policy file from the tables of
 * policy/file/schema.h.
 *
 * What it refuses the loader refuses too; the loader knows more than a schema can say.
 *
 * Threads:  the main thread alone.
 * Memory:   allocates what it needs and gives it back.
 */
#ifndef MOOR_POLICY_FILE_JSON_SCHEMA_H
#define MOOR_POLICY_FILE_JSON_SCHEMA_H

#include "policy/base/error.h"

#include <stdio.h>

/* Writes the schema, indented.  Returns -1 where memory is missing. */
int moor_json_schema_write(FILE *out, struct moor_error *err) MOOR_MUST_CHECK;

#endif
