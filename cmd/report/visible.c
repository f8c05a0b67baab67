/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/visible.h"

#include "policy/base/escape.h"

void moor_visible_write(FILE *out, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    (void)fwrite(shown.ptr != NULL ? shown.ptr : "", 1, shown.len, out);
    moor_buf_release(&scratch);
}

unsigned moor_visible_width(struct moor_slice text)
{
    struct moor_buf scratch;
    unsigned width = 0;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    for (size_t i = 0; i < shown.len; i++) {
        width += ((unsigned char)shown.ptr[i] & 0xC0U) != 0x80U;
    }
    moor_buf_release(&scratch);
    return width;
}
