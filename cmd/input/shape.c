/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/shape.h"

#include "cmd/input/values/number.h"
#include "policy/base/buf.h"
#include "policy/image/reference.h"
#include "policy/json/reader.h"

size_t moor_shape_offset(const struct moor_shape_context *context, struct moor_slice json)
{
    return (size_t)(json.ptr - context->shaped->document->text.ptr) - context->shaped->base;
}

int moor_shape_scalar(struct moor_shape_scalar *out, const struct moor_shape_context *context,
                      struct moor_slice json)
{
    char room[MOOR_VALUES_NUMBER_MAX];
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, json);
    enum moor_json_event event = moor_json_next(&reader, &token);
    *out = (struct moor_shape_scalar){.is_text = event == MOOR_JSON_STRING,
                                      .offset = moor_shape_offset(context, json)};
    if (event == MOOR_JSON_STRING) {
        return moor_json_token_text(&token, context->arena, &out->text, context->err);
    }
    return event == MOOR_JSON_NUMBER
               ? moor_arena_copy(context->arena, &out->text,
                                 moor_values_number_render(room, token.raw), context->err)
               : 0;
}

/* Reads the members `names` of the object `json` into `out`, in the order of the names. */
int moor_shape_members(struct moor_shape_scalar *out, const struct moor_shape_context *context,
                       struct moor_slice json, const char *const *names, size_t count)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice value;
    memset(out, 0, count * sizeof *out);
    moor_json_reader_init(&reader, json);
    if (moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return 0;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        size_t i = 0;
        while (i < count && !moor_json_token_is(&token, moor_slice_from(names[i]))) {
            i++;
        }
        if (moor_json_skip(&reader, &value) != 0) {
            return 0;
        }
        /* The last one of duplicate members wins, as in the JSON decoder of Go. */
        if (i < count && moor_shape_scalar(&out[i], context, value) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Returns the member `name` of the mapping that contains the value; empty if absent or null. */
int moor_shape_beside(struct moor_slice *out, const struct moor_shape_context *context,
                      const char *name)
{
    struct moor_lookup found = {0};
    *out = (struct moor_slice){0};
    if (moor_lookup_find(&found, context->shaped->selected->parent, name, context->arena,
                         context->err) != 0) {
        return -1;
    }
    if (found.count > 0 && !moor_slice_is(found.items[0].json, "null")) {
        *out = found.items[0].json;
    }
    return 0;
}

int moor_shape_join(struct moor_slice *out, struct moor_slice left, const char *between,
                    struct moor_slice right, const struct moor_shape_context *context)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)2 * MOOR_REFERENCE_MAX_BYTES);
    moor_buf_append(&text, left);
    moor_buf_append_text(&text, between);
    moor_buf_append(&text, right);
    int status = text.failed
                     ? moor_error_set(context->err, MOOR_ERROR_LIMIT,
                                      "an image is longer than any reference")
                     : moor_arena_copy(context->arena, out, moor_buf_slice(&text), context->err);
    moor_buf_release(&text);
    return status;
}
