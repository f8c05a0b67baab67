/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/visible.h"

#include "policy/message.h"

void moor_visible_write(FILE *out, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_message_escaped(&scratch, text, text.len);
    (void)fwrite(shown.ptr != NULL ? shown.ptr : "", 1, shown.len, out);
    moor_buf_release(&scratch);
}
