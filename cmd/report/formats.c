/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/formats.h"
#include "policy/base/array_size.h"

#define ROW(name) &moor_report_format_##name,

/* The order is that of --help and of the man page.  The first format is the default. */
static const struct moor_report_format *const formats[] = {MOOR_REPORT_FORMATS(ROW)};

/* NOLINTNEXTLINE(bugprone-sizeof-expression): the items are pointers */
static const size_t format_count = MOOR_ARRAY_SIZE(formats);

const struct moor_report_format *moor_report_formats_at(size_t index)
{
    return index < format_count ? formats[index] : NULL;
}

const char *moor_report_formats_name_at(size_t index, const char **description)
{
    const struct moor_report_format *format = moor_report_formats_at(index);
    *description = format != NULL ? format->description : NULL;
    return format != NULL ? format->name : NULL;
}

const struct moor_report_format *moor_report_formats_find(struct moor_slice name)
{
    for (size_t i = 0; i < format_count; i++) {
        if (moor_slice_is(name, formats[i]->name)) {
            return formats[i];
        }
    }
    return NULL;
}

void moor_report_formats_append_names(struct moor_buf *out)
{
    for (size_t i = 0; i < format_count; i++) {
        moor_buf_append_text(out, i == 0 ? "" : i + 1 < format_count ? ", " : " or ");
        moor_buf_append_text(out, formats[i]->name);
    }
}
