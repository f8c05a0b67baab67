/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quay: immutability policies of an organization, with regular expressions of Python that match a
 * whole tag.  A policy with `tagPatternMatches: false` is about all other tags.
 */
#include "cmd/import_quay.h"

#include "policy/file/keys.h"

struct patterns {
    struct moor_slice items[MOOR_KEYS_MAX_ITEMS];
    size_t count;
};

/* Adds the pattern of a policy to one of the lists, or notes that it is left out. */
static int read_policy(struct moor_import *import, struct patterns lists[2], const json_t *object,
                       size_t place, struct moor_error *err)
{
    struct moor_slice text = moor_import_text(object, "tagPattern");
    const json_t *matches = json_object_get(object, "tagPatternMatches");
    if (text.len == 0 || !json_is_boolean(matches)) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "policy %zu has no 'tagPattern' and 'tagPatternMatches'", place);
    }
    struct patterns *list = &lists[json_is_true(matches) ? 1 : 0];
    const char *reason = moor_import_check_pattern(text);
    if (reason == NULL && list->count == MOOR_KEYS_MAX_ITEMS) {
        reason = "a list of a policy has at most 256 items";
    }
    if (reason != NULL) {
        moor_import_leave(import, moor_slice_from(import->project), text, reason);
    } else {
        list->items[list->count++] = text;
    }
    return 0;
}

/*
 * With a pattern of each kind, a tag is immutable if it matches the one or does not match the
 * other.  An entry tries `rolling` first, so that it trusts the tags that both agree on, and those
 * that neither matches.
 */
static void append_entry(struct moor_import *import, const struct patterns lists[2])
{
    if (lists[0].count + lists[1].count == 0) {
        return;
    }
    moor_import_begin(import);
    moor_import_match(import, "", moor_slice_from(import->project), "/**");
    moor_import_reason(import, "Quay: immutability policy");
    moor_import_patterns(import, "rolling", lists[0].items, lists[0].count);
    moor_import_patterns(import, "build", lists[1].items, lists[1].count);
    if (lists[0].count > 0) {
        moor_import_otherwise(import);
    }
}

int moor_import_quay(struct moor_import *out, const json_t *root, struct moor_error *err)
{
    struct patterns lists[2] = {{.count = 0}, {.count = 0}};
    const json_t *policies = json_is_array(root) ? root : json_object_get(root, "policies");
    if (moor_import_check_project(out, err) != 0) {
        return -1;
    }
    if (!json_is_array(policies)) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "no list of 'policies': give the answer of "
                              "/api/v1/organization/NAME/immutabilitypolicy/");
    }
    for (size_t i = 0; i < json_array_size(policies); i++) {
        if (read_policy(out, lists, json_array_get(policies, i), i, err) != 0) {
            return -1;
        }
    }
    append_entry(out, lists);
    return 0;
}
