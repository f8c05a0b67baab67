/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label - what Kubernetes accepts as the name of a namespace, and as the key or value of a label.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_POLICY_FILE_LABEL_H
#define MOOR_POLICY_FILE_LABEL_H

#include "policy/base/slice.h"

/* Whether the text is a DNS label of RFC 1123: 1 to 63 of a-z, 0-9 and `-`, which is not at the
 * ends. */
bool moor_label_is_dns(struct moor_slice text);

/* Whether Kubernetes accepts the text as the value of a label, or as its key without a prefix. */
bool moor_label_is_text(struct moor_slice text);

/* Whether Kubernetes accepts the text as the key of a label or an annotation. */
bool moor_label_is_key(struct moor_slice key);

#endif
