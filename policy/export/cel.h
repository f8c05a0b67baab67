/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel - writes expressions of CEL, the language of a ValidatingAdmissionPolicy, into YAML.
 *
 * Texts of a policy may contain quotes, backslashes, line breaks and any character.  A literal of
 * this module is printable ASCII without a line break, so that it is safe in a block of YAML too.
 *
 * Threads:  pure, any thread.
 * Memory:   appends to the caller's buffer.
 */
#ifndef MOOR_POLICY_EXPORT_CEL_H
#define MOOR_POLICY_EXPORT_CEL_H

#include "policy/base/buf.h"
#include "policy/base/slice.h"

/*
 * An expression: whether the request is not a mirror Pod.  A mirror Pod already runs; only nodes
 * are believed, as in moor_request_scope().
 */
#define MOOR_CEL_NO_MIRROR_POD                                                                   \
    "!('system:nodes' in request.userInfo.?groups.orValue([])) || request.resource.resource != " \
    "'pods' || !('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))"

/* Appends a string literal in single quotes.  Invalid UTF-8 becomes U+FFFD. */
void moor_cel_string(struct moor_buf *out, struct moor_slice text);

/* The same in double quotes, as JSON writes printable ASCII. */
void moor_cel_json_string(struct moor_buf *out, struct moor_slice text);

/* Appends `['a', 'b']`. */
void moor_cel_strings(struct moor_buf *out, const struct moor_slice *items, size_t count);

/* Appends `SUBJECT.matches('PATTERN')`. */
void moor_cel_matches(struct moor_buf *out, const char *subject, struct moor_slice pattern);

/*
 * Appends the text as a block scalar of YAML: ` |-` and the lines, indented by `indent` blanks.
 * The text is printable ASCII with line breaks, and starts with no blank.
 */
void moor_cel_block(struct moor_buf *out, struct moor_slice text, unsigned indent);

/* Appends a quoted scalar of YAML, which is a string of JSON. */
void moor_cel_yaml_string(struct moor_buf *out, struct moor_slice text);

#endif
