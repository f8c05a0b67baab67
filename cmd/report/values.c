/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/values.h"

#include "policy/base/escape.h"

json_t *moor_report_text(struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    json_t *value = json_stringn_nocheck(shown.ptr != NULL ? shown.ptr : "", shown.len);
    moor_buf_release(&scratch);
    return value;
}

void moor_report_set(json_t *object, const char *key, struct moor_slice text)
{
    if (text.len > 0) {
        (void)json_object_set_new(object, key, moor_report_text(text));
    }
}

void moor_report_count_name(json_t *object, struct moor_slice name, size_t number)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, name, name.len);
    (void)json_object_setn_new_nocheck(object, shown.ptr, shown.len,
                                       json_integer((json_int_t)number));
    moor_buf_release(&scratch);
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
