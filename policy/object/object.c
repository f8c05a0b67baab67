/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/object.h"

void moor_object_append_path(struct moor_buf *out, const struct moor_object_image *image)
{
    moor_buf_append(out, image->where);
    if (image->index != MOOR_OBJECT_NO_INDEX) {
        moor_buf_append_byte(out, '[');
        moor_buf_append_u64(out, image->index);
        moor_buf_append_byte(out, ']');
    }
}
