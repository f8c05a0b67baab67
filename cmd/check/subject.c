/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/subject.h"

#include "cmd/check/plain_kinds.h"
#include "policy/object/kinds.h"

#include <strings.h>

/* --- kinds ------------------------------------------------------------------------------------ */

static bool is_but_for_case(struct moor_slice left, struct moor_slice right)
{
    return left.len == right.len &&
           (left.len == 0 || strncasecmp(left.ptr, right.ptr, left.len) == 0);
}

static bool is_kind_but_for_case(const struct moor_manifest *value, const struct moor_kind *kind)
{
    return is_but_for_case(value->group, kind->group) && is_but_for_case(value->kind, kind->kind);
}

/* Returns a known kind that differs from the object's kind only in case, or NULL. */
static const struct moor_kind *find_but_for_case(const struct moor_policy *policy,
                                                 const struct moor_manifest *value)
{
    static const struct moor_kind list = {.kind = {"List", 4}};
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_kind_but_for_case(value, &kinds[i])) {
            return &kinds[i];
        }
    }
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        if (is_kind_but_for_case(value, &policy->custom_resources[i].kind)) {
            return &policy->custom_resources[i].kind;
        }
    }
    bool is_list = moor_slice_is(value->kind, "List");
    return !is_list && is_kind_but_for_case(value, &list) ? &list : NULL;
}

/*
 * Returns the built-in workload of this name if the object is in another group of Kubernetes, such
 * as `extensions`, from which Deployments were removed in 1.16.  In groups of others, such a name
 * is common and means another kind.
 */
static const struct moor_kind *find_in_other_group(const struct moor_manifest *value)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (moor_slice_equal(kinds[i].kind, value->kind)) {
            return moor_plain_kind_has_group(value->group) ? &kinds[i] : NULL;
        }
    }
    return NULL;
}

/* Returns whether a built-in workload has this name.  Custom resources have names like `Pipeline`.
 */
static bool is_workload_name(struct moor_slice name)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    bool is_known = is_but_for_case(name, MOOR_SLICE("List"));
    for (size_t i = 0; i < count; i++) {
        is_known = is_known || is_but_for_case(name, kinds[i].kind);
    }
    return is_known;
}

/* Returns whether a kind with images is in this group. */
static bool is_group_name(const struct moor_policy *policy, struct moor_slice group)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    bool is_known = false;
    for (size_t i = 0; i < count; i++) {
        is_known = is_known || moor_slice_equal(group, kinds[i].group);
    }
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        is_known = is_known || moor_slice_equal(group, policy->custom_resources[i].kind.group);
    }
    return is_known;
}

/* The API server rejects such an object.  It must not pass here as a kind without images. */
static int fail_kind(struct moor_subject *out, const struct moor_document *document,
                     const struct moor_manifest *value, const struct moor_kind *meant,
                     struct moor_error *err)
{
    const char *start = document->text.ptr;
    const char *kind = value->kind.ptr;
    const char *slash = value->group.len > 0 ? "/" : "";
    const char *meant_slash = meant->group.len > 0 ? "/" : "";
    bool is_case = is_kind_but_for_case(value, meant);
    if (kind > start && kind < start + document->text.len) { /* The kind had no escapes. */
        out->offset = (size_t)(kind - start) - 1;
    }
    return moor_error_set(err, MOOR_ERROR_VALUE,
                          "unknown kind '%.*s%s%.*s' (did you mean '%.*s%s%.*s'?): %s",
                          MOOR_SLICE_ARGS(value->group), slash, MOOR_SLICE_ARGS(value->kind),
                          MOOR_SLICE_ARGS(meant->group), meant_slash, MOOR_SLICE_ARGS(meant->kind),
                          is_case ? "kinds are case-sensitive" : "correct the group in apiVersion");
}

static int classify_object(struct moor_subject *out, const struct moor_policy *policy,
                           const struct moor_document *document, const struct moor_manifest *value,
                           struct moor_error *err)
{
    out->kind = moor_policy_find_kind(policy, value->group, (struct moor_slice){0}, value->kind);
    if (out->kind != NULL) {
        out->type = MOOR_SUBJECT_OBJECT;
        return 0;
    }
    const struct moor_kind *same = find_but_for_case(policy, value);
    const struct moor_kind *meant = same != NULL ? same : find_in_other_group(value);
    if (meant != NULL) {
        return fail_kind(out, document, value, meant, err);
    }
    if (value->has_items && moor_slice_is(value->kind, "List")) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "the items of the list are not a list");
    }
    out->format = moor_input_of_kind(value->group, value->kind);
    if (out->format != MOOR_INPUT_FORMAT_COUNT) {
        out->type = MOOR_SUBJECT_FORMAT;
        return 0;
    }
    out->type = moor_plain_kind_is(value->group, value->kind) ? MOOR_SUBJECT_PLAIN_KIND
                                                              : MOOR_SUBJECT_UNKNOWN_KIND;
    return 0;
}

/* --- documents that are not Kubernetes objects ------------------------------------------------ */

/*
 * Explains why the API server would reject `value`, which lacks an apiVersion or a kind.  Returns
 * NULL if it is not meant as a Kubernetes object: files of other tools also have one of the two,
 * such as the apiVersion of Chart.yaml and the kind of a Drone pipeline.
 */
static const char *find_lack(const struct moor_policy *policy, const struct moor_manifest *value,
                             bool is_item)
{
    if (is_item && !value->is_object) {
        return "an item of this list is not an object";
    }
    bool has_kind = value->kind.len > 0;
    bool is_complete = value->has_metadata && value->has_spec;
    if (!value->has_api_version &&
        (is_item || (has_kind && (is_complete || is_workload_name(value->kind))))) {
        return "the object has no apiVersion";
    }
    if (!has_kind &&
        (is_item || (value->has_api_version && (value->has_metadata || value->has_spec) &&
                     is_group_name(policy, value->group)))) {
        return "the object has no kind";
    }
    return NULL;
}

int moor_subject_classify(struct moor_subject *out, const struct moor_policy *policy,
                          const struct moor_document *document, const struct moor_manifest *value,
                          bool is_item, struct moor_error *err)
{
    *out = (struct moor_subject){.offset = (size_t)(value->json.ptr - document->text.ptr),
                                 .format = MOOR_INPUT_FORMAT_COUNT};
    if (value->is_null && !is_item) {
        return 0;
    }
    if (value->is_object && value->kind.len > 0 && value->has_api_version) {
        return classify_object(out, policy, document, value, err);
    }
    out->type = MOOR_SUBJECT_OTHER;
    if (value->is_object && out->offset == 0) {
        out->format = moor_input_recognise(document->text, document->path);
    }
    /* Values of a chart have keys of their own, such as `kind: DaemonSet`. */
    bool is_values = out->format == MOOR_INPUT_HELM_VALUES ||
                     (document->is_in_chart && !is_item && !value->has_api_version);
    const char *lack = is_values ? NULL : find_lack(policy, value, is_item);
    return lack != NULL ? moor_error_set(err, MOOR_ERROR_VALUE, "%s", lack) : 0;
}

bool moor_subject_is_values(const struct moor_document *document, const struct moor_manifest *value)
{
    struct moor_slice text = value->json;
    bool has_sign = text.len > 0 && (memmem(text.ptr, text.len, "mage", 4) != NULL ||
                                     memmem(text.ptr, text.len, "repository", 10) != NULL);
    return has_sign && !value->has_api_version &&
           !moor_slice_ends_with(document->path, MOOR_SLICE(".json"));
}
