/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/unwrap.h"

#include "cmd/audit/member.h"
#include "cmd/audit/unwrap_gke.h"
#include "policy/base/array_size.h"
#include "policy/json/reader.h"

/* The caller's part of moor_unwrap_line(). */
struct context {
    struct moor_arena *arena;
    moor_unwrap_take *take;
    void *context;
    struct moor_error *err;
};

/* Passes the text of a member.  Returns 1 if the object has none of this name. */
static int pass_member(const struct context *context, struct moor_slice object, const char *name)
{
    struct moor_slice text = {0};
    if (moor_member_text(&text, object, name, context->arena, context->err) != 0) {
        return -1;
    }
    return text.ptr == NULL ? 1 : context->take(context->context, text, context->err);
}

static int pass_eks(const struct context *context, struct moor_slice object)
{
    int status = pass_member(context, object, "message");
    /* An export of CloudWatch has `message`, while a result of a query has `@message`. */
    status = status == 1 ? pass_member(context, object, "@message") : status;
    return status == 1 ? context->take(context->context, object, context->err) : status;
}

static int pass_aks(const struct context *context, struct moor_slice object)
{
    struct moor_slice properties = moor_member_find(object, "properties");
    int status = pass_member(context, properties, "log");
    /* An export has `properties.log`, while a result of a query has the column `log_s`. */
    status = status == 1 ? pass_member(context, object, "log_s") : status;
    return status == 1 ? context->take(context->context, object, context->err) : status;
}

static int pass_gke(const struct context *context, struct moor_slice object)
{
    struct moor_slice event = {0};
    if (moor_unwrap_gke(&event, object, context->arena, context->err) != 0) {
        return -1;
    }
    return context->take(context->context, event, context->err);
}

/* Passes each object of a list.  An error in one of them does not hide the others. */
static int pass_items(const struct context *context, struct moor_slice list,
                      int (*pass)(const struct context *context, struct moor_slice object))
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    int status = 0;
    moor_json_reader_init(&reader, list);
    (void)moor_json_next(&reader, &token);
    while (moor_json_skip(&reader, &item) == 0) {
        status = pass(context, item) != 0 ? -1 : status;
    }
    return status;
}

/* The formats: the lists of items in a line, and how an item contains an event. */
static const struct {
    const char *lists[2];
    int (*pass)(const struct context *context, struct moor_slice object);
} formats[] = {
    [MOOR_UNWRAP_NONE] = {{NULL}, NULL},
    [MOOR_UNWRAP_EKS] = {{"logEvents", "events"}, pass_eks},
    [MOOR_UNWRAP_GKE] = {{NULL}, pass_gke},
    [MOOR_UNWRAP_AKS] = {{"records"}, pass_aks},
};

int moor_unwrap_line(enum moor_unwrap format, struct moor_slice line, struct moor_arena *arena,
                     moor_unwrap_take *take, void *context, struct moor_error *err)
{
    const struct context own = {.arena = arena, .take = take, .context = context, .err = err};
    if (formats[format].pass == NULL) {
        return take(context, line, err);
    }
    /* Members are searched in valid JSON only, so that the search itself cannot fail. */
    const char *brace = line.len > 0 ? memchr(line.ptr, '{', line.len) : NULL;
    /* In an export to S3, a time precedes the object. */
    struct moor_slice object =
        moor_slice_sub(line, brace != NULL ? (size_t)(brace - line.ptr) : 0, line.len);
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, object);
    if (moor_json_skip(&reader, NULL) != 0) {
        return take(context, object, err);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(formats[format].lists); i++) {
        struct moor_slice list = moor_member_find(object, formats[format].lists[i]);
        if (list.len > 0 && list.ptr[0] == '[') {
            return pass_items(&own, list, formats[format].pass);
        }
    }
    return formats[format].pass(&own, object);
}
