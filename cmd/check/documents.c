/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "cmd/check/documents.h"

/* --- what is not judged ----------------------------------------------------------------------- */

static bool is_but_for_case(struct moor_slice left, struct moor_slice right)
{
    return left.len == right.len &&
           (left.len == 0 || strncasecmp(left.ptr, right.ptr, left.len) == 0);
}

static bool is_kind_but_for_case(const struct moor_manifest *manifest, const struct moor_kind *kind)
{
    return is_but_for_case(manifest->group, kind->group) &&
           is_but_for_case(manifest->kind, kind->kind);
}

/* A kind that is known and differs in the case of letters alone; NULL: there is none. */
static const struct moor_kind *find_but_for_case(const struct moor_policy *policy,
                                                 const struct moor_manifest *manifest)
{
    static const struct moor_kind list = {.kind = {"List", 4}};
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_kind_but_for_case(manifest, &kinds[i])) {
            return &kinds[i];
        }
    }
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        if (is_kind_but_for_case(manifest, &policy->custom_resources[i].kind)) {
            return &policy->custom_resources[i].kind;
        }
    }
    bool is_list = moor_slice_is(manifest->kind, "List");
    return !is_list && is_kind_but_for_case(manifest, &list) ? &list : NULL;
}

/* Whether Kubernetes itself has this kind, so that it is known to hold no image. */
static bool is_plain_kind(const struct moor_manifest *manifest)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_but_for_case(kinds[i].kind, manifest->kind)) {
            return false; /* a workload in a group that it is not in */
        }
    }
    return manifest->group.len == 0 ||
           moor_slice_ends_with(manifest->group, MOOR_SLICE(".k8s.io")) ||
           memchr(manifest->group.ptr, '.', manifest->group.len) == NULL;
}

static void tally_kind(struct moor_judging *judging, const struct moor_manifest *manifest)
{
    if (is_plain_kind(manifest)) {
        moor_report_tally(judging->report, MOOR_UNJUDGED_PLAIN_KIND, manifest->kind);
        return;
    }
    struct moor_buf *name = &judging->texts[0];
    moor_buf_append(name, manifest->kind);
    moor_buf_append_byte(name, '.');
    moor_buf_append(name, manifest->group.len > 0 ? manifest->group : MOOR_SLICE("core"));
    moor_report_tally(judging->report, MOOR_UNJUDGED_UNKNOWN_KIND, moor_buf_slice(name));
    moor_buf_clear(name);
}

/* What is no object of Kubernetes is named by its file, with the option that would judge it. */
static void tally_stranger(struct moor_judging *judging, const struct moor_document *document)
{
    struct moor_buf *name = &judging->texts[0];
    moor_buf_append(name, document->file);
    if (document->format != MOOR_INPUT_FORMAT_COUNT) {
        moor_buf_printf(name, " with --include %s", moor_input_format_name(document->format));
    }
    moor_report_tally(judging->report, MOOR_UNJUDGED_NO_OBJECT, moor_buf_slice(name));
    moor_buf_clear(name);
}

/* --- documents -------------------------------------------------------------------------------- */

/* The API server refuses it; what it holds must not pass here as a kind without images. */
static void report_case(struct moor_judging *judging, const struct moor_document *document,
                        const struct moor_manifest *manifest, const struct moor_kind *meant)
{
    const char *start = document->json.ptr;
    const char *kind = manifest->kind.ptr;
    const char *slash = manifest->group.len > 0 ? "/" : "";
    bool is_there = kind > start && kind < start + document->json.len; /* it had no escapes */
    struct moor_error fault = {0};
    (void)moor_error_set(&fault, MOOR_ERROR_VALUE,
                         "unknown kind '%.*s%s%.*s', did you mean '%.*s%s%.*s'? the API server "
                         "tells upper and lower case apart",
                         MOOR_SLICE_ARGS(manifest->group), slash, MOOR_SLICE_ARGS(manifest->kind),
                         MOOR_SLICE_ARGS(meant->group), slash, MOOR_SLICE_ARGS(meant->kind));
    moor_document_input_error(judging, document,
                              is_there ? (size_t)(kind - start) - 1 : document->object, fault.text);
}

static void judge_manifest(struct moor_judging *judging, const struct moor_document *document,
                           const struct moor_manifest *manifest)
{
    const struct moor_kind *kind = moor_policy_find_kind(judging->policy, manifest->group,
                                                         (struct moor_slice){0}, manifest->kind);
    const struct moor_kind *meant =
        kind == NULL ? find_but_for_case(judging->policy, manifest) : NULL;
    if (meant != NULL) {
        report_case(judging, document, manifest, meant);
        return;
    }
    if (kind == NULL && manifest->has_items && moor_slice_is(manifest->kind, "List")) {
        moor_document_input_error(judging, document, document->object,
                                  "the items of the list are no list");
        return;
    }
    if (kind == NULL) {
        tally_kind(judging, manifest);
        return;
    }
    struct moor_request request = {
        .group = manifest->group,
        .kind = manifest->kind,
        .namespace = manifest->namespace.len > 0 ? manifest->namespace : judging->namespace,
        .name = manifest->name,
        .resource = kind->resource,
    };
    if (moor_document_read(judging, document, manifest->json, kind, &request) == 0) {
        moor_document_judge(judging, document, &request);
    }
}

