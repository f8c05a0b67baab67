/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label_list - labels of a namespace from the command line: `KEY=VALUE[,KEY=VALUE]...`.
 *
 * Threads:  pure, any thread.
 * Memory:   borrows from the texts.
 * Limits:   MOOR_LABEL_LIST_MAX labels.
 */
#ifndef MOOR_CMD_INPUT_LABEL_LIST_H
#define MOOR_CMD_INPUT_LABEL_LIST_H

#include "policy/object/request.h"

#define MOOR_LABEL_LIST_MAX 64

/* The labels in their order. */
struct moor_label_list {
    struct moor_label items[MOOR_LABEL_LIST_MAX];
    size_t count;
};

/*
 * Adds the labels in `text`.  Returns -1 with the reason in `err` for a text that is not a list of
 * valid labels, for a key that occurs twice, and beyond the limit.
 */
int moor_label_list_add(struct moor_label_list *list, const char *text,
                        struct moor_error *err) MOOR_MUST_CHECK;

#endif
