/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template - distinguishes a template, such as a Helm chart's, from broken YAML, and fills it in.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_CMD_INPUT_TEMPLATE_H
#define MOOR_CMD_INPUT_TEMPLATE_H

#include "policy/base/buf.h"
#include "policy/base/error.h"
#include "policy/base/slice.h"

/*
 * Explains a syntax error of YAML.  If `text` contains `{{` or `{%` outside of quotes and comments,
 * `err` is replaced: it asks for rendering first and has the position of the first template.
 * Returns whether `err` was replaced.
 */
bool moor_template_explain(struct moor_error *err, struct moor_slice text);

/*
 * Writes `text` to `out` with each template `{{ }}` as `$`, so that YAML can be read around it.  A
 * line with nothing else becomes a comment.  Lines and columns stay.  Returns false, with `out`
 * unchanged, if there is no template.
 */
bool moor_template_fill(struct moor_buf *out, struct moor_slice text);

#endif
