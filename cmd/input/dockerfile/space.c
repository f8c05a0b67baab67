/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/dockerfile/space.h"

#include "policy/base/array_size.h"

/* The longest character of the table below, in bytes. */
#define LONGEST 3

size_t moor_dockerfile_space(struct moor_slice text, size_t at)
{
    /*
     * The characters beyond ASCII that unicode.IsSpace() of Go accepts, by which BuildKit splits
     * and trims.
     */
    static const char *const wide[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
        "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
        "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
    if (at >= text.len) {
        return 0;
    }
    if ((unsigned char)text.ptr[at] < 0x80) {
        return text.ptr[at] == ' ' || (text.ptr[at] >= '\t' && text.ptr[at] <= '\r') ? 1 : 0;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(wide); i++) {
        struct moor_slice space = moor_slice_from(wide[i]);
        if (moor_slice_starts_with(moor_slice_sub(text, at, text.len), space)) {
            return space.len;
        }
    }
    return 0;
}

struct moor_slice moor_dockerfile_trim_start(struct moor_slice text)
{
    size_t at = 0;
    size_t len = 0;
    while ((len = moor_dockerfile_space(text, at)) > 0) {
        at += len;
    }
    return moor_slice_sub(text, at, text.len);
}

struct moor_slice moor_dockerfile_trim(struct moor_slice text)
{
    struct moor_slice trimmed = moor_dockerfile_trim_start(text);
    /* A character has up to three bytes, so its start is looked for from the end. */
    for (size_t back = 1; back <= LONGEST && back <= trimmed.len; back++) {
        if (moor_dockerfile_space(trimmed, trimmed.len - back) == back) {
            trimmed.len -= back;
            back = 0;
        }
    }
    return trimmed;
}
