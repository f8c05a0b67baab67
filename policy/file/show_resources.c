/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/show.h"

#include "policy/json/writer.h"

/* A JSON string is a YAML double-quoted scalar, whatever stands in it. */
static void append_quoted(struct moor_buf *out, struct moor_slice text)
{
    struct moor_json_writer json;
    moor_json_writer_init(&json, out);
    moor_json_string(&json, text);
}

/* A list on one line. */
static void append_texts(struct moor_buf *out, const char *key, const struct moor_slice *texts,
                         size_t count)
{
    if (count == 0) {
        return;
    }
    moor_buf_printf(out, "%s: [", key);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : "");
        append_quoted(out, texts[i]);
    }
    moor_buf_append_text(out, "]\n");
}

static void append_resource(struct moor_buf *out, const struct moor_custom_resource *resource)
{
    moor_buf_append_text(out, "- resource: ");
    moor_buf_append(out, resource->kind.resource);
    moor_buf_append_byte(out, '.');
    moor_buf_append(out, resource->kind.group);
    moor_buf_append_text(out, "\n  kind: ");
    append_quoted(out, resource->kind.kind);
    moor_buf_append_byte(out, '\n');
    append_texts(out, "  podSpecs", resource->pod_specs.items, resource->pod_specs.count);
    append_texts(out, "  images", resource->images.items, resource->images.count);
}

/* The built-in ones cannot be written as a key: some have an image in parts. */
static void append_annotations(struct moor_buf *out, const struct moor_policy *policy)
{
    const struct moor_annotation *items = policy->annotations.items;
    for (size_t i = 0; i < policy->own_annotation_count; i++) {
        moor_buf_append_text(out, i == 0 ? "imageAnnotations: [" : ", ");
        append_quoted(out, items[i].key);
    }
    moor_buf_append_text(out, policy->own_annotation_count > 0 ? "]\n" : "");
    moor_buf_append_text(out, "# built-in image annotations:\n");
    for (size_t i = policy->own_annotation_count; i < policy->annotations.count; i++) {
        moor_buf_append_text(out, "#   ");
        moor_annotation_append_key(out, &items[i]);
        moor_buf_append_byte(out, '\n');
    }
}

void moor_policy_show_resources(struct moor_buf *out, const struct moor_policy *policy)
{
    moor_buf_append_text(out, "customResources:\n");
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        append_resource(out, &policy->custom_resources[i]);
    }
    append_texts(out, "placeholders", policy->placeholders, policy->placeholder_count);
    append_annotations(out, policy);
}
