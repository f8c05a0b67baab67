/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference_text - what several tests of image references share.
 */
#ifndef MOOR_TESTS_UNIT_REFERENCE_TEXT_H
#define MOOR_TESTS_UNIT_REFERENCE_TEXT_H

#include "tests/unit/test.h"

#include "policy/image/reference.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static inline void assert_slices_equal(struct moor_slice actual, struct moor_slice wanted)
{
    if (!moor_slice_equal(actual, wanted)) {
        print_error("\"%.*s\" is not \"%.*s\"\n", MOOR_SLICE_ARGS(actual), MOOR_SLICE_ARGS(wanted));
        fail();
    }
}

/* Upstream's canonical name, which keeps the registry as it is written. */
static inline void append_upstream_name(struct moor_buf *out, const struct moor_reference *found)
{
    moor_buf_append(out, found->domain);
    moor_buf_append_text(out, found->domain.len > 0 ? "/" : "");
    moor_buf_append_text(out, found->implies_library ? "library/" : "");
    moor_buf_append(out, found->path);
}

#endif
