/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/fold.h"
#include "policy/base/array_size.h"
#include "policy/base/ascii.h"

/* Returns the first letter of `text` in lower case, and its number of bytes in `*len`. */
static char take_letter(struct moor_slice text, size_t *len)
{
    static const struct {
        struct moor_slice bytes;
        char letter;
    } others[] = {{{"\xc5\xbf", 2}, 's'}, {{"\xe2\x84\xaa", 3}, 'k'}};

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(others); i++) {
        if (moor_slice_starts_with(text, others[i].bytes)) {
            *len = others[i].bytes.len;
            return others[i].letter;
        }
    }
    *len = 1;
    return moor_ascii_lower(text.ptr[0]);
}

bool moor_fold_equal(struct moor_slice key, struct moor_slice name)
{
    size_t at = 0;
    for (size_t i = 0; i < name.len; i++) {
        size_t len = 0;
        if (at == key.len ||
            take_letter(moor_slice_sub(key, at, key.len), &len) != moor_ascii_lower(name.ptr[i])) {
            return false;
        }
        at += len;
    }
    return at == key.len;
}
