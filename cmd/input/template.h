/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - distinguishes a template, such as a Helm chart's, from broken YAML.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_TEMPLATE_H
#define MOOR_CMD_INPUT_TEMPLATE_H

#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * Explains a syntax error of YAML.  If `text` contains `{{` or `{%` outside of quotes and comments,
 * `err` is replaced: it asks for rendering first and has the position of the first template.
 * Returns whether `err` was replaced.
 */
bool moor_template_explain(struct moor_error *err, struct moor_slice text);

#endif
