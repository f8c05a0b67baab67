/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/values.h"

#include "policy/base/buf.h"
#include "policy/base/utf8.h"

json_t *moor_report_text(struct moor_slice text)
{
    json_t *value = json_stringn(text.ptr != NULL ? text.ptr : "", text.len);
    if (value != NULL) {
        return value;
    }
    struct moor_buf clean;
    moor_buf_init(&clean, text.len);
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        size_t len = moor_utf8_length(at, end);
        moor_buf_append(&clean, len > 0 ? (struct moor_slice){at, len} : MOOR_SLICE("?"));
        at += len > 0 ? len : 1;
    }
    value = json_stringn(clean.ptr, clean.len);
    moor_buf_release(&clean);
    return value;
}

void moor_report_set(json_t *object, const char *key, struct moor_slice text)
{
    if (text.len > 0) {
        (void)json_object_set_new(object, key, moor_report_text(text));
    }
}

void moor_report_set_number(json_t *object, const char *key, size_t number)
{
    (void)json_object_set_new(object, key, json_integer((json_int_t)number));
}

void moor_report_write_value(FILE *out, json_t *value)
{
    (void)json_dumpf(value, out, JSON_COMPACT);
    json_decref(value);
}
