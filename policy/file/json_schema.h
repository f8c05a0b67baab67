/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_schema - writes the JSON Schema (2020-12) of the policy file from the tables of schema.h.
 *
 * The loader rejects every file that the schema rejects.  The loader also checks rules that a
 * schema cannot express.
 *
 * Threads:  the main thread only.
 * Memory:   frees everything that it allocates.
 */
#ifndef MOOR_POLICY_FILE_JSON_SCHEMA_H
#define MOOR_POLICY_FILE_JSON_SCHEMA_H

#include "policy/base/error.h"

#include <stdio.h>

/* Writes the schema with indentation.  Returns -1 if there is no memory. */
int moor_json_schema_write(FILE *out, struct moor_error *err) MOOR_MUST_CHECK;

#endif
