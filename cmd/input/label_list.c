/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/label_list.h"

#include "policy/file/label.h"

#include <string.h>

static int fail(struct moor_slice text, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "'%.*s' is not a label: write KEY=VALUE, and a comma between labels",
                          MOOR_SLICE_ARGS(text));
}

static bool has_key(const struct moor_label_list *list, struct moor_slice key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (moor_slice_equal(list->items[i].key, key)) {
            return true;
        }
    }
    return false;
}

static int add_one(struct moor_label_list *list, struct moor_slice text, struct moor_error *err)
{
    const char *equals = text.len > 0 ? memchr(text.ptr, '=', text.len) : NULL;
    size_t len = equals != NULL ? (size_t)(equals - text.ptr) : 0;
    const struct moor_label label = {moor_slice_sub(text, 0, len),
                                     moor_slice_sub(text, len + 1, text.len)};
    /* The empty value is a label in Kubernetes, so `team=` is valid while `team` is not. */
    if (equals == NULL || !moor_label_is_key(label.key) ||
        (label.value.len > 0 && !moor_label_is_text(label.value))) {
        return fail(text, err);
    }
    /*
     * A duplicate is most likely a typing error, and neither value can be preferred: the labels
     * choose the environment.
     */
    if (has_key(list, label.key)) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "label '%.*s' is given twice",
                              MOOR_SLICE_ARGS(label.key));
    }
    if (list->count == MOOR_LABEL_LIST_MAX) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "more than %d labels", MOOR_LABEL_LIST_MAX);
    }
    list->items[list->count++] = label;
    return 0;
}

int moor_label_list_add(struct moor_label_list *list, const char *text, struct moor_error *err)
{
    for (;;) {
        /* The last part is read even if it is empty: a comma at the end is an error. */
        size_t len = strcspn(text, ",");
        if (add_one(list, (struct moor_slice){text, len}, err) != 0) {
            return -1;
        }
        if (text[len] == '\0') {
            return 0;
        }
        text += len + 1;
    }
}
