/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/near_fields.h"

#include "policy/base/nearest.h"

void moor_near_fields_open(struct moor_near_fields *out, struct moor_slice json,
                           const struct moor_kind *kind)
{
    out->kind = kind;
    out->depth = 0;
    moor_json_reader_init(&out->reader, json);
}

/* --- comparison ------------------------------------------------------------------------------- */

static const struct moor_path_node *find_child(const struct moor_path_node *node,
                                               struct moor_slice key)
{
    for (size_t i = 0; i < node->child_count; i++) {
        const struct moor_path_node *child = &node->children[i];
        if (child->step == MOOR_PATH_ANY_MEMBER || moor_slice_equal(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

/* Only a Pod specification has all lists of containers. */
static bool is_pod_spec(const struct moor_path_node *node)
{
    return find_child(node, MOOR_SLICE("ephemeralContainers")) != NULL &&
           find_child(node, MOOR_SLICE("volumes")) != NULL;
}

static bool is_container_list(struct moor_slice key)
{
    return moor_slice_is(key, "containers") || moor_slice_is(key, "initContainers") ||
           moor_slice_is(key, "ephemeralContainers");
}

/* Returns whether the fields of the innermost object are known well enough to be compared. */
static bool is_compared(const struct moor_near_fields *fields)
{
    bool is_known = !fields->kind->is_custom;
    for (size_t i = 0; !is_known && i < fields->depth; i++) {
        is_known = is_pod_spec(fields->levels[i].node);
    }
    return is_known;
}

/*
 * The name of a container may be of any kind in the tree, such as `name` in an owner reference, so
 * only names that lead to an image are suggested.
 */
static bool leads_to_images(const struct moor_path_node *node)
{
    return node->role == MOOR_PATH_IMAGE ||
           (node->role != MOOR_PATH_ANNOTATIONS && node->child_count > 0 &&
            !moor_slice_is(node->key, "metadata"));
}

/* Finds the field that is meant by a misspelled one, or an empty text. */
static struct moor_slice find_near(const struct moor_path_node *node, struct moor_slice key)
{
    struct moor_slice near = {0};
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct moor_path_node *child = &node->children[i];
        /* Every other field of a Pod would be compared with all, which costs 7 % of a check. */
        size_t bound = moor_nearest_least_distance(key, child->key);
        if (child->step != MOOR_PATH_MEMBER || !leads_to_images(child) || bound >= least ||
            !moor_nearest_is_close(key, child->key, bound)) {
            continue;
        }
        size_t distance = moor_nearest_distance(key, child->key);
        if (distance < least && moor_nearest_is_close(key, child->key, distance)) {
            near = child->key;
            least = distance;
        }
    }
    return near;
}

/* Describes the field `key` of the innermost object.  Returns false if nothing is wrong with it. */
static bool describe(const struct moor_near_fields *fields, struct moor_slice key,
                     struct moor_error *err)
{
    const struct moor_path_node *node = fields->levels[fields->depth - 1].node;
    struct moor_slice near = find_near(node, key);
    bool is_pod = is_pod_spec(node);
    bool is_way = fields->depth == 1 || node->role == MOOR_PATH_STEP;
    if (near.len > 0) {
        (void)moor_error_set(err, MOOR_ERROR_VALUE,
                             "unknown field '%.*s' (did you mean '%.*s'?): the API server rejects "
                             "or drops it",
                             MOOR_SLICE_ARGS(key), MOOR_SLICE_ARGS(near));
        return true;
    }
    if (is_way && moor_slice_is(key, "image") && (is_pod || !fields->kind->is_custom)) {
        (void)moor_error_set(err, MOOR_ERROR_VALUE,
                             "misplaced field 'image' (did you mean 'containers[].image'?): the "
                             "API server rejects or drops it");
        return true;
    }
    if (is_way && !is_pod && !fields->kind->is_custom && is_container_list(key)) {
        (void)moor_error_set(err, MOOR_ERROR_VALUE,
                             "misplaced field '%.*s' (it belongs in the Pod specification): the "
                             "API server rejects or drops it",
                             MOOR_SLICE_ARGS(key));
        return true;
    }
    return false;
}

/* --- walk ------------------------------------------------------------------------------------- */

static bool opens(enum moor_json_event event)
{
    return event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN;
}

/* Opens a value that has the form of its node, and skips any other. */
static bool take_value(struct moor_near_fields *fields, const struct moor_path_node *node,
                       enum moor_json_event event)
{
    bool is_array = event == MOOR_JSON_ARRAY_BEGIN;
    bool is_way = node->child_count > 0 && node->role != MOOR_PATH_ANNOTATIONS &&
                  !moor_slice_is(node->key, "metadata") &&
                  is_array == (node->children[0].step == MOOR_PATH_ANY_ITEM);
    if (!opens(event)) {
        return true;
    }
    if (!is_way || fields->depth == MOOR_PATH_MAX_STEPS) {
        return moor_json_skip_rest(&fields->reader) == 0;
    }
    fields->levels[fields->depth].node = node;
    fields->levels[fields->depth].is_array = is_array;
    fields->depth++;
    return true;
}

/*
 * Takes a member.  `*is_wrong` is set for a misspelled or misplaced field, with the offset of its
 * value: the positions of a document are those of its values.
 */
static bool take_member(struct moor_near_fields *fields, const struct moor_json_token *key,
                        bool *is_wrong, struct moor_error *err)
{
    struct moor_json_token token;
    struct moor_slice value;
    const struct moor_path_node *child =
        find_child(fields->levels[fields->depth - 1].node, key->raw);
    if (child != NULL) {
        return take_value(fields, child, moor_json_next(&fields->reader, &token));
    }
    if (moor_json_skip(&fields->reader, &value) != 0) {
        return false;
    }
    *is_wrong = !key->escaped && is_compared(fields) && describe(fields, key->raw, err);
    err->offset = (size_t)(value.ptr - fields->reader.start);
    return true;
}

/* Takes an event.  Returns false if nothing follows. */
static bool take_event(struct moor_near_fields *fields, enum moor_json_event event,
                       const struct moor_json_token *token, bool *is_wrong, struct moor_error *err)
{
    if (event == MOOR_JSON_ERROR || event == MOOR_JSON_END) {
        return false;
    }
    if (event == MOOR_JSON_OBJECT_END || event == MOOR_JSON_ARRAY_END) {
        fields->depth--;
        return fields->depth > 0;
    }
    if (event == MOOR_JSON_KEY) {
        return take_member(fields, token, is_wrong, err);
    }
    const struct moor_path_node *node = fields->depth == 0
                                            ? fields->kind->root
                                            : &fields->levels[fields->depth - 1].node->children[0];
    return take_value(fields, node, event) && fields->depth > 0;
}

bool moor_near_fields_next(struct moor_near_fields *fields, struct moor_error *err)
{
    struct moor_json_token token;
    bool is_wrong = false;
    bool goes_on = true;
    while (goes_on && !is_wrong) {
        enum moor_json_event event = moor_json_next(&fields->reader, &token);
        goes_on = take_event(fields, event, &token, &is_wrong, err);
    }
    return is_wrong;
}