/* Takes the images out that stand for a value of another file or job. */
static void drop_elsewhere(const struct moor_document *document, struct moor_object *object,
                           size_t *dropped)
{
    size_t kept = 0;
    for (size_t i = 0; document->positions != NULL && i < object->image_count; i++) {
        size_t offset = document->object + object->images[i].offset;
        if (moor_positions_find(document->positions, offset).is_elsewhere) {
            continue;
        }
        object->images[kept++] = object->images[i];
    }
    kept = document->positions != NULL ? kept : object->image_count;
    *dropped += object->image_count - kept;
    object->image_total -= object->image_count - kept;
    object->image_count = kept;
}

/* A file of another format: each of its trees finds some of the images. */
static void judge_format(struct moor_judging *judging, const struct moor_document *document)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_input_kinds(document->format, &count);
    size_t objects = judging->report->objects + 1;
    for (size_t i = 0; i < count; i++) {
        struct moor_request request = {.kind = kinds[i].kind};
        struct moor_error err = {0};
        size_t unknown = 0;
        moor_arena_reset(&judging->workspace.arena);
        if (moor_document_read(judging, document, document->json, &kinds[i], &request) != 0) {
            return;
        }
        drop_elsewhere(document, &request.object, &unknown);
        if (moor_input_settle(&request.object, document->format, &unknown,
                              &judging->workspace.arena, &err) != 0) {
            moor_document_input_error(judging, document, 0, err.text);
            return;
        }
        for (; unknown > 0; unknown--) {
            moor_report_tally(judging->report, MOOR_UNJUDGED_IMAGE, kinds[i].kind);
        }
        if (request.object.image_count > 0) {
            moor_document_judge(judging, document, &request);
        }
        judging->report->objects = objects;
    }
}

/* Whether Kubernetes has a workload of this name; custom resources have names like `Pipeline`. */
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

/* Whether a kind that holds images is in this group. */
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

/*
 * Why kubectl and the API server refuse `value`, which lacks an apiVersion or a kind; NULL if it is
 * not meant as an object of Kubernetes.  Files of other tools have one of the two as well: a
 * chart's Chart.yaml has an apiVersion, a pipeline of Drone a kind.
 */
static const char *find_lack(const struct moor_judging *judging, const struct moor_manifest *value,
                             bool is_item)
{
    if (is_item && !value->is_object) {
        return "an item of this list is no object";
    }
    bool has_kind = value->kind.len > 0;
    bool is_whole = value->has_metadata && value->has_spec;
    if (!value->has_api_version &&
        (is_item || (has_kind && (is_whole || is_workload_name(value->kind))))) {
        return "the object has no apiVersion";
    }
    if (!has_kind &&
        (is_item || (value->has_api_version && (value->has_metadata || value->has_spec) &&
                     is_group_name(judging->policy, value->group)))) {
        return "the object has no kind";
    }
    return NULL;
}

/* What stands in the document as an object, or as a whole. */
static void judge_value(struct moor_judging *judging, struct moor_document *document,
                        const struct moor_manifest *value)
{
    bool is_item = judging->manifests.has_lists;
    document->object = (size_t)(value->json.ptr - document->json.ptr);
    document->format = MOOR_INPUT_FORMAT_COUNT;
    if (value->is_null && !is_item) {
        return;
    }
    judging->values++;
    if (value->is_object && value->kind.len > 0 && value->has_api_version) {
        judging->recognised++;
        judge_manifest(judging, document, value);
        return;
    }
    const char *lack = find_lack(judging, value, is_item);
    if (lack != NULL) {
        moor_document_input_error(judging, document, document->object, lack);
        return;
    }
    if (value->is_object && document->object == 0) {
        document->format = moor_input_recognise(document->json, document->file);
    }
    bool is_included = document->format != MOOR_INPUT_FORMAT_COUNT &&
                       (judging->formats & moor_input_bit(document->format)) != 0;
    if (is_included) {
        judging->recognised++;
        judge_format(judging, document);
    } else {
        tally_stranger(judging, document);
    }
}

void moor_document_take(struct moor_judging *judging, struct moor_document *document)
{
    struct moor_manifest value;
    struct moor_error err = {0};
    int status = 0;
    moor_arena_reset(&judging->workspace.arena);
    moor_manifest_open(&judging->manifests, document->json, &judging->workspace.arena);
    while ((status = moor_manifest_next(&value, &judging->manifests, &err)) > 0) {
        if (judging->collecting == NULL) {
            judge_value(judging, document, &value);
        } else if (moor_namespaces_add(judging->collecting, &value, &err) != 0) {
            judging->report->failed = true;
        }
        moor_arena_reset(&judging->workspace.arena);
    }
    if (status < 0) {
        moor_document_input_error(judging, document, judging->manifests.error_offset, err.text);
    }
    judging->values += judging->manifests.has_lists;
    judging->recognised += judging->manifests.has_lists;
}
