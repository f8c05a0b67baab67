/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label - checks names of namespaces, and keys and values of labels, by the rules of Kubernetes.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_LABEL_H
#define MOOR_POLICY_FILE_LABEL_H

#include "policy/base/slice.h"

/*
 * Returns whether the text is a DNS label of RFC 1123: 1 to 63 of a-z, 0-9 and `-`, with a letter
 * or digit at both ends.
 */
bool moor_label_is_dns(struct moor_slice text);

/* Returns whether the text is a valid value of a label, or a valid key without a prefix. */
bool moor_label_is_text(struct moor_slice text);

/* Returns whether the text is a valid key of a label or an annotation. */
bool moor_label_is_key(struct moor_slice key);

#endif
