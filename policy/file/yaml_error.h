/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_error - explains errors of libyaml to the author of a file.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_YAML_ERROR_H
#define MOOR_POLICY_FILE_YAML_ERROR_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

struct yaml_parser_s;

/* Sets `err` with the position from a parser of `text` that has failed.  Always returns -1. */
int moor_yaml_error(struct moor_error *err, const struct yaml_parser_s *parser,
                    struct moor_slice text);

/*
 * Rejects %TAG directives, before libyaml reads the text.  libyaml compares each with all earlier
 * ones, and takes 14 s for a file full of them.  Returns -1 with the position.
 */
int moor_yaml_refuse_tag_directives(struct moor_slice text, struct moor_error *err) MOOR_MUST_CHECK;

#endif
