/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/formats.h"

#define ROW(name) &moor_report_format_##name,

/* The order is that of --help and of the man page.  The first format is the default. */
static const struct moor_report_format *const common[] = {MOOR_REPORT_FORMATS(ROW) NULL};
static const struct moor_report_format *const of_clusters[] = {MOOR_REPORT_FORMATS_OF_CLUSTERS(ROW)
                                                                   NULL};

enum {
    /* The terminating NULL, which the trailing comma of the rows needs, is no format. */
    COMMON_COUNT = sizeof common / sizeof(void *) - 1,
    SCAN_COUNT = COMMON_COUNT + sizeof of_clusters / sizeof(void *) - 1
};

const struct moor_report_format *moor_report_formats_at(size_t index)
{
    return index < COMMON_COUNT ? common[index] : NULL;
}

const struct moor_report_format *moor_report_formats_of_scan_at(size_t index)
{
    return index >= COMMON_COUNT && index < SCAN_COUNT ? of_clusters[index - COMMON_COUNT]
                                                       : moor_report_formats_at(index);
}

static const char *name_of(const struct moor_report_format *format, const char **description)
{
    *description = format != NULL ? format->description : NULL;
    return format != NULL ? format->name : NULL;
}

const char *moor_report_formats_name_at(size_t index, const char **description)
{
    return name_of(moor_report_formats_at(index), description);
}

const char *moor_report_formats_of_scan_name_at(size_t index, const char **description)
{
    return name_of(moor_report_formats_of_scan_at(index), description);
}

const struct moor_report_format *moor_report_formats_find(moor_report_formats_function *at,
                                                          struct moor_slice name)
{
    for (size_t i = 0; at(i) != NULL; i++) {
        if (moor_slice_is(name, at(i)->name)) {
            return at(i);
        }
    }
    return NULL;
}

void moor_report_formats_append_names(struct moor_buf *out, moor_report_formats_function *at)
{
    for (size_t i = 0; at(i) != NULL; i++) {
        moor_buf_append_text(out, i == 0 ? "" : at(i + 1) != NULL ? ", " : " or ");
        moor_buf_append_text(out, at(i)->name);
    }
}
