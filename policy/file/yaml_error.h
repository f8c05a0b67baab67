/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_error - what libyaml says, in words for whoever writes the file.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_YAML_ERROR_H
#define MOOR_POLICY_FILE_YAML_ERROR_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

struct yaml_parser_s;

/* Sets `err`, with its place, from a parser of `text` that has failed.  Always returns -1. */
int moor_yaml_error(struct moor_error *err, const struct yaml_parser_s *parser,
                    struct moor_slice text);

/*
 * libyaml compares each %TAG directive with all before it: a file full of them takes it 14 s.
 * Returns -1, with the place, where a line starts so: asked before libyaml reads.
 */
int moor_yaml_refuse_tag_directives(struct moor_slice text, struct moor_error *err) MOOR_MUST_CHECK;

#endif
