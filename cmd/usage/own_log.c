/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/usage/own_log.h"

#include "cmd/audit/member.h"
#include "policy/base/array_size.h"
#include "policy/base/timestamp.h"
#include "policy/json/reader.h"

/* A member with a text, and where it goes. */
struct text {
    struct moor_slice *out;
    const char *name;
};

static int read_texts(const struct text *texts, size_t count, struct moor_slice object,
                      struct moor_arena *arena, struct moor_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (moor_member_text(texts[i].out, object, texts[i].name, arena, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The log writes the sequence number first. */
struct moor_slice moor_own_log_find(struct moor_slice line)
{
    static const struct moor_slice start = {"{\"sequence\":", sizeof "{\"sequence\":" - 1};
    struct moor_slice head = moor_slice_sub(line, 0, MOOR_OWN_LOG_MAX_PREFIX);
    const char *at = head.len > 0 ? memmem(head.ptr, head.len, start.ptr, start.len) : NULL;
    return at != NULL ? moor_slice_sub(line, (size_t)(at - line.ptr), line.len)
                      : (struct moor_slice){0};
}

int moor_own_log_read(struct moor_own_log_review *out, struct moor_slice object,
                      struct moor_arena *arena, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_slice message = {0};
    struct moor_slice time = {0};
    *out = (struct moor_own_log_review){0};
    moor_json_reader_init(&reader, object);
    if (moor_json_skip(&reader, NULL) != 0) {
        return moor_error_set(err, reader.error.code, "%s", reader.error.text);
    }
    const struct text texts[] = {
        {&message, "msg"},    {&time, "time"},
        {&out->user, "user"}, {&out->namespace, "namespace"},
        {&out->kind, "kind"}, {&out->name, "name"},
    };
    if (read_texts(texts, MOOR_ARRAY_SIZE(texts), object, arena, err) != 0) {
        return -1;
    }
    if (!moor_slice_is(message, "review")) {
        return 0;
    }
    out->exemptions = moor_member_find(object, "exemptions");
    out->images = moor_member_find(object, "images");
    return moor_timestamp_parse(&out->time, time, err) == 0 ? 1 : -1;
}

int moor_own_log_image(struct moor_own_log_image *out, struct moor_slice item,
                       struct moor_arena *arena, struct moor_error *err)
{
    *out = (struct moor_own_log_image){0};
    const struct text texts[] = {{&out->container, "container"},
                                 {&out->image, "image"},
                                 {&out->decision, "decision"},
                                 {&out->origin, "origin"}};
    return read_texts(texts, MOOR_ARRAY_SIZE(texts), item, arena, err);
}
