/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_annotations.h"
#include "policy/file/label.h"
#include "policy/file/quote.h"

static int no_memory(size_t count, struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu annotations", count);
}

/* An entry of the file holds a whole reference; only built-in ones have other forms. */
static int build_own(struct moor_policy *policy, struct moor_annotation *out,
                     const struct moor_yaml_node *item, struct moor_diagnostics *diagnostics,
                     struct moor_error *err)
{
    if (!moor_label_is_key(item->text)) {
        moor_diagnostics_error(diagnostics, item,
                               "'%s' is not a valid annotation key: write one such as "
                               "'example.com/image'",
                               moor_quote(item->text).text);
    }
    out->form = MOOR_ANNOTATION_IMAGE;
    return moor_arena_copy(&policy->arena, &out->key, item->text, err);
}

int moor_build_annotations(struct moor_policy *policy, const struct moor_key_value *value,
                           struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    const struct moor_annotation_list builtin = moor_annotation_builtin();
    if (value->at == NULL) {
        policy->annotations = builtin;
        return 0;
    }
    size_t count = value->at->count + builtin.count;
    struct moor_annotation *items = moor_arena_alloc(&policy->arena, count * sizeof *items);
    if (items == NULL) {
        return no_memory(count, err);
    }
    policy->own_annotation_count = value->at->count;
    struct moor_annotation *own = items;
    for (const struct moor_yaml_node *item = value->at->first; item != NULL; item = item->next) {
        if (build_own(policy, own++, item, diagnostics, err) != 0) {
            return -1;
        }
    }
    /*
     * The built-in ones cannot be removed: an injector would take an image that nothing evaluated.
     */
    memcpy(own, builtin.items, builtin.count * sizeof *items);
    policy->annotations = moor_annotation_list_of(items, count);
    return 0;
}
