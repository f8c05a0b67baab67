/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - tells a template of Helm or its like from YAML that is broken.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_TEMPLATE_H
#define MOOR_CMD_INPUT_TEMPLATE_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * `err` says why `text` is no YAML.  Where `{{` or `{%` stands in it outside of quotes and
 * comments, that is why: `err` then says so, with the position of the first one and what to do.
 * Returns whether it does.
 */
bool moor_template_explain(struct moor_error *err, struct moor_slice text);

#endif
